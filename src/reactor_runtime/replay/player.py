"""Lets what a script says happen to a model, each event in its time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ScriptError, SessionError, UploadError
from ..media.frames import Picture
from ..testing.world import World
from ..transport.memory import MemoryConnection
from ..wire.messages import Ping, Refusal, Reply, UploadReference
from .events import Call, Connect, Deed, End, Event, Leave, Pause, Resume, Script, StopStream, Stream, Upload
from .source import MediaFile

_PING_SECONDS = 5.0
"""Clients that say nothing are dropped, so each says as often that it is there."""
_PIECE = 1024 * 1024

Sources = Mapping[Event, MediaFile]


@dataclass(frozen=True, slots=True)
class Refused:
    """What a script asked for and did not get.

    Attributes:
        where: the script and the line.
        code, text: as the client was answered.
    """

    where: str
    code: str
    text: str


class Player:
    """One performance of a script. On the world's loop; `start` it with the session.

    Args:
        world: the model.
        script: what happens.
        sources: the file of each `Stream`.

    Attributes:
        commands: how many were sent.
        refused: the answers that were refusals, and uploads that were.
    """

    def __init__(self, world: World, script: Script, sources: Sources) -> None:
        self.commands = 0
        self.refused: list[Refused] = []
        self._world = world
        self._script = script
        self._sources = sources
        self._origin = 0.0
        self._connections: dict[int, MemoryConnection] = {}
        self._streams: dict[tuple[int, str], asyncio.Task[None]] = {}
        self._session = ""
        self._declared: set[str] = set()
        self._rates = {track.name: track.rate for track in world.runtime.tracks if track.direction == "in"}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin the session, and all that follows in its time."""
        self._origin = self._world.clock.now()
        await self._begin_session()
        self._tasks = [
            asyncio.create_task(self._play(), name="script"),
            asyncio.create_task(self._ping(), name="pings"),
        ]

    def check(self) -> None:
        """Raise what went wrong while it plays.

        Raises:
            ScriptError: a media file cannot be decoded any further.
        """
        for task in [*self._tasks, *self._streams.values()]:
            if task.done() and not task.cancelled():
                task.result()

    async def stop(self) -> None:
        """Let nothing more happen."""
        tasks = [*self._tasks, *self._streams.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _play(self) -> None:
        for event in self._script.events:
            await self._until(event.at)
            await self._do(event, event.deed)

    async def _until(self, at: float) -> None:
        """Wait for the moment `at` seconds after the beginning."""
        if (left := self._origin + at - self._world.clock.now()) > 0:
            await asyncio.sleep(left)

    async def _do(self, event: Event, deed: Deed) -> None:
        connection = self._connections.get(event.client)
        match deed:
            case Connect():
                self._connections[event.client] = await self._world.connect()
                await self._begin_session()
            case Upload():
                await self._upload(event, deed)
            case End():
                if self._world.runtime.session is not None:
                    await self._world.runtime.stop_session(deed.reason)
            case _ if connection is None or connection.closed:
                pass  # its session has ended meanwhile: a real client could not say it either
            case Leave():
                self._stop_streams(event.client)
                connection.leave()
                del self._connections[event.client]
            case Call():
                self._call(event, deed, connection)
            case Stream():
                self._stop_streams(event.client, deed.track)
                sending = self._send(connection, event, deed)
                self._streams[event.client, deed.track] = asyncio.create_task(sending, name=f"send {deed.path.name}")
            case StopStream():
                self._stop_streams(event.client, deed.track)
            case Pause():
                connection.pause(deed.track)
            case Resume():
                connection.resume(deed.track)

    def _call(self, event: Event, call: Call, connection: MemoryConnection) -> None:
        references = {name: UploadReference(upload) for name, upload in call.uploads.items()}
        answer = connection.post(call.command, dict(call.arguments), references)
        self.commands += 1

        def answered(future: asyncio.Future[Reply | Refusal]) -> None:
            if not future.cancelled() and isinstance(refusal := future.result(), Refusal):
                self._refuse(event, refusal.code, refusal.message)

        answer.add_done_callback(answered)

    def _refuse(self, event: Event, code: str, text: str) -> None:
        self.refused.append(Refused(self._script.where(event), code, text))

    # -- files

    async def _begin_session(self) -> None:
        """In a session that has begun, declare the files that are still to come, as clients do before they send them:
        a command may name one whose bytes follow."""
        session = await self._world.runtime.start_session()
        if session.id == self._session:
            return
        self._session, self._declared = session.id, set()
        now = self._world.clock.now() - self._origin
        for event in self._script.events:
            if event.at >= now and isinstance(event.deed, Upload):
                try:
                    self._declare(event.deed)
                except UploadError:
                    continue  # said when its turn comes

    def _declare(self, upload: Upload) -> None:
        store = self._world.runtime.find_session().uploads
        store.declare(upload.name, upload.path.stat().st_size, upload.mime_type, upload.id)
        self._declared.add(upload.id)

    async def _upload(self, event: Event, upload: Upload) -> None:
        async def body() -> AsyncIterator[bytes]:
            with upload.path.open("rb") as file:
                while piece := file.read(_PIECE):
                    yield piece

        try:
            if upload.id not in self._declared:
                self._declare(upload)
            await self._world.runtime.find_session().uploads.write(upload.id, body(), None)
        except (UploadError, SessionError) as error:
            self._refuse(event, "upload_refused", f"{upload.name}: {error}")
        except OSError as error:
            raise ScriptError(f"{self._script.where(event)}: {upload.path}: {error.strerror or error}") from error

    # -- media

    def _stop_streams(self, client: int, track: str | None = None) -> None:
        """End what a client sends, on one track or on all."""
        for key in [key for key in self._streams if key[0] == client and track in (None, key[1])]:
            self._streams.pop(key).cancel()

    async def _send(self, connection: MemoryConnection, event: Event, stream: Stream) -> None:
        for at, item in self._items(event, stream):
            await self._until(event.at + at)
            if connection.closed:
                return
            if isinstance(item, Picture):
                connection.client.frame(stream.track, item)
            else:
                connection.client.sound(stream.track, item)

    def _items(self, event: Event, stream: Stream) -> Iterator[tuple[float, Any]]:
        """What is sent, and when: a picture when it begins, sound when it is over."""
        source, rate = self._sources[event], self._rates[stream.track]
        if rate is None:
            return source.pictures(loop=stream.loop)
        return ((at + sound.seconds, sound) for at, sound in source.sounds(rate, loop=stream.loop))

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(_PING_SECONDS)
            for connection in self._connections.values():
                if not connection.closed:
                    connection.client.receive(Ping())
