"""Messages of one turn of the loop, sent on a channel together.

A send from the loop waits each time for the media engine's network thread. That thread also reports, from inside a
send, that the channel has run empty: whatever is to be sent then goes from there, without a wait. So the loop sends the
first message, and the others follow it.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

import reactor_webrtc as rw

NETWORK_CALLBACKS = True
"""Whether the engine is built with `with_dc_callbacks_on_network_thread`. Elsewhere, the report that a channel has run
empty comes late, when it may be of an earlier message, and the order would be lost."""

_FEW = 3
"""So many messages are worth the question whether the channel is empty, which takes about as long as a send."""
_MOST = 64
"""So many follow at once: the network thread carries the pictures as well."""

_Message: TypeAlias = tuple[bytes, bool]


class Bulk:
    """Sends what it is given, in order. For the server's loop only.

    Args:
        channel: nobody else sends on it.
        refused: called with the error for each message that the channel does not take.
    """

    def __init__(self, channel: rw.DataChannel, refused: Callable[[RuntimeError], None]) -> None:
        self._channel = channel
        self._refused = refused
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Message] = deque()
        self._scheduled = False
        self._turn = threading.Lock()
        """Held while messages are taken. The network thread never waits for it, as its holder may wait for that one."""
        self._invited = False
        """Whether the next report of an empty channel is that of the message which the loop is sending."""
        this = weakref.ref(self)  # the engine's objects take no part in Python's garbage collection

        def on_low() -> None:
            bulk = this()
            if bulk is not None:
                bulk._follow()

        channel.on_buffered_amount_low(on_low)

    @property
    def size(self) -> int:
        """How many bytes are still to be sent."""
        return sum(len(data) for data, _ in self._waiting)

    def put(self, data: bytes, binary: bool) -> None:
        """Let a message leave at the next turn of the loop."""
        self._waiting.append((data, binary))
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Send all that waits."""
        self._scheduled = False
        worth_asking = True
        while (first := self._take(worth_asking)) is not None:
            others = len(self._waiting)
            try:
                self._channel.send(*first)
            except RuntimeError as error:
                self._refused(error)
            with self._turn:  # and not before those that follow have been sent
                self._invited = False
            worth_asking = len(self._waiting) < others

    def drop(self) -> None:
        """Send nothing more."""
        self._waiting.clear()

    def _take(self, worth_asking: bool) -> _Message | None:
        with self._turn:
            if not self._waiting:
                return None
            if worth_asking and len(self._waiting) >= _FEW:
                self._invited = self._channel.buffered_amount() == 0
            return self._waiting.popleft()

    def _follow(self) -> None:
        """The channel has run empty. On the network thread."""
        if not self._turn.acquire(blocking=False):
            return
        try:
            if not self._invited:
                return
            self._invited = False
            for _ in range(min(_MOST, len(self._waiting))):
                self._channel.send(*self._waiting[0])
                self._waiting.popleft()
        except RuntimeError:
            pass  # the loop is about to send that message, and sees to the error
        finally:
            self._turn.release()
