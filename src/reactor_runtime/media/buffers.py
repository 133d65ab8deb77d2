"""Arrays that are used again once nobody looks at them any more."""

from __future__ import annotations

import math
import sys
import threading

import numpy as np
from numpy.typing import NDArray

_KEPT_BYTES = 64 << 20
_SMALL = 128 << 10
"""Bytes below which memory is not had from the system each time."""


def _references(arrays: list[NDArray[np.uint8]], index: int) -> int:
    return sys.getrefcount(arrays[index])


_FREE = _references([np.empty(0, np.uint8)], 0)
"""What is counted where the list alone refers to an array. Views count, too: each refers to the array it shows."""


class Buffers:
    """Hands out arrays of uint8 to be written to. New memory for each picture costs more than to fill it: the system
    clears every page of it before.

    Args:
        kept_bytes: what is kept at most to be used again; more than that may be in use.
    """

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self._most = kept_bytes
        self._lock = threading.Lock()
        self._arrays: list[NDArray[np.uint8]] = []
        self._bytes = 0

    def take(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """An array that nobody else refers to; what is in it is of no account. It comes back by itself when neither
        it nor a view of it is referred to. From any thread."""
        if math.prod(shape) < _SMALL:
            return np.empty(shape, np.uint8)
        with self._lock:
            arrays = self._arrays
            for index in range(len(arrays)):
                if arrays[index].shape == shape and _references(arrays, index) == _FREE:
                    arrays.append(arrays.pop(index))
                    return arrays[-1]
            new = np.empty(shape, np.uint8)
            self._make_room(new.nbytes)
            if self._bytes + new.nbytes <= self._most:
                arrays.append(new)
                self._bytes += new.nbytes
            return new

    def _make_room(self, wanted: int) -> None:
        """Let the ones go that were not used for longest: pictures have changed their size."""
        index = 0
        while index < len(self._arrays) and self._bytes + wanted > self._most:
            if _references(self._arrays, index) == _FREE:
                self._bytes -= self._arrays.pop(index).nbytes
            else:
                index += 1
