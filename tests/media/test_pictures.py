"""What `emit()` takes for a picture, what becomes of it, and what it says to do about what is none."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from reactor_runtime.errors import OutputError
from reactor_runtime.interface.inputs import InputFrame
from reactor_runtime.media import floats, frames, pixels
from reactor_runtime.media.floats import FORMATS, WIDENED_FLOAT16, bytes_from_floats
from reactor_runtime.media.frames import picture_from_rgb
from reactor_runtime.media.pictures import check_picture

from .reference import differ, levels

DTYPES = ["uint8", "float16", "float32", "float64"]
SHAPES = [(4, 6, 3), (3, 4, 6), (2, 4, 6, 3), (2, 3, 4, 6), (1, 5, 7, 3), (1, 1, 3), (3, 1, 1), (1, 3, 1, 9), (3, 9, 1)]


@pytest.fixture(params=["OpenCV", "numpy alone"])
def by(request, monkeypatch):
    if request.param == "numpy alone":
        monkeypatch.setattr(floats, "cv2", None)
        monkeypatch.setattr(frames, "cv2", None)


def values(shape, dtype="float32"):
    """Values in range, with both ends among them."""
    random = np.random.default_rng(1)
    if dtype == "uint8":
        return random.integers(0, 256, shape, np.uint8)
    made = random.random(shape)
    made.flat[0], made.flat[-1] = 0, 1
    return made.astype(dtype)


def batch(array):
    """The same as `(N, H, W, 3)`."""
    array = array if array.ndim == 4 else array[None]
    return array if array.shape[-1] == 3 else array.transpose(0, 2, 3, 1)


@pytest.mark.usefixtures("by")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_each_dtype_in_each_layout(shape, dtype):
    array = values(shape, dtype)
    before = array.copy()
    checked = check_picture(array, "here")
    assert (checked.batched, checked.length) == (len(shape) == 4, shape[0] if len(shape) == 4 else 1)
    assert differ(checked.pictures(), batch(array)) <= (0 if dtype == "uint8" else 1)
    assert checked.nans == 0
    assert (array == before).all()


@pytest.mark.usefixtures("by")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(lambda x: x[:, ::-1], id="mirrored"),
        pytest.param(lambda x: x[::-1], id="upside down"),
        pytest.param(lambda x: x[..., ::-1], id="BGR"),
        pytest.param(lambda x: x[::-1, ::-1, ::-1], id="all backwards"),
        pytest.param(lambda x: x[1:-1, 2:-1], id="cut out"),
        pytest.param(lambda x: x[::2, ::3], id="every other"),
        pytest.param(np.asfortranarray, id="Fortran order"),
        pytest.param(lambda x: x.transpose(1, 0, 2), id="turned"),
        pytest.param(lambda x: x.transpose(2, 0, 1), id="channels first, in the order of channels last"),
        pytest.param(lambda x: np.ascontiguousarray(x.transpose(2, 0, 1)).transpose(1, 2, 0), id="planes, seen last"),
        pytest.param(lambda x: np.ascontiguousarray(x.transpose(2, 0, 1))[:, 1:-1, 2:-1], id="planes, cut out"),
        pytest.param(lambda x: np.ascontiguousarray(x.transpose(2, 0, 1))[:, ::-1], id="planes, upside down"),
        pytest.param(lambda x: np.broadcast_to(x[..., :1], x.shape), id="one channel three times"),
        pytest.param(lambda x: np.broadcast_to(x[:1, :1], x.shape), id="one pixel everywhere"),
        pytest.param(lambda x: np.concatenate([x, x[..., :1]], axis=-1)[..., :3], id="without alpha"),
        pytest.param(lambda x: x.view(np.memmap), id="a subclass"),
    ],
)
def test_memory_in_any_order(seen, dtype):
    array = seen(values((8, 12, 3), dtype))
    assert differ(check_picture(array, "here").pictures(), batch(np.asarray(array))) <= (0 if dtype == "uint8" else 1)


def test_memory_that_cannot_be_written():
    array = values((4, 6, 3))
    array.flags.writeable = False
    assert differ(check_picture(array, "here").pictures(), array[None]) <= 1


@pytest.mark.parametrize("shape", [(3, 5, 3), (3, 3, 3), (3, 3, 4, 3), (2, 3, 3, 3)])
def test_where_both_layouts_fit_the_last_axis_is_that_of_the_colours(shape):
    array = values(shape, "uint8")
    assert differ(check_picture(array, "here").pictures(), array if len(shape) == 4 else array[None]) == 0


@pytest.mark.usefixtures("by")
@pytest.mark.parametrize("dtype", DTYPES[1:])
@pytest.mark.parametrize("shape", [(2, 4, 6, 3), (2, 3, 4, 6)])
def test_what_is_out_of_range_is_clamped_and_what_is_no_number_counted(shape, dtype):
    array = values(shape, dtype)
    array[0, 0, 0, :3] = [-0.5, 1.5, -0.0]
    array[1, 0, 1, :3] = [np.inf, -np.inf, 60_000]
    checked = check_picture(array, "here")
    assert differ(checked.pictures(), batch(array)) <= 1
    assert checked.nans == 0
    array[0, 1, 1, :3] = [np.nan, -np.nan, 0.5]
    array[1, 2, 0, :3] = np.nan
    assert differ(checked.pictures(), batch(array)) <= 1
    assert checked.nans == 5


def as_float64(bits, name):
    """The floats that `bits` are, without their format."""
    if name == "bfloat16":
        return (bits.view(np.uint16).astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    return bits.view(name).astype(np.float64)


@pytest.mark.usefixtures("by")
@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data())
def test_any_bits_of_any_float(name, data):
    form = FORMATS[name]
    bits = data.draw(arrays.arrays(form.bits, arrays.array_shapes(max_dims=3, max_side=5)))
    made, nans = bytes_from_floats(bits, form)
    with np.errstate(invalid="ignore"):
        meant = as_float64(bits, name)
    assert made.shape == bits.shape
    assert np.abs(made - levels(meant)).max() <= 1
    assert nans == np.isnan(meant).sum()


@pytest.mark.usefixtures("by")
@pytest.mark.parametrize(
    ("name", "form"),
    [("float16", FORMATS["float16"]), ("float16", WIDENED_FLOAT16), ("bfloat16", FORMATS["bfloat16"])],
    ids=["float16", "float16, widened", "bfloat16"],
)
def test_all_there_are_of_the_small_floats(name, form):
    bits = np.arange(65536, dtype=np.uint16).view(np.int16)
    with np.errstate(invalid="ignore"):
        meant = as_float64(bits, name)
    made, nans = bytes_from_floats(bits, form)
    assert np.abs(made - levels(meant)).max() <= 1
    assert nans == np.isnan(meant).sum() > 0


@pytest.mark.usefixtures("by")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5, 6, 8, 3), (5, 3, 6, 8)])
def test_a_batch_is_converted_in_parts(shape, dtype, monkeypatch):
    array = values(shape, dtype)
    monkeypatch.setattr(pixels, "_AT_ONCE", 2 * array[0].nbytes)
    if dtype != "uint8":
        array[0, 0, 0, 0] = array[-1, -1, -1, -1] = np.nan
    checked = check_picture(array, "here")
    assert differ(checked.pictures(), batch(array)) <= (0 if dtype == "uint8" else 1)
    assert checked.nans == (0 if dtype == "uint8" else 2)


def test_nothing_is_copied_before_the_conversion_and_nothing_is_kept_after_it():
    array = np.zeros((4, 6, 3), np.float32)
    checked = check_picture(array, "here")
    array[:] = 1
    (picture,) = checked.pictures()
    array[:] = 0
    assert (picture.rgb() == 255).all()


def test_a_received_frame_is_a_picture():
    rgb = values((4, 6, 3), "uint8")
    checked = check_picture(InputFrame(picture_from_rgb(rgb)), "here")
    assert differ(checked.pictures(), rgb[None]) == 0


@pytest.mark.parametrize(
    ("array", "rest", "remedy"),
    [
        (np.zeros((4, 6), np.uint8), "got dtype uint8, shape (4, 6)", "np.repeat(x[..., None], 3, axis=-1)"),
        (np.full((4, 6), 0.5), "got dtype float64, shape (4, 6)", "np.repeat(x[..., None], 3, axis=-1)"),
        (np.zeros((4, 6, 1), np.uint8), "got dtype uint8, shape (4, 6, 1)", "np.repeat(x, 3, axis=-1)"),
        (np.zeros((1, 4, 6), np.uint8), "got dtype uint8, shape (1, 4, 6)", "np.repeat(x, 3, axis=-3)"),
        (np.zeros((2, 1, 4, 6)), "got dtype float64, shape (2, 1, 4, 6)", "np.repeat(x, 3, axis=-3)"),
        (np.zeros((4, 6, 4), np.uint8), "got dtype uint8, shape (4, 6, 4)", "x[..., :3]"),
        (np.zeros((4, 4, 6), np.uint8), "got dtype uint8, shape (4, 4, 6)", "x[..., :3, :, :]"),
        (np.zeros((4, 6, 3), np.int64), "got dtype int64, shape (4, 6, 3)", "x.astype(np.uint8)"),
        (np.zeros((4, 6, 3), np.uint16), "got dtype uint16, shape (4, 6, 3)", "x.astype(np.uint8)"),
        (np.zeros((4, 6, 3), bool), "got dtype bool, shape (4, 6, 3)", "255 * x.astype(np.uint8)"),
        (np.zeros((4, 6), bool), "got dtype bool", "np.repeat(255 * x.astype(np.uint8)[..., None], 3, axis=-1)"),
        (np.zeros((4, 6, 3), ">f4"), "got dtype >f4, shape (4, 6, 3)", "x.astype(np.float32)"),
        (np.zeros((3, 5, 4, 6)), "got dtype float64, shape (3, 5, 4, 6)", "x.swapaxes(0, 1)"),
        (np.zeros((1, 5, 3, 4, 6)), "got dtype float64, shape (1, 5, 3, 4, 6)", "x[0]"),
        (np.zeros((1, 3, 5, 4, 6)), "got dtype float64, shape (1, 3, 5, 4, 6)", "x[0].swapaxes(0, 1)"),
    ],
)
def test_what_is_nearly_a_picture_is_told_how_to_become_one(array, rest, remedy):
    with pytest.raises(OutputError, match=re.escape(rest)) as caught:
        check_picture(array, "emit(): track 'main_video'")
    assert str(caught.value).startswith("emit(): track 'main_video': pictures are ")
    assert str(caught.value).endswith(f"; give {remedy}")
    made = check_picture(eval(remedy, {"np": np, "x": array}), "the remedy").pictures()
    assert {(picture.height, picture.width) for picture in made} == {(4, 6)}


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 6, 2), np.uint8),
        np.zeros(5, np.uint8),
        np.zeros((), np.uint8),
        np.zeros((2, 2, 3, 4, 5)),
        np.zeros((0, 6, 3), np.uint8),
        np.zeros((0, 4, 6, 3)),
        np.zeros((3, 4, 0), np.float32),
        np.zeros((0, 6), np.uint8),
        np.zeros((4, 6, 3), complex),
        np.zeros((4, 6, 3), object),
        np.zeros((4, 6, 3), "U1"),
    ],
)
def test_what_is_far_from_one_is_only_refused(array):
    with pytest.raises(OutputError, match=re.escape(f"got dtype {array.dtype.name}, shape {array.shape}")) as caught:
        check_picture(array, "here")
    assert "give" not in str(caught.value)


def of(library, name, **attributes):
    """An object of a class that another library has."""
    return type(name, (), {"__module__": library, **attributes})()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (3, "here: a int is no picture; give a numpy array or a torch tensor (H, W, 3)"),
        (b"", "here: a bytes is no picture; give a numpy array or a torch tensor (H, W, 3)"),
        ([[0]], "here: a list is no picture; give np.stack(x), if it holds the frames of a batch"),
        (of("PIL.Image", "Image"), 'here: a Image is no picture; give np.asarray(x.convert("RGB"))'),
        (of("jaxlib._jax", "ArrayImpl", __array__=None), "here: a ArrayImpl is no picture; give np.asarray(x)"),
        (
            of("cupy", "ndarray", __array__=None),
            "here: a ndarray is no picture; give torch.from_dlpack(x), which stays on its GPU, or x.get()",
        ),
    ],
)
def test_what_is_no_array(value, said):
    with pytest.raises(OutputError, match=re.escape(said) + "$"):
        check_picture(value, "here")


def test_torch_is_not_imported_for_arrays():
    source = (
        "import sys, numpy, reactor_runtime\n"
        "from reactor_runtime.media.pictures import check_picture\n"
        "check_picture(numpy.zeros((4, 6, 3), numpy.float32), 'here').pictures()\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", source], timeout=60, check=False).returncode == 0
