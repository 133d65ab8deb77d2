"""Finding out which wire a client speaks.

No client says so: the first frame it sends shows it. From then on the connection keeps that codec, and what was to be
said before waits for it.
"""

from __future__ import annotations

import logging
from collections import deque

import msgspec

from ..counters import Counters
from ..errors import MessageError, WireError
from ..limits import Limits
from .json_v0 import JsonV0
from .messages import ClientMessage, Refusal, Reply, ServerMessage
from .packet import Codec, Packet
from .protobuf_v1 import ProtobufV1

logger = logging.getLogger("reactor.wire")

_SPACE = b" \t\r\n"


class Latch:
    """The wire of one connection: its codec, once that is known. For the server's loop only.

    Args:
        limits: `held_messages` bounds what waits for the codec; the codecs check the rest.
        codec: the codec, where it is known from the start.
        counters: counts `wire.held_dropped` and `wire.unencodable`.
    """

    def __init__(self, limits: Limits, codec: Codec | None = None, *, counters: Counters | None = None) -> None:
        self._limits = limits
        self._codec = codec
        self._counters = counters if counters is not None else Counters()
        self._held: deque[ServerMessage] = deque()
        self._warned = False

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

    def encode(self, message: ServerMessage) -> list[Packet]:
        """The frames that say `message`, after those of what waited. None while the codec is unknown: then it waits.

        A message that the codec cannot say is logged and counted; if it answered a request, an error goes instead.
        """
        if self._codec is None:
            self._hold(message)
            return []
        return [*self.take_held(), *self._encode(self._codec, message)]

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

    def _encode(self, codec: Codec, message: ServerMessage) -> list[Packet]:
        try:
            return codec.encode(message)
        except MessageError as error:
            self._counters.add("wire.unencodable")
            logger.error("a message was not sent: %s", error)
        if not isinstance(message, Reply) or message.request_id is None:
            return []
        problem = "the reply cannot be sent; the server's log says why"
        return codec.encode(Refusal(message.command, "internal_error", problem, message.request_id))
