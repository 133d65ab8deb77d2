"""Connections until the media engine has closed them.

It closes one when nothing refers to it any more, which may be on a thread of its own, a moment after the last answer it
gave. As it does so it calls back; a callback that finds Python at its end aborts the process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial


class Living:
    """Which there are. From any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._connections: set[object] = set()

    def begin(self) -> Callable[[], None]:
        """There is one more; what is returned is to be called when it is closed."""
        one = object()
        with self._changed:
            self._connections.add(one)
        return partial(self._end, one)

    def _end(self, one: object) -> None:
        with self._changed:
            self._connections.discard(one)
            self._changed.notify_all()

    def wait(self, seconds: float) -> int:
        """Wait until all are closed, for so long at most; returns how many are not."""
        with self._changed:
            self._changed.wait_for(lambda: not self._connections, seconds)
            return len(self._connections)
