"""The checked pictures of one video track, and how those in arrays are converted."""

from __future__ import annotations

from typing import Any, Protocol

from numpy.typing import NDArray

from .floats import FloatFormat, as_floats, bytes_from_floats
from .frames import Picture, memory_order, pictures_from_rgb
from .ranges import Few, grid

_QUICK = 1 << 20
"""Bytes that are copied, as they lie, within 0.1 ms. To hand them to another thread takes 0.3 ms of both."""
_AT_ONCE = 8 << 20
"""Bytes of a batch that are converted together: few calls, and not much memory."""


class Pixels(Protocol):
    """The checked pictures of one track, not converted yet.

    Attributes:
        length: how many frames; 1 for a single picture.
        batched: whether they were given as a batch, which one frame can be too.
        nans: how many of their values were NaN. Known once `pictures` has returned.
        quick: whether `pictures` takes less time than to hand it to another thread.
        look: set to have `few` filled.
        few: some of their values, where they are floats. Known once `pictures` has returned.
    """

    length: int
    batched: bool
    nans: int
    quick: bool
    look: bool
    few: Few | None

    def pictures(self) -> list[Picture]:
        """Convert them, in order. For a worker: most of it is done with the GIL released."""
        ...


class ArrayPixels:
    """Pictures in the computer's own memory.

    Args:
        array: three or four axes; uint8, or floats seen as the integers of `form`.
        form: which floats they are.
        channels_last: whether the colours are the last axis.
    """

    def __init__(self, array: NDArray[Any], form: FloatFormat | None, *, channels_last: bool) -> None:
        self.batched = array.ndim == 4
        self.nans = 0
        self.look = False
        self.few: Few | None = None
        self._form = form
        self._frames = array if self.batched else array[None]
        if not channels_last:
            self._frames = self._frames.transpose(0, 2, 3, 1)
        self.length = len(self._frames)
        self.quick = form is None and array.flags.c_contiguous and channels_last and array.nbytes <= _QUICK

    def pictures(self) -> list[Picture]:
        self.nans = 0
        if self.look and self._form is not None:
            frames, rows, columns = grid(*self._frames.shape[:3])
            self.few = as_floats(self._frames[frames, rows, columns], self._form)
        at_once = max(1, _AT_ONCE // self._frames[0].nbytes)
        return [
            picture
            for start in range(0, self.length, at_once)
            for picture in self._converted(self._frames[start : start + at_once])
        ]

    def _converted(self, frames: NDArray[Any]) -> list[Picture]:
        if self._form is None:
            return pictures_from_rgb(frames)
        array, planar = memory_order(frames)
        levels, nans = bytes_from_floats(array, self._form)
        self.nans += nans
        return pictures_from_rgb(levels.transpose(0, 2, 3, 1) if planar else levels, owned=True)
