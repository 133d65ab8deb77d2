"""What `emit()` takes for a picture, and what it says to do about what is none."""

from __future__ import annotations

import re

import numpy as np
import pytest

from reactor_runtime.errors import OutputError
from reactor_runtime.media.outputs import check_picture


@pytest.mark.parametrize("shape", [(4, 6, 3), (1, 1, 3), (2, 4, 6, 3)])
def test_pictures_and_batches_pass(shape):
    picture = np.zeros(shape, np.uint8)
    assert check_picture(picture, "here") is picture


@pytest.mark.parametrize(
    ("array", "rest"),
    [
        (np.full((4, 6, 3), 0.5), "got dtype float64, shape (4, 6, 3)"),
        (np.full((4, 6, 3), 2.0, np.float32), "got dtype float32, shape (4, 6, 3)"),
        (np.full((3, 4, 6), 0.5, np.float16), "got dtype float16, shape (3, 4, 6)"),
        (np.zeros((3, 4, 6), np.uint8), "got dtype uint8, shape (3, 4, 6)"),
        (np.full((2, 3, 4, 6), 0.5), "got dtype float64, shape (2, 3, 4, 6)"),
        (np.zeros((4, 6), np.uint8), "got dtype uint8, shape (4, 6)"),
        (np.full((4, 6), 0.5), "got dtype float64, shape (4, 6)"),
        (np.zeros((4, 6, 1), np.uint8), "got dtype uint8, shape (4, 6, 1)"),
        (np.zeros((4, 6, 4), np.uint8), "got dtype uint8, shape (4, 6, 4)"),
        (np.zeros((4, 6, 3), np.int64), "got dtype int64, shape (4, 6, 3)"),
    ],
)
def test_what_is_nearly_a_picture_is_told_how_to_become_one(array, rest):
    with pytest.raises(OutputError, match=re.escape(rest)) as caught:
        check_picture(array, "emit(): track 'main_video'")
    remedy = str(caught.value).partition("; give ")[2]
    made = eval(remedy, {"np": np, "x": array})
    assert check_picture(made, "the remedy") is made
    assert made.shape[-3:] == (4, 6, 3)
    if array.dtype == np.float64:
        assert set(np.unique(made)) == {127}


@pytest.mark.parametrize("array", [np.zeros((4, 6, 2), np.uint8), np.zeros(5, np.uint8), np.zeros((1, 2, 3, 4, 5))])
def test_what_is_far_from_one_is_only_refused(array):
    with pytest.raises(OutputError, match="got dtype") as caught:
        check_picture(array, "here")
    assert "give" not in str(caught.value)
