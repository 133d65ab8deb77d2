"""One data channel, asked as little as may be.

Each question, also after the state, goes to the media engine's own thread and waits there: two of them take longer than
sending a small message does.
"""

from __future__ import annotations

from collections.abc import Callable

import reactor_webrtc as rw

from .bulk import Bulk

_GONE = (rw.DataChannelState.Closing, rw.DataChannelState.Closed)
_SHARE = 256
"""How full the channel is, is asked anew after this fraction of its bound has been sent."""


class Line:
    """A channel that sends within a bound. For the server's loop only.

    Args:
        bound: the most bytes that may wait in it.
        refused: called with this line and the error for each message that the engine does not take.
        bulk: send the messages of a turn of the loop together (see there).
    """

    def __init__(
        self,
        channel: rw.DataChannel,
        bound: int,
        refused: Callable[[Line, RuntimeError], None],
        *,
        bulk: bool,
    ) -> None:
        self._channel = channel
        self._bound = bound
        self._refused = refused
        self._bulk = Bulk(channel, lambda error: refused(self, error)) if bulk else None
        self._opened = False
        self._room = 0
        """What may be sent before it is asked again; there is room for no less, as nobody else sends on it."""

    @property
    def opened(self) -> bool:
        """Whether it is open, or has been: what is sent on one that has closed since is refused by `send`."""
        if not self._opened:
            self._opened = self.open
        return self._opened

    @property
    def open(self) -> bool:
        """Whether it is open now."""
        return self._channel.state() == rw.DataChannelState.Open

    @property
    def closing(self) -> bool:
        """Whether it is about to close."""
        return self._channel.state() == rw.DataChannelState.Closing

    @property
    def gone(self) -> bool:
        """Whether it has closed, or is about to."""
        return self._channel.state() in _GONE

    def has_room(self, size: int) -> bool:
        """Whether `size` bytes more may wait in it."""
        if size <= self._room:
            return True
        free = self._bound - self._channel.buffered_amount() - (0 if self._bulk is None else self._bulk.size)
        self._room = min(free, self._bound // _SHARE)
        return size <= free

    def send(self, data: bytes, binary: bool) -> None:
        """Send a message that there is room for."""
        self._room -= len(data)
        if self._bulk is not None:
            self._bulk.put(data, binary)
            return
        try:
            self._channel.send(data, binary)
        except RuntimeError as error:
            self._refused(self, error)

    async def finish(self, deadline: float) -> None:
        """Close it once what was sent has left, which takes `deadline` seconds at most."""
        if self._bulk is not None:
            self._bulk.flush()
        await self._channel.drain(deadline)
        self._channel.close(deadline)

    def drop(self) -> None:
        """Send nothing more, and let go of the channel."""
        if self._bulk is not None:
            self._bulk.drop()
            self._bulk = None  # it refers to this line
