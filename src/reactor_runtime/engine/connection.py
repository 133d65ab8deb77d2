"""What the engine and a transport know of each other."""

from __future__ import annotations

from typing import Protocol

from ..errors import WireError
from ..interface.clients import ClientInfo
from ..media.frames import Picture
from ..wire.messages import ClientMessage, ServerMessage


class Connection(Protocol):
    """One client's way in and out, as a transport gives it to the engine. Used on the server's loop only."""

    @property
    def label(self) -> str:
        """What the log calls it, such as `peer 1001`."""
        ...

    def send(self, message: ServerMessage) -> None:
        """Put `message` on its way, in order. Never blocks or raises; what cannot be sent is counted and logged."""
        ...

    def play(self, track: str, playing: bool) -> None:
        """Start or stop the output track `track` for this client alone."""
        ...

    async def close(self) -> None:
        """Let what was sent leave (within a short deadline), then close. May be called more than once."""
        ...


class Client(Protocol):
    """The engine's side of a connection that joined. All but `frame` are for the server's loop."""

    @property
    def info(self) -> ClientInfo:
        """What the model knows of it."""
        ...

    @property
    def admitted(self) -> bool:
        """Whether its `@connected` has ended."""
        ...

    def receive(self, message: ClientMessage) -> None:
        """The client said `message`."""
        ...

    def malformed(self, error: WireError) -> None:
        """The client sent bytes that are no message: it is answered and counted."""
        ...

    def frame(self, track: str, picture: Picture) -> None:
        """A frame of the client's input track `track`. From any thread; returns at once."""
        ...

    def left(self, reason: str) -> None:
        """The connection is gone. May be called more than once."""
        ...


class Lobby(Protocol):
    """Where connections join."""

    def join(self, connection: Connection) -> Client:
        """Let an open connection into the running session.

        Raises:
            SessionError: no session runs.
        """
        ...


class Transport(Protocol):
    """All connections of one kind."""

    def show(self, track: str, picture: Picture) -> None:
        """Send `picture` to every connection that plays `track`. On the player's thread; must not block."""
        ...

    def forget(self) -> None:
        """Keep no picture for late joiners until the next `show`. On the player's thread."""
        ...

    async def reset(self) -> None:
        """The session is over: drop connections that have not joined, and what is kept for ones to come."""
        ...
