"""The bounded hand-off from the model's thread to the server's loop: messages and answers, in order."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable

from ..counters import Counters
from .futures import finish

logger = logging.getLogger("reactor.outbox")


class Outbox:
    """Calls to be made on the server's loop, in the order they were put.

    Args:
        loop: the server's loop.
        bound: how many messages may wait. Answers always find room: the open requests bound them.
        counters: counts what was dropped.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, bound: int, counters: Counters) -> None:
        self._loop = loop
        self._bound = bound
        self._counters = counters
        self._lock = threading.Lock()
        self._calls: deque[Callable[[], None]] = deque()
        self._scheduled = False
        self._room: list[asyncio.Future[None]] = []

    @property
    def depth(self) -> int:
        """How many calls wait."""
        return len(self._calls)

    @property
    def full(self) -> bool:
        return len(self._calls) >= self._bound

    def put(self, call: Callable[[], None]) -> None:
        """Hand over a call, whether there is room or not."""
        with self._lock:
            self._calls.append(call)
            if self._scheduled:
                return
            self._scheduled = True
        try:
            self._loop.call_soon_threadsafe(self._drain)
        except RuntimeError:  # the server's loop has been closed: nobody is left to tell
            self._counters.add("outbox.closed")

    async def put_when_room(self, call: Callable[[], None], timeout: float) -> bool:
        """Hand over a call as soon as there is room; False after `timeout` seconds without."""
        room: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._lock:
            if not self.full:
                room.set_result(None)
            else:
                self._room.append(room)
        try:
            async with asyncio.timeout(timeout):
                await room
        except TimeoutError:
            self._counters.add("messages.dropped")
            return False
        self.put(call)
        return True

    def put_if_room(self, call: Callable[[], None]) -> bool:
        """Hand over a call; False, and counted, where there is no room."""
        if self.full:
            self._counters.add("messages.dropped")
            return False
        self.put(call)
        return True

    def _drain(self) -> None:
        with self._lock:
            calls, self._calls = self._calls, deque()
            room, self._room = self._room, []
        for waiter in room:
            waiter.get_loop().call_soon_threadsafe(finish, waiter)
        try:
            for call in calls:
                self._make(call)
        finally:
            # Telling the loop from another thread takes that one a system call, and the loop another.
            with self._lock:
                self._scheduled = bool(self._calls)
            if self._scheduled:
                self._loop.call_soon(self._drain)

    def _make(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            self._counters.add("outbox.errors")
            logger.exception("a message or an answer of the model could not be passed on")
