"""A picture as encoders take it: a plane of brightness, and two of colour at half its width and height."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .opencv import cv2


def even(number: int) -> int:
    """The same, or one more: encoders take pixels in pairs."""
    return number + number % 2


def to_i420(pixels: NDArray[np.uint8], planes: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """Convert to I420, BT.601 in the limited range: Y, then U, then V, row by row. With the GIL released.

    Args:
        pixels: `(height, width, 3)` RGB or `(height, width, 4)` BGRA; where height or width is odd, the last row or
            column is doubled.
        planes: what to write to, a contiguous `(even(height) * 3 / 2, even(width))` uint8 array; a new one without it.
    """
    height, width, colours = pixels.shape
    if height % 2 or width % 2:
        pixels = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), "edge")
    if cv2 is not None:
        code = cv2.COLOR_RGB2YUV_I420 if colours == 3 else cv2.COLOR_BGRA2YUV_I420
        return np.asarray(cv2.cvtColor(pixels, code, dst=planes), np.uint8)
    import av

    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgb24" if colours == 3 else "bgra")
    converted = frame.reformat(format="yuv420p", dst_colorspace="ITU601", dst_color_range="MPEG").to_ndarray()
    if planes is None:
        return converted
    np.copyto(planes, converted)
    return planes


def smaller(planes: NDArray[np.uint8], width: int, height: int, divisor: int) -> tuple[NDArray[np.uint8], int, int]:
    """I420 of `width` x `height` pixels, both even, at a fraction of both: new planes, and their width and height."""
    small_width, small_height = width // divisor // 2 * 2, height // divisor // 2 * 2
    small = np.empty(small_width * small_height * 3 // 2, np.uint8)
    flat = planes.reshape(-1)
    at = to = 0
    for part in (1, 2, 2):
        rows, columns = height // part, width // part
        small_rows, small_columns = small_height // part, small_width // part
        plane = flat[at : at + rows * columns].reshape(rows, columns)
        space = small[to : to + small_rows * small_columns].reshape(small_rows, small_columns)
        if cv2 is not None:
            cv2.resize(plane, (small_columns, small_rows), dst=space, interpolation=cv2.INTER_AREA)
        else:
            space[:] = plane[::divisor, ::divisor][:small_rows, :small_columns]
        at, to = at + rows * columns, to + small_rows * small_columns
    return small.reshape(small_height * 3 // 2, small_width), small_width, small_height
