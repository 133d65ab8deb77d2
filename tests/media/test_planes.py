"""Pictures as encoders take them, against the same in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reactor_runtime.media import planes
from reactor_runtime.media.planes import even, smaller, to_i420

SIZES = [(8, 10), (2, 2), (1, 1), (7, 9), (1, 6), (5, 2), (48, 130), (91, 161), (240, 320)]
"""Heights and widths."""


@pytest.fixture(params=["OpenCV", "PyAV and numpy"], autouse=True)
def by(request, monkeypatch):
    if request.param == "PyAV and numpy":
        monkeypatch.setattr(planes, "cv2", None)
    return request.param


def padded(rgb):
    height, width, _ = rgb.shape
    return np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), "edge")


def reference(rgb):
    """Y of each pixel, U and V of each four, all in float64: BT.601 in the limited range."""
    red, green, blue = np.moveaxis(padded(rgb).astype(np.float64) / 255, 2, 0)
    bright = 16 + 65.481 * red + 128.553 * green + 24.966 * blue
    colours = (
        128 - 37.797 * red - 74.203 * green + 112.0 * blue,
        128 + 112.0 * red - 93.786 * green - 18.214 * blue,
    )
    height, width = bright.shape
    return bright, *(one.reshape(height // 2, 2, width // 2, 2).mean((1, 3)) for one in colours)


def parts(i420, height, width):
    """Y, U and V of I420 that has these sides."""
    assert (i420.dtype, i420.shape, i420.flags.c_contiguous) == (np.uint8, (height * 3 // 2, width), True)
    flat, pixels = i420.reshape(-1).astype(np.float64), height * width
    y, u, v = flat[:pixels], flat[pixels : pixels * 5 // 4], flat[pixels * 5 // 4 :]
    return y.reshape(height, width), u.reshape(height // 2, -1), v.reshape(height // 2, -1)


def noise(height, width):
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


def smooth(height, width, steep=1.0):
    """Colours that change by no more than `steep` levels from pixel to pixel."""
    down, right = np.mgrid[:height, :width].astype(np.float64) * steep
    return np.stack((128 + (down - right) / 2, 255 - down / 2, right / 2), axis=2).clip(0, 255).round().astype(np.uint8)


def bgra(rgb):
    return np.concatenate((rgb[..., ::-1], np.full((*rgb.shape[:2], 1), 7, np.uint8)), axis=2)


def worst(found, wanted):
    return max(float(np.abs(one - other).max()) for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("form", [np.asarray, bgra], ids=["RGB", "BGRA"])
def test_brightness_is_that_of_each_pixel(size, form):
    rgb = noise(*size)
    height, width = map(even, size)
    found = to_i420(form(rgb))
    assert worst(parts(found, height, width)[:1], reference(rgb)[:1]) <= 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("form", [np.asarray, bgra], ids=["RGB", "BGRA"])
def test_colours_are_those_of_the_place(size, form):
    rgb = smooth(*size)
    height, width = map(even, size)
    assert worst(parts(to_i420(form(rgb)), height, width), reference(rgb)) <= 2


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255), (17, 99, 201)])
@pytest.mark.parametrize("form", [np.asarray, bgra], ids=["RGB", "BGRA"])
def test_plain_colours(colour, form):
    rgb = np.full((6, 10, 3), colour, np.uint8)
    assert worst(parts(to_i420(form(rgb)), 6, 10), reference(rgb)) <= 1


@pytest.mark.parametrize("form", [np.asarray, bgra], ids=["RGB", "BGRA"])
@pytest.mark.parametrize("size", [(7, 9), (8, 9), (7, 10)])
def test_of_an_odd_side_the_last_is_doubled(size, form):
    rgb = noise(*size)
    assert (to_i420(form(rgb)) == to_i420(form(padded(rgb)))).all()


@pytest.mark.parametrize("form", [np.asarray, bgra], ids=["RGB", "BGRA"])
@pytest.mark.parametrize("size", [(8, 10), (7, 9)])
def test_it_is_written_to_what_is_given(size, form):
    rgb = noise(*size)
    before = rgb.copy()
    space = np.full((12, 10), 3, np.uint8)
    found = to_i420(form(rgb), space)
    assert np.shares_memory(found, space)
    assert (space == to_i420(form(rgb))).all()
    assert (rgb == before).all()


def test_pictures_that_may_only_be_looked_at():
    rgb = np.frombuffer(noise(8, 10).tobytes(), np.uint8).reshape(8, 10, 3)
    assert (to_i420(rgb) == to_i420(rgb.copy())).all()


@given(st.integers(0, 100_000))
def test_even(number):
    assert even(number) % 2 == 0 and number <= even(number) <= number + 1


# -- smaller ones


@pytest.mark.parametrize("divisor", [1, 2, 4])
@pytest.mark.parametrize("size", [(240, 320), (242, 326), (250, 480), (480, 246)])
def test_smaller_is_the_same_at_a_fraction(size, divisor):
    height, width = size
    made, small_width, small_height = smaller(to_i420(smooth(height, width, 0.25)), width, height, divisor)
    assert (small_width, small_height) == (width // divisor // 2 * 2, height // divisor // 2 * 2)
    down = ((np.arange(small_height) + 0.5) * height / small_height - 0.5).clip(0)
    right = ((np.arange(small_width) + 0.5) * width / small_width - 0.5).clip(0)
    there = smooth(height, width, 0.25)[np.ix_(np.rint(down).astype(int), np.rint(right).astype(int))]
    assert worst(parts(made, small_height, small_width), reference(there)) <= 3


@pytest.mark.parametrize("divisor", [2, 4])
def test_each_pixel_is_the_mean_of_those_it_stands_for_or_the_first(divisor, by):
    height, width = 128, 160
    whole = to_i420(noise(height, width))
    made, small_width, small_height = smaller(whole, width, height, divisor)
    of = [plane.reshape(plane.shape[0] // divisor, divisor, -1, divisor) for plane in parts(whole, height, width)]
    wanted = [plane.mean((1, 3)) if by == "OpenCV" else plane[:, 0, :, 0] for plane in of]
    assert worst(parts(made, small_height, small_width), wanted) <= (0.51 if by == "OpenCV" else 0)


def test_the_same_size_is_the_same():
    whole = to_i420(noise(120, 160))
    made, width, height = smaller(whole, 160, 120, 1)
    assert (width, height) == (160, 120)
    assert (made == whole).all() and not np.shares_memory(made, whole)


@given(st.integers(60, 200), st.integers(60, 200), st.sampled_from([1, 2, 4]))
def test_smaller_of_any_even_size(half_height, half_width, divisor):
    height, width = 2 * half_height, 2 * half_width
    plain = np.full((height * 3 // 2, width), 77, np.uint8)
    made, small_width, small_height = smaller(plain, width, height, divisor)
    assert made.shape == (small_height * 3 // 2, small_width) and (made == 77).all()
    for side, small in ((height, small_height), (width, small_width)):
        assert small % 2 == 0 and side / divisor - 2 < small <= side / divisor
