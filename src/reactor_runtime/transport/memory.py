"""An in-process connection: the whole engine, without a codec or a network."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..clock import Clock
from ..engine.admission import UNRESTRICTED, Admission
from ..engine.connection import Client, Lobby, Sending
from ..media.frames import Picture
from ..media.frameset import FrameSet
from ..media.sound import Sound
from ..wire.messages import (
    Command,
    Message,
    PauseTrack,
    Refusal,
    Reply,
    ResumeTrack,
    ServerMessage,
    SessionEnded,
    UploadReference,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame as a client saw it, and when."""

    at: float
    track: str
    kept: Picture | None
    """None where it is one of too many (`MemoryTransport.keep_bytes`)."""

    @property
    def picture(self) -> Picture:
        """The picture.

        Raises:
            LookupError: it was not kept.
        """
        if self.kept is None:
            raise LookupError("the pixels of this frame are gone: a client keeps its newest ones only")
        return self.kept


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of sound as a client got it, and when."""

    at: float
    track: str
    sound: Sound


class MemoryTransport:
    """All in-process connections of a runtime. Add it to the runtime, then `connect`.

    Args:
        lobby: where connections join.
        clock: for the times of frames and messages.
        keep_bytes: so many bytes of its newest pictures each connection keeps; of older frames only when they came.
            None keeps all.
    """

    def __init__(self, lobby: Lobby, clock: Clock, keep_bytes: int | None = None) -> None:
        self._lobby = lobby
        self._clock = clock
        self._keep_bytes = keep_bytes
        self._connections: dict[int, MemoryConnection] = {}
        self._last: dict[str, Picture] = {}
        self._made = 0

    def connect(
        self,
        *,
        paused: bool = False,
        admission: Admission = UNRESTRICTED,
    ) -> MemoryConnection:
        """Join the running session. `paused` connections see frames of a track only after `play`.

        Raises:
            SessionError: no session runs.
        """
        self._made += 1
        connection = MemoryConnection(self, self._made, self._clock, paused, self._keep_bytes, admission)
        self._connections[self._made] = connection
        try:
            connection.client = self._lobby.join(connection)
        except BaseException:
            del self._connections[self._made]
            raise
        if not paused:
            for track, picture in self._last.items():
                connection.show(track, picture)
        return connection

    def show(self, frames: FrameSet, at: float) -> None:
        self._last.update(frames.pictures)
        for connection in list(self._connections.values()):
            for track, picture in frames.pictures.items():
                connection.show(track, picture)
            for track, sound in frames.sounds.items():
                connection.hear(track, sound)

    def last(self, track: str) -> Picture | None:
        """The picture a late joiner gets."""
        return self._last.get(track)

    def flush(self, boundary: FrameSet) -> None:
        self.show(boundary, self._clock.now())
        self._last.clear()

    def remove(self, number: int) -> None:
        """Forget a connection that closed."""
        self._connections.pop(number, None)

    async def reset(self) -> None:
        self._last.clear()


class MemoryConnection:
    """One in-process client.

    Attributes:
        admission: what it is allowed.
        client: the engine's side of it.
        received: everything it was sent, with the time.
        frames: the frames it saw.
        sounds: the sound it heard; the newest `keep_bytes` of it.
        closed: whether the engine closed it.
    """

    client: Client

    def __init__(
        self,
        transport: MemoryTransport,
        number: int,
        clock: Clock,
        paused: bool,
        keep_bytes: int | None,
        admission: Admission,
    ) -> None:
        self.admission = admission
        self._transport = transport
        self._number = number
        self._clock = clock
        self._paused: set[str] | None = set() if not paused else None
        self._playing: set[str] = set()
        self._requests: dict[str, asyncio.Future[Reply | Refusal]] = {}
        self.received: list[tuple[float, ServerMessage]] = []
        self.frames: list[Shown] = []
        self.sounds: deque[Heard] = deque()
        self.closed = False
        self._keep_bytes = keep_bytes
        self._kept_bytes = 0
        self._sound_bytes = 0
        self._oldest_kept = 0

    # -- as a client

    @property
    def messages(self) -> list[Message]:
        """The model's messages, replies to commands aside."""
        return [message for _, message in self.received if isinstance(message, Message)]

    @property
    def ended(self) -> str | None:
        """Why the session ended, once it has."""
        return next((message.reason for _, message in self.received if isinstance(message, SessionEnded)), None)

    def post(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        uploads: Mapping[str, UploadReference] | None = None,
    ) -> asyncio.Future[Reply | Refusal]:
        """Send a command; its one answer."""
        request = f"request_{len(self._requests) + 1}"
        answer: asyncio.Future[Reply | Refusal] = asyncio.get_running_loop().create_future()
        self._requests[request] = answer
        self.client.receive(Command(name, dict(arguments or {}), dict(uploads or {}), request))
        return answer

    async def command(self, name: str, **arguments: Any) -> Reply | Refusal:
        """Send a command and wait for its answer."""
        return await self.post(name, arguments)

    def pause(self, track: str) -> None:
        self.client.receive(PauseTrack(track))

    def resume(self, track: str) -> None:
        self.client.receive(ResumeTrack(track))

    def leave(self, reason: str = "disconnected") -> None:
        """Go."""
        self._transport.remove(self._number)
        self.client.left(reason)

    # -- as a connection

    @property
    def label(self) -> str:
        return f"memory {self._number}"

    def send(self, message: ServerMessage) -> None:
        self.received.append((self._clock.now(), message))
        if isinstance(message, (Reply, Refusal)) and message.request_id is not None:
            answer = self._requests.get(message.request_id)
            if answer is not None:
                if answer.done():
                    raise AssertionError(f"a second answer to {message.request_id}: {message}")
                answer.set_result(message)

    def play(self, track: str, playing: bool) -> None:
        if self._paused is None:
            (self._playing.add if playing else self._playing.discard)(track)
        else:
            (self._paused.discard if playing else self._paused.add)(track)
        picture = self._transport.last(track)
        if playing and picture is not None:
            self.show(track, picture)

    def media_time(self, at: float) -> int:
        return round(at * 1e6)

    async def sending(self) -> Sending | None:
        return None

    async def close(self) -> None:
        self._transport.remove(self._number)
        self.closed = True

    # -- as a screen

    def show(self, track: str, picture: Picture) -> None:
        """A frame leaves for this client."""
        if self._plays(track):
            self.frames.append(Shown(self._clock.now(), track, picture))
            self._kept_bytes += picture.nbytes
            self._forget_old()

    def hear(self, track: str, sound: Sound) -> None:
        """Sound leaves for this client."""
        if self._plays(track):
            self.sounds.append(Heard(self._clock.now(), track, sound))
            self._sound_bytes += sound.nbytes
            while self._keep_bytes is not None and self._sound_bytes > self._keep_bytes:
                self._sound_bytes -= self.sounds.popleft().sound.nbytes

    def _plays(self, track: str) -> bool:
        return track in self._playing if self._paused is None else track not in self._paused

    def _forget_old(self) -> None:
        newest = len(self.frames) - 1
        while self._keep_bytes is not None and self._kept_bytes > self._keep_bytes and self._oldest_kept < newest:
            old = self.frames[self._oldest_kept]
            self.frames[self._oldest_kept] = Shown(old.at, old.track, None)
            self._kept_bytes -= old.picture.nbytes
            self._oldest_kept += 1
