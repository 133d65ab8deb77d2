"""One dispatcher: commands and lifecycle hooks in arrival order, one at a time, on the model's loop.

It runs at the await points of `run()` only; `settle` makes such a point of `emit()` and `send()`. Nothing is
dispatched inside a handler's own `send` or `emit`, so nothing can wait for itself.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Protocol, cast

from ..clock import Clock
from .futures import finish
from .sides import enter_dispatcher, on_run_side
from .waiting import Waiting, Waits

logger = logging.getLogger("reactor.dispatcher")


class Item(Waits, Protocol):
    """Something to be done on the model's loop in its turn."""

    @property
    def label(self) -> str:
        """What the log calls it."""
        ...

    def perform(self) -> Coroutine[Any, Any, None]:
        """Do it. Raises nothing."""
        ...


class Dispatcher:
    """The queue and its turn. `submit`, `waiting_since` and `busy_with` may be used from any thread.

    Args:
        loop: the model's loop.
        clock: the time.
        bound: how many bounded items may wait.
        each, ahead: of one owner, see `Waiting`.
        patience: how long `settle` lets what is queued run, in seconds.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        bound: int,
        patience: float,
        *,
        each: int | None = None,
        ahead: int | None = None,
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._patience = patience
        self._lock = threading.Lock()
        self._waiting = Waiting(bound, each, ahead)
        self._done = 0
        self._current: tuple[float, Item] | None = None
        self._performing: Coroutine[Any, Any, None] | None = None
        self._suspended = False
        self._over = False
        self._asleep = False
        """Whether the queue was found empty: whoever ends that wakes it. No other has to, which takes a system call."""
        self._awake: asyncio.Future[None] | None = None
        self._settlers: list[tuple[int, float, asyncio.Future[None]]] = []
        self._interrupting = False
        self._stopping = False
        self.task: asyncio.Task[None] | None = None
        """Set by whoever runs it."""

    def submit(self, item: Item) -> bool:
        """Queue an item; False if it is a bounded one and there is no room."""
        with self._lock:
            if not self._waiting.put(item, self._clock.now()):
                return False
            if not self._asleep:
                return True
            self._asleep = False
        try:
            self._loop.call_soon_threadsafe(self._wake)
        except RuntimeError:  # the model's loop has been closed: the process is ending
            logger.debug("an item came after the model's loop had closed")
        return True

    @property
    def depth(self) -> int:
        """How many items wait."""
        return len(self._waiting)

    def discard(self, concerns: Callable[[Waits], bool]) -> None:
        """Take out of the queue what `concerns` says so of: it is not performed. From any thread."""
        with self._lock:
            self._waiting.discard(concerns)

    def waiting_since(self) -> float | None:
        """When the oldest waiting or running item came; None while there is none."""
        with self._lock:
            if self._current is not None:
                return self._current[0]
            return self._waiting.since

    def busy_with(self) -> Item | None:
        """The item that has begun, suspended and not finished yet."""
        current = self._current
        return current[1] if current is not None and self._suspended else None

    @property
    def suspended(self) -> Coroutine[Any, Any, None] | None:
        """What performs the item of `busy_with`. From any thread, to look at."""
        return self._performing if self._suspended else None

    async def run(self) -> None:
        """Perform items for ever; to be cancelled."""
        enter_dispatcher()
        try:
            while True:
                taken = self._next()
                if taken is None:
                    self._awake = self._loop.create_future()
                    if not self._waiting:
                        await self._awake
                    self._awake = None
                    continue
                number, item = taken
                await self._perform(item)
                self._done = max(self._done, number)
                self._release(number)
                # run() has its turn between two items, however many are waiting
                await asyncio.sleep(0)
        finally:
            self._over = True
            self._release(self._waiting.submitted)

    async def _perform(self, item: Item) -> None:
        self._performing = item.perform()
        try:
            await _Watched(self._performing, self._on_suspend)
        except asyncio.CancelledError:
            if self._stopping or not self._interrupting:
                raise
        finally:
            if self._interrupting and self.task is not None:  # also where the item swallowed it
                self._interrupting = False
                self.task.uncancel()
            self._suspended = False
            self._current = self._performing = None

    async def stop(self) -> None:
        """End `run`, and wait for that."""
        self._stopping = True
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    def interrupt(self, concerns: Callable[[Item], bool]) -> None:
        """Cancel the item that has begun and suspended, if `concerns` says so. On the model's loop."""
        item = self.busy_with()
        if item is not None and concerns(item) and self.task is not None:
            logger.warning("%s has not finished with its session; it is cancelled", item.label)
            self._interrupting = True
            self.task.cancel()

    async def settle(self) -> None:
        """Let what is queued now run, up to the first handler that suspends. On the handler side, nothing.

        Where handlers take longer than commands take to come, it ends in time all the same, or `run()` would stand
        still.
        """
        if not on_run_side():
            return
        await asyncio.sleep(0)  # handlers and tasks that wait to go on have their turn, too
        target, until = self._waiting.submitted, self._clock.now() + self._patience
        while self._done < target and not self._suspended and not self._over and self._clock.now() < until:
            settled: asyncio.Future[None] = self._loop.create_future()
            self._settlers.append((target, until, settled))
            self._wake()
            await settled

    def _next(self) -> tuple[int, Item] | None:
        while True:
            with self._lock:
                taken = self._waiting.take()
                if taken is None:
                    self._done = self._waiting.submitted
                    self._asleep = True
                    break
                (number, came, waits), newer = taken
                item = cast(Item, waits)
                if not newer:
                    self._current = (came, item)
            if not newer:
                return number, item
            item.supersede()
        self._release(self._done)
        return None

    def _on_suspend(self) -> None:
        self._suspended = True
        self._release(self._waiting.submitted)

    def _release(self, number: int) -> None:
        if not self._settlers:
            return
        waiting, self._settlers = self._settlers, []
        now = self._clock.now()
        for target, until, settler in waiting:
            if target > number and now < until:
                self._settlers.append((target, until, settler))
            else:
                finish(settler)

    def _wake(self) -> None:
        if self._awake is not None:
            finish(self._awake)


class _Watched:
    """Awaits a coroutine and reports each time it suspends."""

    def __init__(self, coroutine: Awaitable[None], on_suspend: Callable[[], None]) -> None:
        self._coroutine = coroutine
        self._on_suspend = on_suspend

    def __await__(self) -> Generator[Any, Any, None]:
        steps = self._coroutine.__await__()
        thrown: BaseException | None = None
        while True:
            try:
                waited_for = steps.send(None) if thrown is None else steps.throw(thrown)
            except StopIteration:
                return
            thrown = None
            self._on_suspend()
            try:
                yield waited_for
            except BaseException as error:  # handed to the coroutine, whose it is
                thrown = error
