"""Torch tensors as pictures: on the CPU wherever torch is installed, on a CUDA device where there is one."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from reactor_runtime.errors import OutputError
from reactor_runtime.interface import Output, ReactorModel, Video
from reactor_runtime.media.pictures import check_picture
from reactor_runtime.testing import Harness

from .reference import differ

torch = pytest.importorskip("torch", reason="torch is not installed; `sh scripts/setup.sh torch` gets a CPU build")
from reactor_runtime.media import tensors  # noqa: E402
from reactor_runtime.media.tensors import _side_stream, colours_first, paint, unpack  # noqa: E402

DTYPES = [torch.uint8, torch.float16, torch.bfloat16, torch.float32, torch.float64]
SHAPES = [(4, 6, 3), (3, 4, 6), (2, 4, 6, 3), (2, 3, 4, 6), (1, 3, 5, 7), (1, 1, 3), (3, 1, 1), (2, 3, 9, 1)]
CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
CHANNELS_LAST = torch.channels_last


def values(shape, dtype=torch.float32):
    """Values in range, with both ends among them."""
    random = torch.Generator().manual_seed(1)
    if dtype == torch.uint8:
        return torch.randint(0, 256, shape, dtype=dtype, generator=random)
    made = torch.rand(shape, dtype=torch.float64, generator=random)
    made.view(-1)[0], made.view(-1)[-1] = 0, 1
    return made.to(dtype)


def wild(shape, dtype):
    """Values out of range, five of them NaN. Any float dtype."""
    made = values(shape, torch.float64) * 3 - 1
    flat = made.view(-1)
    flat[3:8] = torch.tensor([torch.nan, -torch.nan, torch.inf, -torch.inf, -0.0])
    flat[-4:-1] = torch.nan
    return made.to(dtype)


def batch(tensor):
    """The same as a `(N, H, W, 3)` array, floats as float64."""
    array = tensor.detach().cpu()
    array = array.numpy() if tensor.dtype == torch.uint8 else array.double().numpy()
    array = array if array.ndim == 4 else array[None]
    return array if array.shape[-1] == 3 else array.transpose(0, 2, 3, 1)


def bound(dtype):
    return 0 if dtype == torch.uint8 else 1


def painted(tensor):
    """The way of a CUDA device, without one: what a device does, done where the tensor is."""
    planes = colours_first(tensor, channels_last=tensor.shape[-1] == 3)
    return unpack(paint(planes), planes.shape)[:2]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", SHAPES)
def test_each_dtype_in_each_layout(shape, dtype):
    tensor = values(shape, dtype)
    before = tensor.clone()
    pixels = check_picture(tensor, "here")
    assert (pixels.batched, pixels.length) == (len(shape) == 4, shape[0] if len(shape) == 4 else 1)
    assert differ(pixels.pictures(), batch(tensor)) <= bound(dtype)
    assert pixels.nans == 0
    pictures, nans = painted(tensor)
    assert differ(pictures, batch(tensor)) <= bound(dtype)
    assert nans == 0
    assert tensor.equal(before)


@pytest.mark.parametrize("dtype", DTYPES[1:], ids=str)
@pytest.mark.parametrize("shape", SHAPES[:4])
def test_what_is_out_of_range_is_clamped_and_what_is_no_number_counted(shape, dtype):
    tensor = wild(shape, dtype)
    pixels = check_picture(tensor, "here")
    assert differ(pixels.pictures(), batch(tensor)) <= 1
    assert pixels.nans == 5
    pictures, nans = painted(tensor)
    assert differ(pictures, batch(tensor)) <= 1
    assert nans == 5


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_batch_is_painted_in_parts(dtype, monkeypatch):
    tensor = values((5, 3, 6, 8), dtype) if dtype == torch.uint8 else wild((5, 3, 6, 8), dtype)
    monkeypatch.setattr(tensors, "_AT_ONCE", 2 * tensor[0].numel())
    pictures, nans = painted(tensor)
    assert differ(pictures, batch(tensor)) <= bound(dtype)
    assert nans == (0 if dtype == torch.uint8 else 5)


VIEWS = [
    pytest.param(lambda x: x.permute(2, 0, 1), id="channels first, in the order of channels last"),
    pytest.param(lambda x: x.permute(2, 0, 1)[None].contiguous(memory_format=CHANNELS_LAST), id="channels_last"),
    pytest.param(lambda x: x.permute(2, 0, 1).contiguous()[:, 1:-1, 2:], id="planes, cut out"),
    pytest.param(lambda x: x[1:-1, 2:-1], id="cut out"),
    pytest.param(lambda x: x[::2, ::3], id="every other"),
    pytest.param(lambda x: x.transpose(0, 1), id="turned"),
    pytest.param(lambda x: x[..., :1].expand(-1, -1, 3), id="one channel three times"),
    pytest.param(lambda x: x[..., 0].expand(2, 3, -1, -1), id="one channel as three planes, twice"),
    pytest.param(lambda x: torch.nn.Parameter(x, requires_grad=x.is_floating_point()), id="a parameter"),
    pytest.param(lambda x: torch.cat([x, x])[8:], id="from within a storage"),
]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("seen", VIEWS)
def test_memory_in_any_order(seen, dtype):
    tensor = seen(values((8, 12, 3), dtype))
    assert differ(check_picture(tensor, "here").pictures(), batch(tensor)) <= bound(dtype)
    assert differ(painted(tensor.detach())[0], batch(tensor)) <= bound(dtype)


def test_what_a_gradient_is_kept_for_and_what_knows_of_none():
    tensor = values((4, 6, 3)).requires_grad_() * 0.5
    assert differ(check_picture(tensor, "here").pictures(), batch(tensor)) <= 1
    with torch.inference_mode():
        tensor = values((4, 6, 3), torch.bfloat16)
    pixels = check_picture(tensor, "here")
    assert differ(pixels.pictures(), batch(tensor)) <= 1
    assert differ(painted(tensor)[0], batch(tensor)) <= 1


@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128], ids=str)
def test_numbers_that_are_negated_when_they_are_looked_at(dtype):
    tensor = torch.complex(torch.zeros(4, 6, 3), -values((4, 6, 3))).to(dtype).conj().imag
    assert tensor.is_neg()
    assert differ(check_picture(tensor, "here").pictures(), batch(tensor.resolve_neg())) <= 1


def test_nothing_is_copied_before_the_conversion_and_nothing_is_kept_after_it():
    tensor = torch.zeros(3, 4, 6)
    pixels = check_picture(tensor, "here")
    tensor.fill_(1)
    (picture,) = pixels.pictures()
    tensor.fill_(0)
    assert (picture.rgb() == 255).all()


@pytest.mark.parametrize(
    ("tensor", "rest", "remedy"),
    [
        (torch.zeros(4, 6), "got dtype float32, shape (4, 6)", "x[..., None].repeat_interleave(3, dim=-1)"),
        (torch.zeros(2, 1, 4, 6), "got dtype float32, shape (2, 1, 4, 6)", "x.repeat_interleave(3, dim=-3)"),
        (torch.zeros(4, 6, 1).half(), "got dtype float16, shape (4, 6, 1)", "x.repeat_interleave(3, dim=-1)"),
        (torch.zeros(4, 4, 6).bfloat16(), "got dtype bfloat16, shape (4, 4, 6)", "x[..., :3, :, :]"),
        (torch.zeros(4, 6, 3).bool(), "got dtype bool, shape (4, 6, 3)", "255 * x.to(torch.uint8)"),
        (torch.zeros(4, 6, 3).int(), "got dtype int32, shape (4, 6, 3)", "x.to(torch.uint8)"),
        (
            torch.zeros(4, 6, 3).to(torch.float8_e4m3fn),
            "got dtype float8_e4m3fn, shape (4, 6, 3)",
            "x.float()",
        ),
        (torch.zeros(1, 3, 5, 4, 6), "got dtype float32, shape (1, 3, 5, 4, 6)", "x[0].swapaxes(0, 1)"),
        (torch.zeros(4, 6, 3).to_sparse(), "got dtype float32, shape (4, 6, 3)", "x.to_dense()"),
    ],
)
def test_what_is_nearly_a_picture_is_told_how_to_become_one(tensor, rest, remedy):
    with pytest.raises(OutputError, match=re.escape(rest)) as caught:
        check_picture(tensor, "emit(): track 'main_video'")
    assert str(caught.value).startswith("emit(): track 'main_video': ")
    assert str(caught.value).endswith(f"; give {remedy}")
    made = check_picture(eval(remedy, {"torch": torch, "x": tensor}), "the remedy").pictures()
    assert {(picture.height, picture.width) for picture in made} == {(4, 6)}


@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        (torch.zeros(4, 6, 3, device="meta"), "a tensor on the meta device holds no values; got dtype float32"),
        (torch.zeros(0, 4, 6, 3), "a picture without pixels; got dtype float32, shape (0, 4, 6, 3)"),
        (torch.zeros(4, 6, 3, dtype=torch.complex64), "got dtype complex64, shape (4, 6, 3)"),
        (torch.zeros(()), "got dtype float32, shape ()"),
    ],
)
def test_what_is_far_from_one_is_only_refused(tensor, said):
    with pytest.raises(OutputError, match="here: .*" + re.escape(said)):
        check_picture(tensor, "here")


def test_a_model_emits_tensors():
    class Frame(Output):
        main_video: Video
        depth: Video = None

    class Model(ReactorModel):
        async def run(self):
            grey = torch.empty(2, 3, 4, 6, dtype=torch.float16)
            while True:
                await self.connected.wait()
                grey.fill_(0.5)
                await self.emit(Frame(main_video=grey, depth=torch.ones(8, 8, 3, requires_grad=True)))
                grey.fill_(1)  # it is the author's again

    with Harness(Model) as harness:
        client = harness.connect()
        harness.run(1)
        shown = {
            (frame.track, frame.image.shape, int(frame.image.min()), int(frame.image.max())) for frame in client.frames
        }
        assert shown == {("main_video", (4, 6, 3), 128, 128), ("depth", (8, 8, 3), 255, 255)}


@CUDA
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", SHAPES)
def test_each_dtype_in_each_layout_on_a_device(shape, dtype):
    tensor = values(shape, dtype).cuda()
    pixels = check_picture(tensor, "here")
    assert differ(pixels.pictures(), batch(tensor)) <= bound(dtype)
    assert pixels.nans == 0


@CUDA
@pytest.mark.parametrize("dtype", DTYPES[1:], ids=str)
def test_what_is_no_number_is_counted_on_a_device(dtype):
    tensor = wild((2, 3, 4, 6), dtype).cuda()
    pixels = check_picture(tensor, "here")
    assert differ(pixels.pictures(), batch(tensor)) <= 1
    assert pixels.nans == 5


@CUDA
def test_a_device_is_asked_for_what_the_stream_has_made_by_then():
    stream = torch.cuda.Stream()
    tensor = torch.zeros(3, 512, 512, device="cuda")
    torch.cuda.synchronize()
    with torch.cuda.stream(stream):
        torch.cuda._sleep(100_000_000)  # the value is written long after emit() was called
        tensor.fill_(1)
        pixels = check_picture(tensor, "here")
        (picture,) = pixels.pictures()
        tensor.fill_(0)
    assert (picture.rgb() == 255).all()


@CUDA
def test_the_models_stream_does_not_wait_for_the_conversion():
    tensor = torch.rand(2, 3, 64, 64, device="cuda")
    busy, stepped = torch.cuda.Event(), torch.cuda.Event()
    with torch.cuda.stream(_side_stream(tensor.device)):
        torch.cuda._sleep(2_000_000_000)  # about a second in which no conversion begins
        busy.record()
    with ThreadPoolExecutor(1) as worker:
        converted = worker.submit(check_picture(tensor, "here").pictures)
        (tensor * 2).sum()
        stepped.record()
        stepped.synchronize()
        assert not busy.query()
        assert differ(converted.result(60), batch(tensor)) <= 1


@CUDA
def test_pictures_of_all_sizes_from_two_threads():
    batches = [values((count, 3, 16 * count, 24), torch.float16).cuda() for count in (1, 5, 2, 8, 3) * 8]
    with ThreadPoolExecutor(2) as workers:
        converted = [workers.submit(check_picture(tensor, "here").pictures) for tensor in batches]
        for tensor, pictures in zip(batches, converted, strict=True):
            assert differ(pictures.result(60), batch(tensor)) <= 1
