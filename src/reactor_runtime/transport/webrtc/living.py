"""Connections until the media engine has closed them.

It closes one when nothing refers to it any more, which may be on a thread of its own, a moment after the last answer it
gave. As it does so it calls back; a callback that finds Python at its end aborts the process.
"""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable
from functools import partial


class Living:
    """Which there are. From any thread.

    It has no lock of its own: Python may free a connection at any call, also of who holds a lock, and waits there for a
    callback, which would wait for the lock.
    """

    def __init__(self) -> None:
        self._connections: set[object] = set()
        self._waiting = False
        self._ends: queue.SimpleQueue[None] = queue.SimpleQueue()
        """One entry for each end while somebody waits."""

    def begin(self) -> Callable[[], None]:
        """There is one more; what is returned is to be called when it is closed."""
        one = object()
        self._connections.add(one)
        return partial(self._end, one)

    def _end(self, one: object) -> None:
        self._connections.discard(one)
        if self._waiting:
            self._ends.put(None)

    def wait(self, seconds: float) -> int:
        """Wait until all are closed, for so long at most; returns how many are not."""
        self._waiting = True
        until = time.monotonic() + seconds
        while self._connections and (left := until - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                self._ends.get(timeout=left)
        return len(self._connections)
