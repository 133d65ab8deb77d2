"""One frame in the pixels an encoder takes, and the ways from and to arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .opencv import cv2


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame as the media engine takes and gives it.

    Attributes:
        width, height: in pixels.
        bgra: `height * width * 4` bytes, rows from the top, B G R A.
        user_data: what travels with it: the frame's metadata as compact JSON; empty where it has none.
    """

    width: int
    height: int
    bgra: bytes
    user_data: bytes = b""

    @property
    def nbytes(self) -> int:
        return len(self.bgra)

    def rgb(self) -> NDArray[np.uint8]:
        """The picture as a new `(height, width, 3)` uint8 RGB array."""
        pixels = np.frombuffer(self.bgra, np.uint8).reshape(self.height, self.width, 4)
        if cv2 is not None:
            return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGB), np.uint8)
        return np.ascontiguousarray(pixels[..., 2::-1])


def picture_from_rgb(rgb: NDArray[np.uint8]) -> Picture:
    """Convert one `(height, width, 3)` uint8 RGB array; the array is free afterwards."""
    return pictures_from_rgb(rgb[None])[0]


def pictures_from_rgb(frames: NDArray[np.uint8]) -> list[Picture]:
    """Convert `(n, height, width, 3)` uint8 RGB; the array is free afterwards.

    Fast where they lie in memory row by row, RGB or BGR seen backwards, or plane by plane; else they are copied first.
    The work is done with the GIL released where OpenCV is present, and in few calls: each time it has to be had again,
    a busy thread of the author's may keep it for 5 ms.
    """
    _, height, width, _ = frames.shape
    bgra = _by_opencv(frames) if cv2 is not None else _by_numpy(frames)
    return [Picture(width, height, pixels.tobytes()) for pixels in bgra]


def memory_order(frames: NDArray[Any]) -> tuple[NDArray[Any], bool]:
    """An `(n, height, width, 3)` array as it lies in memory, or nearly so: contiguous, copied only where it is not.

    Returns:
        The array, and whether that is `(n, 3, height, width)`.
    """
    if frames.strides[2] == frames.itemsize:
        return np.ascontiguousarray(frames.transpose(0, 3, 1, 2)), True
    return np.ascontiguousarray(frames), False


def _by_opencv(frames: NDArray[np.uint8]) -> Iterable[NDArray[np.uint8]]:
    count, height, width, _ = frames.shape
    array, code = frames[..., ::-1], cv2.COLOR_BGR2BGRA
    if not array.flags.c_contiguous:  # it is not what OpenCV itself made, turned to RGB
        (array, planar), code = memory_order(frames), cv2.COLOR_RGB2BGRA
        if planar:
            opaque = np.full((height, width), 255, np.uint8)
            return [np.asarray(cv2.merge([blue, green, red, opaque]), np.uint8) for red, green, blue in array]
    tall = cv2.cvtColor(array.reshape(count * height, width, 3), code)  # all at once, as one picture
    return np.asarray(tall, np.uint8).reshape(count, height, width, 4)


def _by_numpy(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    bgra = np.empty((*frames.shape[:3], 4), np.uint8)
    bgra[..., 0], bgra[..., 1], bgra[..., 2] = frames[..., 2], frames[..., 1], frames[..., 0]
    bgra[..., 3] = 255
    return bgra


def black(width: int, height: int) -> Picture:
    """A black picture of the given size."""
    return Picture(width, height, b"\x00\x00\x00\xff" * (width * height))
