"""What the bench draws is what it reads."""

import time

import numpy as np
import pytest

from bench.drawing import BLOCK, COLOURS, Bars
from bench.picture import read_row


@pytest.mark.parametrize(("width", "height"), [(640, 360), (1280, 720)])
def test_a_picture_tells_its_number_its_time_and_its_mark(width: int, height: int) -> None:
    bars = Bars(width, height)
    bars.draw(0)
    before = int(time.time() * 1000)
    picture = bars.draw(0xDEADBEEF)
    after = int(time.time() * 1000)
    assert picture.shape == (height, width, 3)
    assert read_row(picture, 0) == 2
    assert before & 0xFFFFFFFF <= read_row(picture, 1) <= after & 0xFFFFFFFF
    assert read_row(picture, 2) == 0xDEADBEEF


def test_bars_move_four_pixels_a_frame_and_each_picture_is_an_array_of_its_own() -> None:
    bars = Bars(640, 360)
    first, second = bars.draw(0), bars.draw(0)
    below = 3 * BLOCK
    assert np.array_equal(second[below:], np.roll(first[below:], 4, axis=1))
    assert not np.array_equal(second[below:], first[below:])
    assert not np.shares_memory(first, second)
    assert {tuple(int(c) for c in pixel) for pixel in first[below]} == set(COLOURS)
