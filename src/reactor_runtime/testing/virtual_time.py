"""Time for tests: an asyncio loop whose clock jumps to the next timer instead of sleeping."""

from __future__ import annotations

import asyncio
import heapq
import math
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE = 5.0
"""Real seconds after which a loop with nothing to wait for is a deadlock."""

WORK_PATIENCE = 120.0
"""Real seconds that work on another thread (`asyncio.to_thread`) may take; the clock stands still meanwhile."""

BUSY = 10_000
"""So many turns of the loop in one instant, and each further one costs `TURN`."""

TURN = 0.001
"""Seconds. Without it a loop that never waits, such as `while …: await asyncio.sleep(0)`, would stop time."""


class Timer:
    """A call that the clock makes when its time comes, whoever lets time pass."""

    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at = at
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        """Do not call."""
        self.cancelled = True

    def __lt__(self, other: Timer) -> bool:
        return self.at < other.at


class VirtualClock:
    """A `reactor_runtime.clock.Clock` that moves only when told."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._timers: list[Timer] = []

    def now(self) -> float:
        """The time in seconds."""
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


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on a `VirtualClock`.

    Time passes only while every task waits. It stands still while work that the loop knows of runs on another thread
    (`asyncio.to_thread`, `run_in_executor`); of a thread that the model starts by itself the loop knows nothing.
    """

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(_JumpingSelector(clock, self))
        self.clock = clock
        self.at_work: set[asyncio.Future[Any]] = set()
        self._clock_resolution = 1e-9
        self._resting: list[tuple[float, asyncio.Future[None]]] = []

    def time(self) -> float:
        """The clock's time."""
        return self.clock.now()

    # The stub promises a coroutine function's type; what the loop returns is a future, which is awaited alike.
    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """Run `func` on another thread; the clock stands still until it has ended."""
        future: asyncio.Future[T] = super().run_in_executor(executor, func, *args)
        self.at_work.add(future)
        future.add_done_callback(self.at_work.discard)
        return future

    async def rest(self) -> None:
        """Wait until all that can happen at this instant has happened."""
        resting: asyncio.Future[None] = self.create_future()
        self._resting.append((self.time(), resting))
        await resting

    def wake_resting(self, before: float = math.inf) -> bool:
        """Nothing more happens at the instants `before` this one; returns whether anybody had waited for that."""
        over = [future for since, future in self._resting if since < before]
        self._resting = [entry for entry in self._resting if entry[0] >= before]
        for future in over:
            if not future.done():
                future.set_result(None)
        return bool(over)

    def finish(self) -> None:
        """Cancel what still runs, wait for it, and close."""
        self.run_until_complete(self._cancel_all())
        self.run_until_complete(self.shutdown_asyncgens())
        self.run_until_complete(self.shutdown_default_executor())
        self.close()

    async def _cancel_all(self) -> None:
        pending = asyncio.all_tasks(self) - {asyncio.current_task()}
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self, clock: VirtualClock, loop: VirtualLoop) -> None:
        super().__init__()
        self._clock = clock
        self._loop = loop
        self._turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout == 0:
            self._turns += 1
            if self._turns > BUSY:
                self._clock.advance(TURN)
            self._loop.wake_resting(before=self._clock.now())
            return super().select(0)
        if self._loop.at_work:
            return self._wait(WORK_PATIENCE, "work on another thread has not ended within {patience:g} real seconds")
        if self._loop.wake_resting():
            return super().select(0)
        timer = self._clock.next_timer()
        # a nanosecond past the loop's own timers: a sum of floats may fall just short of them, for ever
        until = None if timeout is None else self._clock.now() + timeout + 1e-9
        if timer is not None:  # stop there: what it calls may give the loop something to do
            until = timer if until is None else min(timer, until)
        if until is None:
            return self._wait(PATIENCE, "nothing will ever happen: every task waits, and no timer is set")
        ready = super().select(0)
        if not ready:
            self._turns = 0
            self._clock.advance_to(until)
        return ready

    def _wait(self, patience: float, problem: str) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(patience)
        if not ready:
            raise AssertionError(problem.format(patience=patience))
        return ready


def run(work: Coroutine[Any, Any, T], clock: VirtualClock) -> T:
    """Run `work` to its end on a loop of its own."""
    loop = VirtualLoop(clock)
    try:
        return loop.run_until_complete(work)
    finally:
        loop.finish()
