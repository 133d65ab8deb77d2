"""Time for tests: an asyncio loop whose clock jumps to the next timer instead of sleeping."""

from __future__ import annotations

import asyncio
import functools
import heapq
import math
import selectors
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE = 5.0
"""Real seconds after which a loop with nothing to wait for is a deadlock."""

GRACE = 0.05
"""Real seconds that the clock stands still for what happens elsewhere, on another thread or behind a descriptor. What
takes longer takes virtual time, too."""

WORK_PATIENCE = 60.0
"""Real seconds after which work on another thread, with no timer set, is given up."""

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

    Time jumps to the next timer while every task waits for nothing else. Where one waits for work on another thread
    (`asyncio.to_thread`, `run_in_executor`) or for a descriptor (a socket, a pipe), the clock stands still for a moment
    (`GRACE`) and then goes as fast as a real one. Of a thread that the model starts by itself the loop knows nothing.
    """

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(_JumpingSelector(clock, self))
        self.clock = clock
        self.at_work: dict[asyncio.Future[Any], str] = {}
        self._clock_resolution = 1e-9
        self._resting: list[tuple[float, asyncio.Future[None]]] = []

    def time(self) -> float:
        """The clock's time."""
        return self.clock.now()

    # The stub promises a coroutine function's type; what the loop returns is a future, which is awaited alike.
    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """Run `func` on another thread; time does not jump until it has ended."""
        future: asyncio.Future[T] = super().run_in_executor(executor, func, *args)
        called = func.func if isinstance(func, functools.partial) else func
        self.at_work[future] = getattr(args[0] if args else called, "__name__", repr(called))
        future.add_done_callback(lambda done: self.at_work.pop(done, None))
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

    @property
    def grace(self) -> float:
        """Real seconds that the clock stands still for work on other threads."""
        return GRACE

    def overdue(self) -> None:
        """The work on other threads has taken longer than that."""

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
        self._now = clock.now()
        self._stuck = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout == 0:
            return self._turn()
        if self._loop.at_work or len(self.get_map()) > 1:  # one is the loop's own, by which threads wake it
            return self._wait_elsewhere(timeout)
        if self._loop.wake_resting():
            return super().select(0)
        until = self._next(timeout)
        if until is None:
            ready = super().select(PATIENCE)
            if not ready:
                raise AssertionError("nothing will ever happen: every task waits, and no timer is set")
            return ready
        ready = super().select(0)
        if not ready:
            self._clock.advance_to(until)
        return ready

    def _turn(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Something is to be done at this very instant."""
        if self._clock.now() > self._now:
            self._turns = 0
        self._turns += 1
        if self._turns > BUSY:
            self._clock.advance(TURN)
        self._now = self._clock.now()
        self._loop.wake_resting(before=self._now)
        return super().select(0)

    def _next(self, timeout: float | None) -> float | None:
        """When the next timer calls, the loop's or the clock's."""
        timer = self._clock.next_timer()
        # a nanosecond past the loop's own timers: a sum of floats may fall just short of them, for ever
        until = None if timeout is None else self._clock.now() + timeout + 1e-9
        return timer if until is None else until if timer is None else min(timer, until)

    def _wait_elsewhere(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        """Something is waited for that takes real time."""
        ready = super().select(self._loop.grace if self._loop.at_work else GRACE)
        if ready:
            self._stuck = 0.0
            return ready
        self._loop.overdue()
        until = self._next(timeout)
        left = GRACE if until is None else min(until - self._clock.now(), GRACE)
        began = time.monotonic()
        ready = super().select(max(left, 0))
        self._clock.advance(min(time.monotonic() - began, left))
        self._loop.wake_resting(before=self._clock.now())
        self._stuck = 0.0 if ready or until is not None else self._stuck + 2 * GRACE
        if self._stuck > WORK_PATIENCE:
            what = ", ".join(sorted(self._loop.at_work.values())) or "a descriptor"
            raise AssertionError(f"nothing has happened for {WORK_PATIENCE:g} real seconds but waiting for {what}")
        return ready


def run(work: Coroutine[Any, Any, T], clock: VirtualClock) -> T:
    """Run `work` to its end on a loop of its own."""
    loop = VirtualLoop(clock)
    try:
        return loop.run_until_complete(work)
    finally:
        loop.finish()
