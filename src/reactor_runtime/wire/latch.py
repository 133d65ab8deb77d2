"""Finding out which wire a client speaks.

No client says so: the first frame it sends shows it. From then on the connection keeps that codec, and what was to be
said before waits for it.
"""

from __future__ import annotations

import logging
from collections import deque

import msgspec

from ..clock import Clock, SystemClock
from ..complaints import Complaints
from ..counters import Counters
from ..errors import MessageError, WireError
from ..limits import Limits
from .json_v0 import JsonV0
from .messages import ClientMessage, Refusal, Reply, Schema, ServerMessage
from .packet import Codec, Packet
from .protobuf_v1 import ProtobufV1

logger = logging.getLogger("reactor.wire")

_SPACE = b" \t\r\n"
_LONG_NAME = 256


class Latch:
    """The wire of one connection: its codec, once that is known. For the server's loop only.

    Args:
        limits: `held_messages` bounds what waits for the codec; the codecs check the rest.
        codec: the codec, where it is known from the start.
        counters: counts `wire.held_dropped`, `wire.unencodable` and `wire.too_large`.
        clock: the time, for the rate of log lines.
        label: what the log calls the connection.
    """

    def __init__(
        self,
        limits: Limits,
        codec: Codec | None = None,
        *,
        counters: Counters | None = None,
        clock: Clock | None = None,
        label: str = "",
    ) -> None:
        self._limits = limits
        self._codec = codec
        self._counters = counters if counters is not None else Counters()
        self._held: deque[ServerMessage] = deque()
        self._warned = False
        self._complaints = Complaints(logger, (clock or SystemClock()).now, label)

    @property
    def codec(self) -> Codec | None:
        """The codec; None while the client has said nothing."""
        return self._codec

    def decode(self, data: bytes, binary: bool, control: bool) -> ClientMessage:
        """Read a frame of the client. After the first one, malformed or not, `take_held` has what waited.

        Raises:
            WireError: the bytes are no message.
        """
        if self._codec is None:
            if binary and not data.strip(_SPACE):
                raise WireError("the first message is empty, so it does not show which wire this is", control=control)
            self._codec = self._sniff(data, binary)
            logger.debug("the client speaks %s", self._codec.name)
        if self._codec.binary and not binary:
            raise WireError(f"a text message on a connection that speaks {self._codec.name}", control=control)
        return self._codec.decode(data, control=control)

    def _sniff(self, data: bytes, binary: bool) -> Codec:
        if not binary or (data.lstrip(_SPACE)[:1] in (b"{", b"[") and not self._is_protobuf(data)):
            return JsonV0(self._limits)
        return ProtobufV1(self._limits)

    def _is_protobuf(self, data: bytes) -> bool:
        # A newline is also protobuf's tag of the request id; its length may then look like more white space or a brace.
        if data[0] != ord("\n") or len(data) > self._limits.message_bytes:
            return False
        try:
            msgspec.json.decode(data)
        except (ValueError, RecursionError):
            return True
        return False

    def encode(self, message: ServerMessage, limit: int | None = None) -> list[Packet]:
        """The frames that say `message`, after those of what waited. None while the codec is unknown: then it waits.

        A message that the codec cannot say is logged and counted; if it answered a request, an error goes instead.
        So it does where that answer has more than `limit` bytes, which are the most the client takes in one frame.
        """
        if self._codec is None:
            self._hold(message)
            return []
        if not self._held:
            return self._encode(self._codec, message, limit)
        return [*self.take_held(), *self._encode(self._codec, message, limit)]

    def take_held(self) -> list[Packet]:
        """The frames of what waited for the codec, once; none while that is unknown."""
        if self._codec is None:
            return []
        packets: list[Packet] = []
        while self._held:
            packets.extend(self._encode(self._codec, self._held.popleft()))
        return packets

    def _hold(self, message: ServerMessage) -> None:
        self._held.append(message)
        if len(self._held) > self._limits.held_messages:
            self._held.popleft()
            self._counters.add("wire.held_dropped")
            if not self._warned:
                logger.warning(
                    "the client has said nothing yet, and more than %d messages wait for it: the oldest are dropped",
                    self._limits.held_messages,
                )
            self._warned = True

    def _encode(self, codec: Codec, message: ServerMessage, limit: int | None = None) -> list[Packet]:
        answers = isinstance(message, (Reply, Refusal, Schema)) and message.request_id is not None
        try:
            packets = codec.encode(message)
        except MessageError as error:
            self._counters.add("wire.unencodable")
            self._complaints.warn(f"a message was not sent: {error}")
            problem, control = "the reply cannot be sent; the server's log says why", False
        else:
            size = max((len(packet.data) for packet in packets), default=0)
            if limit is None or size <= limit or not answers:
                return packets
            self._counters.add("wire.too_large")
            problem, control = f"the reply is too large: {size} bytes; this client takes {limit}", packets[0].control
            self._complaints.warn(problem)
        if not isinstance(message, (Reply, Refusal, Schema)) or not answers:
            return []
        # A command's name that is long itself is left out: this answer is to fit.
        command = "" if isinstance(message, Schema) or len(message.command) > _LONG_NAME else message.command
        return codec.encode(Refusal(command, "internal_error", problem, message.request_id, control))
