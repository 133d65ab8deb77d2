"""What the engine and a transport know of each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..errors import WireError
from ..interface.clients import ClientInfo
from ..media.clips import Clip
from ..media.frames import Picture
from ..media.frameset import FrameSet
from ..media.sound import Sound
from ..wire.messages import ClientMessage, ServerMessage
from .admission import Admission


@dataclass(frozen=True, slots=True)
class TrackSending:
    """What has been sent of one video track to one client, since it began.

    Attributes:
        codec: such as `VP8`; None until there is one.
        encoder: what the media engine calls its encoder.
        width, height: of the last picture encoded, in pixels.
        frames_encoded, encode_seconds: how many pictures, and how long that took together.
        packets, send_delay_seconds: how many packets, and how long they waited to be sent, together.
        bits_per_second: the target of the encoder.
        lost, nacks, keyframes_asked: packets lost, packets asked for again, and key frames asked for by the client.
    """

    codec: str | None
    encoder: str | None
    width: int
    height: int
    frames_encoded: int
    encode_seconds: float
    packets: int
    send_delay_seconds: float
    bits_per_second: float
    lost: int
    nacks: int
    keyframes_asked: int


@dataclass(frozen=True, slots=True)
class Sending:
    """What a connection's media engine says of its sending: by video track, and the round trip in seconds."""

    tracks: Mapping[str, TrackSending]
    rtt: float | None


class Connection(Protocol):
    """One client's way in and out, as a transport gives it to the engine. Used on the server's loop only."""

    @property
    def label(self) -> str:
        """What the log calls it, such as `peer 1001`."""
        ...

    @property
    def admission(self) -> Admission:
        """What its client is allowed."""
        ...

    def send(self, message: ServerMessage) -> None:
        """Put `message` on its way, in order. Never blocks or raises; what cannot be sent is counted and logged."""
        ...

    def play(self, track: str, playing: bool) -> None:
        """Start or stop the output track `track` for this client alone."""
        ...

    def media_time(self, at: float) -> int:
        """A time of the clock, in seconds, as this connection's frames carry it: in microseconds, from an origin of
        its own."""
        ...

    async def sending(self) -> Sending | None:
        """How the sending goes; None where nothing is known of it."""
        ...

    async def close(self) -> None:
        """Let what was sent leave (within a short deadline), then close. May be called more than once."""
        ...


class Client(Protocol):
    """The engine's side of a connection that joined. All but `frame` and `sound` are for the server's loop."""

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
        """A frame of the client's video track `track`. From any thread; returns at once."""
        ...

    def sound(self, track: str, sound: Sound) -> None:
        """What came on the client's audio track `track`, silence perhaps left out. From any thread; returns at once."""
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

    def show(self, frames: FrameSet, at: float) -> None:
        """Send each picture and sound to every connection that plays its track; they leave at `at` seconds of the
        clock. On the player's thread; must not block."""
        ...

    def flush(self, boundary: FrameSet) -> None:
        """Send `boundary` at once, in the place of what may still wait here. For late joiners keep no picture until the
        next `show`. On the player's thread."""
        ...

    async def reset(self) -> None:
        """The session is over: drop connections that have not joined, and what is kept for ones to come."""
        ...


class Tap(Protocol):
    """A bounded sink beside the transports: what leaves for the clients goes there too."""

    def begin(self, session: str) -> None:
        """A session starts; `session` is its id. On the server's loop."""
        ...

    def take(self, frames: FrameSet, at: float) -> None:
        """`frames` leave, at `at` seconds of the clock. On the player's thread; must not block."""
        ...

    def end(self, session: str) -> None:
        """The session is over: nothing more of it comes. On the server's loop."""
        ...


class Clips(Protocol):
    """What is recorded of sessions, for clients that ask for a part of it."""

    def clip(self, session: str, seconds: float | None) -> Clip:
        """The last `seconds` of a session, or None for all that there is of it. On the server's loop; returns at once.

        Raises:
            ClipError: it cannot be had; says why.
        """
        ...
