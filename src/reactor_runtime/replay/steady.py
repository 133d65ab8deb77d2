"""Time that is the same in each run, whatever the machine does meanwhile."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Executor
from typing import Any, TypeVar

from ..testing.virtual_time import VirtualClock, VirtualLoop

logger = logging.getLogger("reactor.replay")

T = TypeVar("T")

PATIENCE = 120.0
"""Real seconds that the clock stands still for work on another thread."""


class SteadyLoop(VirtualLoop):
    """A virtual loop on which work on other threads takes no time, and ends in one order.

    The clock stands still until all that was handed to `asyncio.to_thread` or `run_in_executor` is done; results come
    when nothing else is left to do at that instant, in the order in which the work was handed over. Work that takes
    longer than `patience` is taken for something that waits: the clock goes on without it, and the log says so.

    Args:
        clock: the time.
        patience: in real seconds.
    """

    def __init__(self, clock: VirtualClock, patience: float = PATIENCE) -> None:
        super().__init__(clock)
        self._patience = patience
        self._held: list[tuple[asyncio.Future[Any], asyncio.Future[Any]]] = []

    def run_in_executor(self, executor: Executor | None, func: Any, *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """Run `func` on another thread."""
        done = super().run_in_executor(executor, func, *args)
        told: asyncio.Future[Any] = self.create_future()
        self._held.append((done, told))
        told.add_done_callback(lambda told: done.cancel() if told.cancelled() else None)
        return told

    def wake_resting(self, before: float = float("inf")) -> bool:
        """Nothing more happens at this instant, or before it: results of other threads come."""
        if before < float("inf"):
            return super().wake_resting(before)
        return self._deliver() or super().wake_resting()

    @property
    def grace(self) -> float:
        return self._patience

    def overdue(self) -> None:
        if self.at_work:
            logger.warning(
                "%s has been at work on another thread for %g s; time goes on without it, and what comes of it may "
                "differ from run to run",
                ", ".join(sorted(self.at_work.values())),
                self._patience,
            )
            self.at_work.clear()

    def _deliver(self) -> bool:
        """Pass on what is done; whether anything was."""
        ready = [(done, told) for done, told in self._held if done.done()]
        self._held = [(done, told) for done, told in self._held if not done.done()]
        for done, told in ready:
            _copy(done, told)
        return bool(ready)


def _copy(done: asyncio.Future[Any], told: asyncio.Future[Any]) -> None:
    if told.cancelled():
        if not done.cancelled():
            done.exception()  # so that nobody complains that it was never looked at
        return
    if done.cancelled():
        told.cancel()
    elif (error := done.exception()) is not None:
        told.set_exception(error)
    else:
        told.set_result(done.result())
