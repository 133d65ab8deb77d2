"""Warnings that a client can provoke, at a bounded rate: no client may flood the log."""

from __future__ import annotations

import logging
from collections.abc import Callable

INTERVAL = 10.0
"""At most one warning in so many seconds."""


class Complaints:
    """The warnings about one client. On one thread.

    The first one, and the first after `INTERVAL` seconds of none, is a warning; those between are debug lines, and
    the next warning says how many they were.

    Args:
        logger: where to.
        now: the time in seconds (see `Clock`).
        label: what the log calls the client; it begins each line.
    """

    def __init__(self, logger: logging.Logger, now: Callable[[], float], label: str = "") -> None:
        self._logger = logger
        self._now = now
        self._prefix = f"{label}: " if label else ""
        self._next: float | None = None
        self._kept_back = 0

    def warn(self, text: str) -> None:
        """Log `text`, as a warning where one is due."""
        now = self._now()
        if self._next is not None and now < self._next:
            self._kept_back += 1
            self._logger.debug("%s%s", self._prefix, text)
            return
        more = f" ({self._kept_back} more such lines were left out)" if self._kept_back else ""
        self._logger.warning("%s%s%s", self._prefix, text, more)
        self._next = now + INTERVAL
        self._kept_back = 0
