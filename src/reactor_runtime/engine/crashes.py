"""How often `run()` has failed of late."""

from __future__ import annotations

from collections import deque


class Crashes:
    """Counts those within a window.

    Args:
        window: its length, in seconds.
    """

    def __init__(self, window: float) -> None:
        self._window = window
        self._times: deque[float] = deque()

    def add(self, now: float) -> int:
        """One more; returns how many there are within the window."""
        self._times.append(now)
        while self._times[0] < now - self._window:
            self._times.popleft()
        return len(self._times)
