"""What work costs as its input grows, told apart from how fast the machine is."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable

GROWTH = 4
TOO_MUCH = 10.0
"""Linear work costs `GROWTH` times as much for an input of so many times the size, quadratic work 16 times."""
_REPEATS = 3
_TRIES = 4
_WORTH = 2e-4


def is_linear(work: Callable[[bytes], object], make: Callable[[int], bytes], size: int) -> bool:
    """Whether `work` on `make(size)` costs about in proportion to `size`, in time of this process's CPU.

    A busy machine makes a measurement larger, never smaller: the least of several counts, and the best of some tries.
    """
    small, large = make(size), make(GROWTH * size)
    for _ in range(_TRIES):
        cost = _least(work, large)
        if cost < _WORTH or cost < TOO_MUCH * _least(work, small):
            return True
    return False


def _least(work: Callable[[bytes], object], data: bytes) -> float:
    costs = []
    gc.disable()  # what it costs depends on all that this process holds
    try:
        for _ in range(_REPEATS):
            began = time.thread_time()
            work(data)
            costs.append(time.thread_time() - began)
    finally:
        gc.enable()
    return min(costs)


def peak_bytes(work: Callable[[], object]) -> int:
    """The most memory that `work` takes at a time, as Python knows it."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
