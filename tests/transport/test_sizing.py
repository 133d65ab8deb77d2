"""How large pictures are sent for the bits there are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reactor_runtime.transport.webrtc.video.sizing import Sizing

WIDTH, HEIGHT = 1280, 720
PIXELS = WIDTH * HEIGHT


def after(*bits: float) -> int:
    """What is chosen for the last of these, in bits a pixel."""
    sizing = Sizing()
    return [sizing.divisor(WIDTH, HEIGHT, one * PIXELS) for one in bits][-1]


@pytest.mark.parametrize(
    ("bits", "divisor"), [(0.35, 1), (0.0201, 1), (0.0199, 2), (0.00501, 2), (0.00499, 4), (0.0001, 4), (0, 4)]
)
def test_fewer_bits_make_it_smaller_at_once(bits: float, divisor: int) -> None:
    assert after(bits) == divisor
    assert after(0.35, bits) == divisor


def test_it_is_larger_again_only_where_there_are_clearly_enough() -> None:
    assert after(0.0199, 0.0201) == 2
    assert after(0.0199, 0.0269) == 2
    assert after(0.0199, 0.0271) == 1
    assert after(0.0199, 0.0271, 0.0201) == 1
    assert after(0.004, 0.0065) == 4
    assert after(0.004, 0.0069) == 2
    assert after(0.004, 0.35) == 1


def test_between_both_nothing_changes() -> None:
    for begins in (0.35, 0.019):
        sizing = Sizing()
        first = sizing.divisor(WIDTH, HEIGHT, begins * PIXELS)
        assert all(sizing.divisor(WIDTH, HEIGHT, (0.0205, 0.0265)[i % 2] * PIXELS) == first for i in range(100))


@pytest.mark.parametrize(("size", "least"), [((320, 192), 1), ((426, 240), 2), ((480, 480), 4), ((3840, 160), 1)])
def test_small_pictures_stay_as_they_are(size: tuple[int, int], least: int) -> None:
    assert Sizing().divisor(*size, 0) == least


def test_pictures_that_change_their_size() -> None:
    sizing = Sizing()
    assert sizing.divisor(1280, 720, 0) == 4
    assert sizing.divisor(320, 192, 0) == 1
    assert sizing.divisor(1280, 720, 1) == 4


SIDES = st.integers(2, 4000)


@given(SIDES, SIDES, st.lists(st.floats(0, 0.4), min_size=1, max_size=10))
def test_it_is_one_that_leaves_enough_of_the_picture_and_stays(width: int, height: int, bits: list[float]) -> None:
    sizing = Sizing()
    for one in bits:
        found = sizing.divisor(width, height, one * width * height)
        assert found in (1, 2, 4)
        assert found == 1 or min(width, height) // found >= 120
        assert found == 1 or one <= 0.027
        assert sizing.divisor(width, height, one * width * height) == found


@given(st.floats(0, 0.4), st.floats(0, 0.4))
def test_more_bits_never_make_it_smaller(one: float, other: float) -> None:
    assert after(max(one, other)) <= after(min(one, other))
