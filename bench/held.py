"""How long a thread is held by what it awaits."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Generator
from typing import Any


class Steps:
    """Awaits something, and adds up what its steps take of the awaiting thread, the waits between them left out.

    Attributes:
        seconds: by the clock: what other threads take from it is in that.
        cpu_seconds: of the thread's own time.
    """

    def __init__(self, awaited: Awaitable[None]) -> None:
        self._awaited = awaited
        self.seconds = self.cpu_seconds = 0.0

    def __await__(self) -> Generator[Any, None, None]:
        steps = self._awaited.__await__()
        while True:
            began, used = time.perf_counter(), time.thread_time()
            try:
                waited_for = next(steps)
            except StopIteration:
                return
            finally:
                self.seconds += time.perf_counter() - began
                self.cpu_seconds += time.thread_time() - used
            yield waited_for
