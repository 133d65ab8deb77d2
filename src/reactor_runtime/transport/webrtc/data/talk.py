"""What one client says, from bytes to messages within its allowance, and what it is told, from messages to bytes."""

from __future__ import annotations

from collections import deque

from ....clock import Clock
from ....complaints import Complaints
from ....counters import Counters
from ....engine.connection import Client
from ....errors import WireError
from ....limits import Limits
from ....wire.latch import Latch
from ....wire.messages import Refusal, ServerMessage
from ..bridge import MessageArrived
from .allowance import Allowance
from .channels import Channels


class Talk:
    """The messages of one connection, both ways. What comes before its client has joined waits for that.

    Args:
        latch: finds out how the client writes, and reads and writes so.
        channels: where messages leave.
        complaints: where it is said that the client says too much.
    """

    def __init__(
        self,
        latch: Latch,
        channels: Channels,
        complaints: Complaints,
        clock: Clock,
        limits: Limits,
        counters: Counters,
    ) -> None:
        self._latch = latch
        self._channels = channels
        self._complaints = complaints
        self._limits = limits
        self._counters = counters
        self._allowance = Allowance(clock, limits, counters)
        self._early: deque[MessageArrived] = deque()
        self._early_dropped = 0
        self._client: Client | None = None

    def say(self, message: ServerMessage) -> None:
        """Send `message`; what the client's way of writing has to be known for waits for that."""
        for packet in self._latch.encode(message, self._channels.message_limit):
            self._channels.send(packet)

    def begin(self, client: Client) -> None:
        """`client` has joined: it hears what has come, and what comes from now on."""
        self._client = client
        while self._early:
            self._receive(client, self._early.popleft())
        if self._early_dropped:
            self.overflowed(self._early_dropped)

    def close(self) -> None:
        """Nothing is heard any more."""
        self._client = None
        self._early.clear()

    def hear(self, message: MessageArrived) -> None:
        """The client said `message`."""
        if self._client is not None:
            self._receive(self._client, message)
        elif len(self._early) < self._limits.early_messages:
            self._early.append(message)
        else:
            self._counters.add("transport.early_messages_dropped")
            self._early_dropped += 1

    def overflowed(self, dropped: int) -> None:
        """So many of its messages were dropped on the way here."""
        self._refuse(self._allowance.overflow(dropped))

    def _receive(self, client: Client, message: MessageArrived) -> None:
        allowed = self._allowance.take()
        try:
            content = self._latch.decode(message.data, message.binary, message.control)
        except WireError as error:
            self._send_held()
            if allowed:
                client.malformed(error)
            else:
                self._refuse(self._allowance.refusal(error, message.control))
        else:
            self._send_held()
            if allowed:
                client.receive(content)
            else:
                self._refuse(self._allowance.refusal(content, message.control))

    def _refuse(self, refusal: Refusal | None) -> None:
        """What came, came too fast."""
        if refusal is not None and self._client is not None:
            self._complaints.warn(refusal.message)
            self.say(refusal)

    def _send_held(self) -> None:
        for packet in self._latch.take_held():
            self._channels.send(packet)
