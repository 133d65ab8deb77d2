"""When each of the last frames was begun, emitted, ready and sent: what figures of latency are made of."""

from __future__ import annotations

import threading
from collections import deque
from typing import NamedTuple


class Moments(NamedTuple):
    """The way of one frame, in seconds of the clock.

    Attributes:
        began: when the step that made it began; None where no step did, as in a handler.
        emitted: when `emit()` was called.
        ready: when it was converted and queued.
        left: when it was handed to the clients.
    """

    began: float | None
    emitted: float
    ready: float
    left: float


class Timeline:
    """The moments of the last `bound` frames that anybody was there to see. From any thread."""

    def __init__(self, bound: int) -> None:
        self._lock = threading.Lock()
        self._kept: deque[Moments] = deque(maxlen=bound)
        self._count = 0

    @property
    def count(self) -> int:
        """How many frames there have been."""
        return self._count

    def add(self, moments: Moments) -> None:
        with self._lock:
            self._kept.append(moments)
            self._count += 1

    def since(self, count: int) -> tuple[list[Moments], int]:
        """The frames after the first `count`, as far as they are kept, and how many there have been."""
        with self._lock:
            new = min(self._count - count, len(self._kept))
            return list(self._kept)[len(self._kept) - new :], self._count
