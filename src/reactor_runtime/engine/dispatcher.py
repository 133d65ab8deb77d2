"""One dispatcher: commands and lifecycle hooks in arrival order, one at a time, on the model's loop.

It runs at the await points of `run()` only; `settle` makes such a point of `emit()` and `send()`. Nothing is
dispatched inside a handler's own `send` or `emit`, so nothing can wait for itself.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Generator, Hashable
from typing import Any, Protocol

from ..clock import Clock
from .sides import enter_dispatcher, on_run_side

logger = logging.getLogger("reactor.dispatcher")


class Item(Protocol):
    """Something to be done on the model's loop in its turn."""

    @property
    def label(self) -> str:
        """What the log calls it."""
        ...

    @property
    def key(self) -> Hashable | None:
        """Items of one key collapse to the newest; None for those that never do."""
        ...

    @property
    def bounded(self) -> bool:
        """Whether it counts against the bound: commands do, hooks do not (connections bound them)."""
        ...

    async def perform(self) -> None:
        """Do it. Raises nothing."""
        ...

    def supersede(self) -> None:
        """A newer one with the same key waits: this one is not performed."""
        ...


class Dispatcher:
    """The queue and its turn. `submit`, `waiting_since` and `busy_with` may be used from any thread.

    Args:
        loop: the model's loop.
        clock: the time.
        bound: how many bounded items may wait.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock, bound: int) -> None:
        self._loop = loop
        self._clock = clock
        self._bound = bound
        self._lock = threading.Lock()
        self._queue: deque[tuple[float, Item]] = deque()
        self._bounded = 0
        self._keys: Counter[Hashable] = Counter()
        self._current: tuple[float, Item] | None = None
        self._suspended = False
        self._over = False
        self._awake: asyncio.Future[None] | None = None
        self._settlers: list[asyncio.Future[None]] = []

    def submit(self, item: Item) -> bool:
        """Queue an item; False if it is a bounded one and there is no room."""
        with self._lock:
            if item.bounded:
                if self._bounded >= self._bound:
                    return False
                self._bounded += 1
            if item.key is not None:
                self._keys[item.key] += 1
            self._queue.append((self._clock.now(), item))
        try:
            self._loop.call_soon_threadsafe(self._wake)
        except RuntimeError:  # the model's loop has been closed: the process is ending
            logger.debug("an item came after the model's loop had closed")
        return True

    def waiting_since(self) -> float | None:
        """When the oldest waiting or running item came; None while there is none."""
        with self._lock:
            if self._current is not None:
                return self._current[0]
            return self._queue[0][0] if self._queue else None

    def busy_with(self) -> Item | None:
        """The item that has begun, suspended and not finished yet."""
        current = self._current
        return current[1] if current is not None and self._suspended else None

    async def run(self) -> None:
        """Perform items for ever; to be cancelled."""
        enter_dispatcher()
        try:
            while True:
                item = self._next()
                if item is None:
                    self._release()
                    self._awake = self._loop.create_future()
                    if not self._queue:
                        await self._awake
                    self._awake = None
                    continue
                await _Watched(item.perform(), self._on_suspend)
                self._suspended = False
                self._current = None
        finally:
            self._over = True
            self._release()

    async def settle(self) -> None:
        """Let what is queued run, up to the first handler that suspends. On the handler side, nothing."""
        if not on_run_side():
            return
        while self._queue and not self._suspended and not self._over:
            settled: asyncio.Future[None] = self._loop.create_future()
            self._settlers.append(settled)
            self._wake()
            await settled

    def _next(self) -> Item | None:
        while True:
            with self._lock:
                if not self._queue:
                    return None
                came, item = self._queue.popleft()
                if item.bounded:
                    self._bounded -= 1
                newer = False
                if item.key is not None:
                    self._keys[item.key] -= 1
                    newer = self._keys[item.key] > 0
                    if not newer:
                        del self._keys[item.key]
                if not newer:
                    self._current = (came, item)
            if not newer:
                return item
            item.supersede()

    def _on_suspend(self) -> None:
        self._suspended = True
        self._release()

    def _release(self) -> None:
        settlers, self._settlers = self._settlers, []
        for settler in settlers:
            if not settler.done():
                settler.set_result(None)

    def _wake(self) -> None:
        if self._awake is not None and not self._awake.done():
            self._awake.set_result(None)


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
