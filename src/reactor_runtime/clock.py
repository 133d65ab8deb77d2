"""Time, injected: everything that waits or measures takes a `Clock`, so that tests own it."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """A monotonic clock. It must be the clock of the asyncio loops it is used with (`loop.time()`)."""

    def now(self) -> float:
        """The time in seconds, from an arbitrary origin; never runs backwards."""
        ...


class SystemClock:
    """The machine's monotonic clock, which is also asyncio's."""

    def now(self) -> float:
        return time.monotonic()
