"""What the bench draws is what it reads."""

import time

import numpy as np
import pytest

from bench.drawing import BLOCK, COLOURS, RING, Bars
from bench.picture import read_row


@pytest.mark.parametrize(("width", "height", "natural"), [(640, 360, False), (640, 360, True), (320, 180, False)])
def test_a_picture_tells_its_number_its_time_and_its_mark(width: int, height: int, natural: bool) -> None:
    bars = Bars(width, height, natural=natural)
    bars.draw(0)
    before = int(time.time() * 1000)
    picture = bars.draw(0xDEADBEEF)
    after = int(time.time() * 1000)
    assert picture.shape == (height, width, 3)
    assert read_row(picture, 0) == 2
    assert before & 0xFFFFFFFF <= read_row(picture, 1) <= after & 0xFFFFFFFF
    assert read_row(picture, 2) == 0xDEADBEEF


@pytest.mark.parametrize("natural", [False, True])
def test_bars_move_four_pixels_a_frame(natural: bool) -> None:
    bars = Bars(640, 360, natural=natural)
    first, second = bars.draw(0), bars.draw(0)
    below = 3 * BLOCK
    assert np.array_equal(second[below:], np.roll(first[below:], 4, axis=1))
    assert not np.array_equal(second[below:], first[below:])
    told = {tuple(int(c) for c in pixel) for pixel in first[below]}
    assert told == set(COLOURS) if not natural else len(told) > 4 * len(COLOURS)


def test_a_picture_stays_what_it_was_until_its_array_has_its_turn_again() -> None:
    bars = Bars(640, 360)
    kept = [bars.draw(mark) for mark in range(RING)]
    assert [read_row(picture, 2) for picture in kept] == list(range(RING))
    assert bars.draw(99) is kept[0]


def test_a_picture_that_arrives_smaller_is_read_by_what_it_was_drawn_with() -> None:
    picture = Bars(1280, 720).draw(0xDEADBEEF)
    assert read_row(picture[::2, ::2], 2, 1280) == 0xDEADBEEF


def test_a_batch_is_frames_in_their_order_that_show_one_mark() -> None:
    batch = Bars(640, 360).draw_batch(7, 12)
    assert batch.shape == (12, 360, 640, 3)
    assert [read_row(picture, 0) for picture in batch] == list(range(1, 13))
    assert {read_row(picture, 2) for picture in batch} == {7}
