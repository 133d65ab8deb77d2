"""`self.connected`: set while clients are connected, and never so that `run()` misses an edge.

A client that leaves and one that comes within one long step of `run()` are an edge that `run()` has to see, or it goes
on with the state of the one that left. So after `clear()` the next client is announced only once the task that waits at
the gate has seen it closed, or waits again. What other tasks and threads see of it does not count.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from .futures import finish
from .sides import in_dispatcher, on_run_side

logger = logging.getLogger("reactor.gate")

PATIENCE = 2
"""So many `emit`s that did not look, and the edge is given up."""


class Gate:
    """The gate; all of it on the model's loop.

    Args:
        settle: lets queued commands run, as every await point of `run()` does.
        entering: called when the run side begins to wait.
        passed: called when the run side passes `wait()`.
        longest: how long, in seconds, an edge may go unseen before it is given up.
    """

    def __init__(
        self,
        settle: Callable[[], Awaitable[None]],
        entering: Callable[[], None],
        passed: Callable[[], None],
        longest: float,
    ) -> None:
        self._settle = settle
        self._entering = entering
        self._passed = passed
        self._longest = longest
        self._set = False
        self._waiters: list[asyncio.Future[None]] = []
        self._looker: asyncio.Task[Any] | None = None
        self._edge: asyncio.Future[None] | None = None
        self._unseen = 0

    @property
    def edge_pending(self) -> bool:
        """Whether the last client has left and the run side has not noticed."""
        return self._edge is not None and not self._edge.done()

    def is_set(self) -> bool:
        if not self._set and self._looker is not None and _current_task() is self._looker:
            self.see()
        return self._set

    async def wait(self) -> None:
        if in_dispatcher() and not self._set:
            raise RuntimeError(
                "self.connected.wait() in a handler or hook can never return: the gate opens only after it has "
                "finished. Wait in run(), or in a task of your own"
            )
        run_side = on_run_side()
        if run_side:
            self._looker = asyncio.current_task()
            self._entering()
            await self._settle()
            if not self._set:
                self.see()
        while not self._set:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            finally:
                self._waiters.remove(waiter)
            if run_side and not self._set:
                self.see()
        if run_side:
            self._passed()

    def set(self) -> None:
        """Open the gate for `run()`."""
        self._set = True
        for waiter in self._waiters:
            finish(waiter)

    def clear(self) -> None:
        """The last client left."""
        self._set = False
        self._unseen = 0
        waiting = any(not waiter.done() for waiter in self._waiters)
        if self._looker is not None and not waiting and not self.edge_pending:
            self._edge = asyncio.get_running_loop().create_future()

    def see(self) -> None:
        """The edge has been seen, or nobody is there to see it."""
        if self._edge is not None:
            finish(self._edge)

    def emitted(self) -> None:
        """The run side emits without having looked."""
        if not self.edge_pending:
            return
        self._unseen += 1
        if self._unseen >= PATIENCE:
            self._give_up(f"emitted {PATIENCE} times")

    async def edge_seen(self) -> None:
        """Return once the last `clear()` has been seen."""
        if self._edge is not None:
            try:
                async with asyncio.timeout(self._longest):
                    await asyncio.shield(self._edge)
            except TimeoutError:
                self._give_up(f"gone on for {self._longest:g} s")
            self._edge = None

    def _give_up(self, what: str) -> None:
        logger.warning(
            "run() has %s without looking at self.connected since the last client left; the next client is let in "
            "all the same. Loop on `while self.connected.is_set()`",
            what,
        )
        self._looker = None  # until it waits again, there is no use in waiting for it
        self.see()

    def forget(self) -> None:
        """`run()` has ended: nobody is left to miss an edge."""
        self.see()
        self._looker = None


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # a thread of the author's
        return None
