"""One session: its clients, its files, who publishes what, and the answers it owes."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..clock import Clock
from ..counters import Counters
from ..interface.clients import ClientInfo
from ..interface.commands import CommandDeclaration
from ..interface.inputs import InputBuffer
from ..interface.messages import ModelMessage
from ..interface.tracks import TrackInfo
from ..interface.uploads import UploadedFile
from ..limits import Limits
from ..wire.messages import Schema, ServerMessage, SessionEnded
from .answers import Answers, Ticket
from .client import SessionClient
from .connection import Clips, Connection
from .figures import Gauges
from .journal import Journal
from .measures import CommandMeasures
from .scope import Member, Scope
from .tasks import Tasks
from .uploads import StoredFile, UploadStore
from .witness import Witness

logger = logging.getLogger("reactor.session")


class Stage(Gauges, Protocol):
    """The model, as a session needs it: what is called here is done on the model's loop, in its turn."""

    @property
    def commands(self) -> Mapping[str, CommandDeclaration]: ...

    @property
    def inputs(self) -> Mapping[str, InputBuffer]: ...

    def joined(self, member: Member) -> None: ...

    def left(self, member: Member) -> None: ...

    def uploaded(self, scope: Scope, file: UploadedFile) -> None: ...

    def call(
        self, member: Member, declaration: CommandDeclaration, arguments: dict[str, Any], ticket: Ticket
    ) -> bool: ...

    async def send_to(self, member: Member, message: ModelMessage) -> None: ...


class Session:
    """A running session. On the server's loop.

    Args:
        stage: the model.
        tracks, schema: the model's.
        clock, limits, counters: of the process.
        on_population: called with the number of clients whenever it changes.
        clips: what is recorded of it, if anything is.
        witness: told what the clients do.
        journal: has who comes and goes.
        measures: of its commands.

    Attributes:
        id: a lower-case UUID.
        closed: whether it has ended; whatever still carries it is dropped.
    """

    def __init__(
        self,
        stage: Stage,
        *,
        tracks: tuple[TrackInfo, ...],
        schema: dict[str, Any],
        clock: Clock,
        limits: Limits,
        counters: Counters,
        on_population: Callable[[int], None],
        clips: Clips | None,
        witness: Witness,
        journal: Journal,
        measures: CommandMeasures,
    ) -> None:
        self.id = str(uuid.uuid4())
        self.closed = False
        self.loop = asyncio.get_running_loop()
        self.clock = clock
        self.limits = limits
        self.counters = counters
        self.schema = schema
        self.started_at = time.time()
        self.commands = stage.commands
        self.inputs = stage.inputs
        self.sound_rates: Mapping[str, int] = {
            track.name: track.rate for track in tracks if track.direction == "in" and track.rate is not None
        }
        self.output_tracks = frozenset(track.name for track in tracks if track.direction == "out")
        self.answers = Answers(self.loop, limits.answer_timeout, counters, measures)
        self.uploads = UploadStore(limits, self._uploaded)
        self.tasks = Tasks(counters)
        self.clips = clips
        self.witness = witness
        self.journal = journal
        self.gauges: Gauges = stage
        self._stage = stage
        self._on_population = on_population
        self._clients: dict[int, SessionClient] = {}
        self._publishers: dict[str, SessionClient] = {}
        self._speakers: dict[str, SessionClient] = {}
        self._next_client = 1

    @property
    def clients(self) -> list[SessionClient]:
        """Who is there, in the order they came."""
        return list(self._clients.values())

    def join(self, connection: Connection) -> SessionClient:
        """Let a connection in."""
        number, self._next_client = self._next_client, self._next_client + 1

        async def send(message: ModelMessage) -> None:
            await self._stage.send_to(client, message)

        client = SessionClient(self, connection, ClientInfo(number, time.time(), send))
        self._clients[number] = client
        self.counters.add("clients.joined")
        logger.info("%s joined", client)
        self.witness.joined(number)
        self._stage.joined(client)
        self._on_population(len(self._clients))
        self._note("connection_opened", client)
        return client

    def leave(self, client: SessionClient, reason: str) -> None:
        """A client is gone; called once for each."""
        del self._clients[client.info.id]
        for owners in (self._publishers, self._speakers):
            for track in [track for track, owner in owners.items() if owner is client]:
                del owners[track]
        logger.info("%s left: %s", client, reason)
        self.witness.left(client.info.id)
        self._on_population(len(self._clients))  # first: from here on, nothing made for them is shown
        self._note("connection_closed", client, reason)
        self._stage.left(client)
        self.tasks.spawn(client.connection.close(), f"close {client.connection.label}")

    def _note(self, event: str, client: SessionClient, reason: str | None = None) -> None:
        self.journal.note(
            event,
            self.id,
            conn_id=client.info.id,
            connection=client.connection.label,
            clients=len(self._clients),
            reason=reason,
        )

    def call(
        self, client: SessionClient, declaration: CommandDeclaration, arguments: dict[str, Any], ticket: Ticket
    ) -> bool:
        """Queue a validated command; False where there is no room."""
        return self._stage.call(client, declaration, arguments, ticket)

    def _uploaded(self, upload_id: str, file: StoredFile) -> None:
        self.witness.uploaded(upload_id, file)
        self._stage.uploaded(self, file)

    def broadcast(self, message: ServerMessage) -> None:
        """Send to every client."""
        for client in self.clients:  # a copy: one that is too slow is dropped by its own send
            client.send(message)

    def change_schema(self, schema: dict[str, Any]) -> None:
        """The model's code has changed: every client is told, as if it had asked."""
        self.schema = schema
        self.broadcast(Schema(schema, None))

    # -- input tracks: first come, first served

    def publisher(self, track: str) -> SessionClient | None:
        return self._publishers.get(track)

    def publish(self, client: SessionClient, track: str) -> str | None:
        """Claim an input track; why not, where it cannot be had."""
        if track not in self.inputs:
            return f"{track!r} is no input track of this model; there is {', '.join(self.inputs) or 'none'}"
        if track in self._publishers:
            holder = self._publishers[track]
            return f"{track!r} is published already, by {'this client' if holder is client else 'another client'}"
        self._publishers[track] = self._speakers[track] = client
        return None

    def unpublish(self, client: SessionClient, track: str) -> None:
        """Release an input track, if this client holds it."""
        for owners in (self._publishers, self._speakers):
            if owners.get(track) is client:
                del owners[track]

    def speaks(self, client: SessionClient, track: str) -> bool:
        """Whether the model hears this client on an audio track: its publisher, or where it has none the first who
        sends. Two at once would be heard in turns of 10 ms. From any thread."""
        return self._speakers.setdefault(track, client) is client

    # -- the end

    async def close(self, reason: str) -> None:
        """End it: open commands are answered, every client is told, every connection closed."""
        self.answers.close_all("session_ended", f"the session has ended: {reason}")
        self.closed = True
        clients = self.clients
        for client in clients:
            client.send(SessionEnded(reason))
        for client in clients:
            client.left(f"the session has ended: {reason}")
        self.uploads.close()
        closing = [client.connection.close() for client in clients]
        await asyncio.gather(*closing, return_exceptions=True)
        await self.tasks.close()
