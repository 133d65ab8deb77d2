"""The thread that converts what is emitted, while the model's loop does something else."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class _Job(NamedTuple):
    work: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]


class Worker:
    """One thread, begun with the first work. A pool of `concurrent.futures` does the same with a future and a callback
    more on each side, which the model's thread has to pay for with every frame."""

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        """Each is waited for, so there are no more of them than `emit()` calls under way."""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    async def do(self, work: Callable[[], T]) -> T:
        """Do `work` there, in turn, and wait for it here. On one loop."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        if self._thread.ident is None:
            self._thread.start()
        self._jobs.put(_Job(work, loop, done))
        return await done

    def close(self) -> None:
        """Let the thread end, after what it has been given."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            if job.done.cancelled():
                continue
            result = error = None
            try:
                result = job.work()
            except BaseException as raised:  # whoever waits for it sees to it
                error = raised
            try:
                job.loop.call_soon_threadsafe(_settle, job.done, result, error)
            except RuntimeError:  # the loop is closed: nobody waits
                return
            del job, result, error  # frames are not to be kept until the next ones come


def _settle(done: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if done.cancelled():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)
