"""What a codec makes of a message, and what a codec is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .messages import ClientMessage, ServerMessage


@dataclass(frozen=True, slots=True)
class Packet:
    """One frame for a client's data channel."""

    control: bool
    """Whether it goes on the control channel rather than on the data channel."""
    data: bytes
    binary: bool
    """Whether it goes as a binary frame; otherwise `data` is UTF-8 text."""


class Codec(Protocol):
    """One form of the wire. Stateless, so one may serve many connections; for the server's loop only."""

    name: str
    """What the log calls it."""
    binary: bool
    """Whether its frames are binary ones."""

    def decode(self, data: bytes, *, control: bool) -> ClientMessage:
        """Read one frame, which came on the control channel or on the data channel.

        Raises:
            WireError: the bytes are no message; carries the request and the command where they could be read.
        """
        ...

    def encode(self, message: ServerMessage) -> list[Packet]:
        """The frames that say `message`, in order; none where this form of the wire has nothing to say.

        Raises:
            MessageError: the message holds something that has no form on this wire.
        """
        ...
