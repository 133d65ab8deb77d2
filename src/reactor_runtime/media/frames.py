"""One frame, and the ways from and to arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .buffers import Buffers
from .opencv import cv2

_buffers = Buffers()
"""Memory for the frames of all models: there is one in a process."""


class Picture:
    """One frame: as the author gave it, or as the media engine gives it. Made into what the other one takes when that
    is asked for.

    Attributes:
        width, height: in pixels.
        user_data: what travels with it: the frame's metadata as compact JSON; empty where it has none.
    """

    __slots__ = ("_bgra", "_pixels", "height", "user_data", "width")

    def __init__(self, width: int, height: int, bgra: bytes, user_data: bytes = b"") -> None:
        """Args:
        bgra: `height * width * 4` bytes, rows from the top, B G R A.
        """
        self.width = width
        self.height = height
        self.user_data = user_data
        self._bgra: bytes | None = bgra
        self._pixels: NDArray[np.uint8] | None = None

    @classmethod
    def of(cls, rgb: NDArray[np.uint8]) -> Picture:
        """A picture of `(height, width, 3)` uint8 RGB, contiguous, that nobody writes to any more."""
        picture = cls(rgb.shape[1], rgb.shape[0], b"")
        picture._bgra, picture._pixels = None, rgb
        return picture

    def tagged(self, user_data: bytes) -> Picture:
        """The same picture with `user_data`."""
        other = Picture(self.width, self.height, b"", user_data)
        other._bgra, other._pixels = self._bgra, self._pixels
        return other

    @property
    def nbytes(self) -> int:
        """What it holds of the memory."""
        return self.width * self.height * (4 if self._pixels is None else 3)

    @property
    def bgra(self) -> bytes:
        """`height * width * 4` bytes, rows from the top, B G R A."""
        if self._bgra is not None:
            return self._bgra
        assert self._pixels is not None
        if cv2 is not None:
            return np.asarray(cv2.cvtColor(self._pixels, cv2.COLOR_RGB2BGRA)).tobytes()
        opaque = np.full((self.height, self.width, 1), 255, np.uint8)
        return np.concatenate((self._pixels[..., ::-1], opaque), axis=2).tobytes()

    def pixels(self) -> NDArray[np.uint8]:
        """To look at only: `(height, width, 3)` RGB or `(height, width, 4)` BGRA, whichever it has."""
        if self._pixels is not None:
            return self._pixels
        return np.frombuffer(self.bgra, np.uint8).reshape(self.height, self.width, 4)

    def rgb(self) -> NDArray[np.uint8]:
        """The picture as a new `(height, width, 3)` uint8 RGB array."""
        pixels = self.pixels()
        if pixels.shape[2] == 3:
            return pixels.copy()
        if cv2 is not None:
            return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGB), np.uint8)
        return np.ascontiguousarray(pixels[..., 2::-1])


def picture_from_rgb(rgb: NDArray[np.uint8]) -> Picture:
    """Copy one `(height, width, 3)` uint8 RGB array; it is free afterwards."""
    return pictures_from_rgb(rgb[None])[0]


def pictures_from_rgb(frames: NDArray[np.uint8], *, owned: bool = False) -> list[Picture]:
    """Copy `(n, height, width, 3)` uint8 RGB; the array is free afterwards.

    Fast where they lie in memory row by row, RGB or BGR seen backwards, or plane by plane.
    The work is done with the GIL released where OpenCV is present, and in few calls: each time it has to be had again,
    a busy thread of the author's may keep it for 5 ms.

    Args:
        owned: nobody else has the array, or will: it is copied only where its memory is in another order.
    """
    if not (owned and frames.flags.c_contiguous):
        copy = _buffers.take(frames.shape)
        _fill(copy, frames)
        frames = copy
    return [Picture.of(rgb) for rgb in frames]


def _fill(copy: NDArray[np.uint8], frames: NDArray[np.uint8]) -> None:
    backwards = frames[..., ::-1]
    if cv2 is None or frames.flags.c_contiguous:
        np.copyto(copy, frames)
    elif backwards.flags.c_contiguous:  # what OpenCV itself made, turned to RGB: all at once, as one tall picture
        count, height, width, _ = frames.shape
        tall = count * height, width, 3
        cv2.cvtColor(backwards.reshape(tall), cv2.COLOR_BGR2RGB, dst=copy.reshape(tall))
    else:
        array, planar = memory_order(frames)
        if not planar:
            np.copyto(copy, array)
            return
        for rgb, planes in zip(copy, array, strict=True):
            cv2.merge(list(planes), dst=rgb)


def memory_order(frames: NDArray[Any]) -> tuple[NDArray[Any], bool]:
    """An `(n, height, width, 3)` array as it lies in memory, or nearly so: contiguous, copied only where it is not.

    Returns:
        The array, and whether that is `(n, 3, height, width)`.
    """
    if frames.strides[2] == frames.itemsize:
        return np.ascontiguousarray(frames.transpose(0, 3, 1, 2)), True
    return np.ascontiguousarray(frames), False


def black(width: int, height: int) -> Picture:
    """A black picture of the given size."""
    return Picture(width, height, b"\x00\x00\x00\xff" * (width * height))
