"""Time for tests: an asyncio loop whose clock jumps to the next timer instead of sleeping."""

from __future__ import annotations

import asyncio
import heapq
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE = 5.0
"""Real seconds after which a loop with nothing to wait for is a deadlock."""


class Timer:
    """A call that the clock makes when its time comes, whoever lets time pass."""

    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at = at
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True

    def __lt__(self, other: Timer) -> bool:
        return self.at < other.at


class VirtualClock:
    """A `reactor_runtime.clock.Clock` that moves only when told."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._timers: list[Timer] = []

    def now(self) -> float:
        return self._now

    def call_at(self, at: float, call: Callable[[], None]) -> Timer:
        """Call when `at` comes."""
        timer = Timer(at, call)
        heapq.heappush(self._timers, timer)
        return timer

    def next_timer(self) -> float | None:
        """When the next timer calls."""
        while self._timers and self._timers[0].cancelled:
            heapq.heappop(self._timers)
        return self._timers[0].at if self._timers else None

    def advance(self, seconds: float) -> None:
        """Let time pass, as a step that blocks does; timers call in passing."""
        self.advance_to(self._now + seconds)

    def advance_to(self, end: float) -> None:
        """Let time pass until `end`, exactly."""
        while (at := self.next_timer()) is not None and at <= end:
            self._now = max(self._now, at)
            heapq.heappop(self._timers).call()
        self._now = max(self._now, end)


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        timer = self._clock.next_timer()
        # a nanosecond past the loop's own timers: a sum of floats may fall just short of them, for ever
        until = None if timeout is None else self._clock.now() + timeout + 1e-9
        if timer is not None:  # stop there: what it calls may give the loop something to do
            until = timer if until is None else min(timer, until)
        if until is None:
            ready = super().select(PATIENCE)
            if not ready:
                raise AssertionError("nothing will ever happen: every task waits, and no timer is set")
            return ready
        ready = super().select(0)
        if not ready:
            self._clock.advance_to(until)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on a `VirtualClock`."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(_JumpingSelector(clock))
        self.clock = clock
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return self.clock.now()


def run(work: Coroutine[Any, Any, T], clock: VirtualClock) -> T:
    """Run `work` to its end on a loop of its own."""
    loop = VirtualLoop(clock)
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(work)
    finally:
        pending = asyncio.all_tasks(loop)
        for task in pending:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        asyncio.set_event_loop(None)
        loop.close()
