"""What a picture has to look like: the same in float64, by numpy alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reactor_runtime.media.frames import Picture


def levels(values: NDArray) -> NDArray[np.float64]:
    """0 to 255 for uint8, or for floats in 0 to 1: clamped, NaN as 0."""
    wide = values.astype(np.float64)
    return wide if values.dtype == np.uint8 else np.rint(np.clip(np.nan_to_num(wide, nan=0.0), 0, 1) * 255)


def differ(pictures: list[Picture], frames: NDArray) -> float:
    """By how much the worst value of `pictures` differs from `(N, H, W, 3)` values; alpha has to be 255."""
    assert len(pictures) == len(frames)
    worst = 0.0
    for picture, frame in zip(pictures, frames, strict=True):
        assert (picture.height, picture.width) == frame.shape[:2]
        bgra = np.frombuffer(picture.bgra, np.uint8).reshape(*frame.shape[:2], 4)
        assert (bgra[..., 3] == 255).all()
        worst = max(worst, float(np.abs(bgra[..., 2::-1] - levels(frame)).max()))
    return worst
