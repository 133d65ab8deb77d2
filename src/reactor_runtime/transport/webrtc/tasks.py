"""Tasks that somebody owns."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from ...counters import Counters

_log = logging.getLogger(__name__)


class Tasks:
    """The tasks of one owner, which ends them with `close()`. A task that fails is logged and counted."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run `work` beside the caller."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._counters.add("transport.faults")
            _log.error("%s failed", task.get_name(), exc_info=error)

    async def settled(self) -> None:
        """Wait until all have ended by themselves."""
        while self._running:
            await asyncio.wait(self._running)

    async def close(self) -> None:
        """Cancel all and wait until they have ended. Not for a task of this owner."""
        for task in self._running:
            task.cancel()
        await self.settled()
