"""Who is connected."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from .messages import ModelMessage


class ClientInfo:
    """One connected client, as handlers and hooks get it.

    Attributes:
        id: a number no other client of the session has.
        joined_at: Unix time in seconds.
    """

    __slots__ = ("_send", "id", "joined_at")

    def __init__(self, id: int, joined_at: float, send: Callable[[ModelMessage], Awaitable[None]]) -> None:
        self.id = id
        self.joined_at = joined_at
        self._send = send

    async def send(self, message: ModelMessage) -> None:
        """Send a message to this client alone. One that has left gets nothing, and that is no error.

        Raises:
            MessageError: a field cannot be put on the wire.
        """
        await self._send(message)

    def __repr__(self) -> str:
        return f"ClientInfo(id={self.id})"
