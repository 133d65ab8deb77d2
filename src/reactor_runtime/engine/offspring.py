"""Tasks that the author's code makes: known by what made them, so that new code need not run beside them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

logger = logging.getLogger("reactor.model")


class Offspring:
    """The tasks of one loop that were made within a kind of code, by it or by tasks of its own.

    Args:
        loop: the model's loop; its task factory is wrapped.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._kinds: WeakKeyDictionary[asyncio.Task[Any], str] = WeakKeyDictionary()
        self._make = loop.get_task_factory()
        loop.set_task_factory(self._factory)  # type: ignore[arg-type]  # the stub names a private protocol

    @contextmanager
    def within(self, kind: str) -> Iterator[None]:
        """What the running task makes in here is of `kind`."""
        task = asyncio.current_task()
        assert task is not None
        self._kinds[task] = kind
        try:
            yield
        finally:
            del self._kinds[task]

    async def end(self, kind: str, timeout: float) -> None:
        """Cancel the tasks of a kind, and wait for them for `timeout` seconds."""
        mine = [task for task, its in list(self._kinds.items()) if its == kind and not task.done()]
        for task in mine:
            task.cancel()
        if mine:
            _, pending = await asyncio.wait(mine, timeout=timeout)
            for task in pending:
                logger.warning("%s, which %s had made, goes on although it was cancelled", task.get_name(), kind)

    def _factory(
        self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any
    ) -> asyncio.Future[Any]:
        task = asyncio.Task(work, loop=loop, **options) if self._make is None else self._make(loop, work, **options)
        maker = asyncio.current_task(loop) if asyncio._get_running_loop() is loop else None
        kind = self._kinds.get(maker) if maker is not None else None
        if kind is not None and isinstance(task, asyncio.Task):
            self._kinds[task] = kind
        return task
