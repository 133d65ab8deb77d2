"""A peer's data channels: `control`, and whatever else it opens, which is its data channel."""

from __future__ import annotations

import asyncio
from collections import deque

import reactor_webrtc as rw

from ....clock import Clock
from ....complaints import Complaints
from ....counters import Counters
from ....limits import Limits
from ....wire.packet import Packet
from .line import Line

CONTROL = "control"
_MOST = 4
"""Channels a peer may open; clients open one or two."""
_PATIENCE = 5.0
"""A client whose buffer stays full for so many seconds is too slow."""


class Channels:
    """Sends packets on the right channel, within bounds. For the server's loop only.

    Args:
        shared: the client has no control channel; what belongs there goes on its data channel.
        complaints: the log's bounded place for what this client makes it say.
        bulk: send the messages of a turn of the loop together (see `Bulk`).

    Attributes:
        message_limit: the most bytes one message may have; None for any number. Known once the offer is answered.
    """

    def __init__(
        self,
        *,
        shared: bool,
        clock: Clock,
        limits: Limits,
        counters: Counters,
        complaints: Complaints,
        bulk: bool = False,
    ) -> None:
        self.message_limit: int | None = None
        self._shared = shared
        self._clock = clock
        self._complaints = complaints
        self._limits = limits
        self._counters = counters
        self._bulk = bulk
        self._data: Line | None = None
        self._control: Line | None = None
        self._held: deque[Packet] = deque()
        self._count = 0
        self._full_since: float | None = None

    def add(self, channel: rw.DataChannel, label: str) -> None:
        """The peer opened a channel. The first of each kind is the one that is answered on."""
        self._count += 1
        if self._count > _MOST:
            self._counters.add("transport.channels_refused")
            channel.close(0.0)
        elif label == CONTROL and self._control is None:
            self._control = self._line(channel)
        elif label != CONTROL and self._data is None:
            self._data = self._line(channel)

    def _line(self, channel: rw.DataChannel) -> Line:
        return Line(channel, self._limits.send_buffer_bytes, self._refused, bulk=self._bulk)

    @property
    def open(self) -> bool:
        """Whether the data channel is open."""
        return self._data is not None and self._data.open

    @property
    def closed(self) -> bool:
        """Whether the data channel was there and has closed, or is about to."""
        return self._data is not None and self._data.gone

    @property
    def too_slow(self) -> bool:
        """Whether the client has not taken what was sent for too long."""
        return self._full_since is not None and self._clock.now() - self._full_since >= _PATIENCE

    def send(self, packet: Packet) -> None:
        """Send a packet; hold it while its control channel is not open; drop it where it cannot leave."""
        size = len(packet.data)
        if self.message_limit is not None and size > self.message_limit:
            # The engine would not only refuse it: it closes the channel over it.
            self._drop(f"it has {size} bytes, and this client takes {self.message_limit}")
            return
        control = packet.control and not self._on_data(packet)
        line = self._control if control else self._data
        if line is None or not line.opened:
            if line is not None and line.gone:
                self._count_drop()
            elif control:
                self._hold(packet)
            else:
                self._drop("the data channel is not open")
            return
        if not line.has_room(size):
            if self._full_since is None:
                self._full_since = self._clock.now()
            self._drop("the client does not take what was sent before")
            return
        self._full_since = None
        line.send(packet.data, packet.binary)

    def _refused(self, line: Line, error: RuntimeError) -> None:
        if line.gone:  # since it was open
            self._count_drop()
        else:
            self._drop(str(error))

    def _on_data(self, packet: Packet) -> bool:
        """Whether what belongs on the control channel goes on the data channel. A client that speaks JSON may have
        only that one; the control channel of one that has it opens before it says anything."""
        return self._shared or (self._control is None and not packet.binary)

    def _hold(self, packet: Packet) -> None:
        if len(self._held) >= self._limits.held_messages:
            self._held.popleft()
            self._drop("its control channel does not open")
        self._held.append(packet)

    def _drop(self, why: str) -> None:
        self._count_drop()
        self._complaints.warn(f"a message was dropped: {why}")

    def _count_drop(self) -> None:
        """Of a client that has left, which is no news, nothing is said."""
        self._counters.add("transport.messages_dropped")

    def release(self) -> None:
        """Send what waited for the control channel, if that is open now."""
        if self._control is not None and self._control.open:
            while self._held:
                self.send(self._held.popleft())

    async def finish(self, changed: asyncio.Event, deadline: float) -> bool:
        """Let what was sent arrive, then close the channels; takes `deadline` seconds at most.

        Args:
            changed: set whenever the state of a channel changes.

        Returns:
            Whether all arrived.
        """
        lines = [line for line in (self._control, self._data) if line is not None]
        try:
            async with asyncio.timeout(deadline):
                for line in lines:
                    if line.open:
                        await line.finish(deadline)
                # A channel counts as closed when the peer has taken all that was sent on it.
                while any(line.closing for line in lines):
                    changed.clear()
                    await changed.wait()
        except TimeoutError:
            self._counters.add("transport.unflushed")
            return False
        return True

    def drop(self) -> None:
        """Let go of the channels."""
        for line in (self._control, self._data):
            if line is not None:
                line.drop()
        self._data = self._control = None
        self._held.clear()
