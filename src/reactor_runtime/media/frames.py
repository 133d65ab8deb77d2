"""A model's arrays, checked and turned once into the pixels an encoder takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

try:
    import cv2

    # Another OpenCV build that was removed takes files of this one along; what is left imports as an empty package.
    _ = cv2.cvtColor
except (ImportError, AttributeError):  # any OpenCV build does, and none is needed
    cv2 = None  # type: ignore[assignment,unused-ignore]


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame as the media engine takes and gives it.

    Attributes:
        width, height: in pixels.
        bgra: `height * width * 4` bytes, rows from the top, B G R A.
    """

    width: int
    height: int
    bgra: bytes

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
    """Convert one `(height, width, 3)` uint8 RGB array; the array is free afterwards.

    The work is done with the GIL released where OpenCV is present.
    """
    height, width = rgb.shape[:2]
    if cv2 is not None:
        bgra = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2BGRA)
    else:
        bgra = np.empty((height, width, 4), np.uint8)
        bgra[..., 0], bgra[..., 1], bgra[..., 2] = rgb[..., 2], rgb[..., 1], rgb[..., 0]
        bgra[..., 3] = 255
    return Picture(width, height, bgra.tobytes())


def black(width: int, height: int) -> Picture:
    """A black picture of the given size."""
    return Picture(width, height, b"\x00\x00\x00\xff" * (width * height))
