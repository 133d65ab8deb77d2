"""How long a session lives with nobody in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class OrphanTimer:
    """Calls once a session has been without clients for so many seconds. On the server's loop.

    Args:
        loop: the server's.
        seconds: how long that may be.
        over: what is called then.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, over: Callable[[], None]) -> None:
        self._loop = loop
        self._seconds = seconds
        self._over = over
        self._handle: asyncio.TimerHandle | None = None

    def arm(self) -> None:
        """From now on; what has passed before does not count."""
        self.disarm()
        self._handle = self._loop.call_later(self._seconds, self._over)

    def disarm(self) -> None:
        """Somebody is there, or the session is over."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
