"""One client of a session: what it says goes to the session, the lane and the tracks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from ..clock import Clock
from ..complaints import Complaints
from ..counters import Counters
from ..errors import ClipError, WireError
from ..interface.clients import ClientInfo
from ..interface.commands import CommandDeclaration
from ..interface.inputs import InputBuffer, InputFrame
from ..limits import Limits
from ..media.frames import Picture
from ..media.sound import Sound
from ..wire import messages as wire
from .answers import Answers, Ticket
from .connection import Clips, Connection
from .figures import Gauges, Watch
from .intake import SoundIntake
from .journal import Journal
from .lane import Lane
from .scope import Scope
from .tasks import Tasks
from .uploads import UploadStore
from .watchdog import Silence
from .witness import Witness

logger = logging.getLogger("reactor.client")

_CLIPS_EVERY = 1.0
"""Seconds from one clip in the journal to the next: a client may ask for as many as it likes."""

_WATCHING = (
    wire.Ping,
    wire.WatchFigures,
    wire.ClientStats,
    wire.RequestSchema,
    wire.RequestClip,
    wire.RequestRecording,
    wire.UnpublishTrack,
    wire.PauseTrack,
    wire.ResumeTrack,
)
"""All that one who may only watch may say."""
_WATCHES = "this client may only watch: its token has the role view"


class Room(Scope, Protocol):
    """A session, as its clients need it."""

    id: str
    loop: asyncio.AbstractEventLoop
    clock: Clock
    limits: Limits
    counters: Counters
    schema: dict[str, Any]
    commands: Mapping[str, CommandDeclaration]
    inputs: Mapping[str, InputBuffer]
    sound_rates: Mapping[str, int]
    output_tracks: frozenset[str]
    answers: Answers
    uploads: UploadStore
    clips: Clips | None
    tasks: Tasks
    witness: Witness
    journal: Journal
    gauges: Gauges

    def call(
        self, client: SessionClient, declaration: CommandDeclaration, arguments: dict[str, Any], ticket: Ticket
    ) -> bool: ...

    def leave(self, client: SessionClient, reason: str) -> None: ...

    def publisher(self, track: str) -> SessionClient | None: ...

    def publish(self, client: SessionClient, track: str) -> str | None: ...

    def unpublish(self, client: SessionClient, track: str) -> None: ...

    def speaks(self, client: SessionClient, track: str) -> bool: ...


class SessionClient:
    """The engine's side of a connection that joined. On the server's loop, but `frame` and `sound`.

    Attributes:
        info: what the model knows of it.
        scope: its session.
        present: whether it is still there.
        admitted: whether its `@connected` has ended; the model's loop sets it.
    """

    def __init__(self, session: Room, connection: Connection, info: ClientInfo) -> None:
        self.info = info
        self.scope = session
        self.connection = connection
        self._watches_only = connection.admission.watches_only
        self.present = True
        self.admitted = False
        self._session = session
        self._lane = Lane(
            session.commands,
            session.uploads,
            session.limits,
            lambda declaration, arguments, ticket: session.call(self, declaration, arguments, ticket),
            session.tasks.spawn,
            session.clock.now,
        )
        self._intakes = {
            track: SoundIntake(
                session.inputs[track],
                rate,
                info.id,
                session.loop,
                session.clock,
                session.counters,
                partial(self._is_heard, track),
            )
            for track, rate in session.sound_rates.items()
        }
        self._released: set[str] = set()
        """What it has published and given back: what is on its way yet must not begin it anew."""
        self._watch = Watch(
            connection,
            self.send,
            session.gauges,
            loop=session.loop,
            clock=session.clock,
            limits=session.limits,
            counters=session.counters,
            tasks=session.tasks,
        )
        self._complaints = Complaints(logger, session.clock.now, str(self))
        self._silence = Silence(session.loop, session.clock, session.limits.silence, self._silent)

    def __str__(self) -> str:
        return f"client {self.info.id} ({self.connection.label})"

    # -- what the transport says

    def receive(self, message: wire.ClientMessage) -> None:
        if not self.present:
            self._session.counters.add("messages.stale")
            return
        self._silence.heard()
        if self._watches_only and not isinstance(message, _WATCHING):
            self._forbid(message)
            return
        self._session.witness.said(self.info.id, message)
        _ROUTES[type(message)](self, message)

    def malformed(self, error: WireError) -> None:
        if not self.present:
            return
        self._silence.heard()
        self._session.counters.add("messages.malformed")
        self._complaints.warn(f"it sent what is no message: {error}")
        self.send(wire.Refusal(error.command or "", error.code, str(error), error.request_id, error.control))

    def frame(self, track: str, picture: Picture) -> None:
        self._silence.heard()
        buffer = self._session.inputs.get(track)
        if buffer is not None and track not in self._intakes and self._owns(track):
            self._session.counters.add("input.frames")
            self._session.witness.saw(self.info.id, track, picture)
            buffer.put(InputFrame(picture, self._session.clock.now(), self.info.id, picture.user_data))
        else:
            self._session.counters.add("input.refused")

    def sound(self, track: str, sound: Sound) -> None:
        self._silence.heard()
        intake = self._intakes.get(track)
        if intake is not None and self._is_heard(track):
            self._session.witness.heard(self.info.id, track, sound)
            intake.take(sound)
        else:
            self._session.counters.add("input.refused")

    def _owns(self, track: str) -> bool:
        if not self.present or self._watches_only:
            return False
        return track not in self._released and self._session.publisher(track) in (None, self)

    def _is_heard(self, track: str) -> bool:
        return self._owns(track) and self._session.speaks(self, track)

    def left(self, reason: str) -> None:
        if self.present:
            self.present = False
            for intake in self._intakes.values():
                intake.close()
            self._silence.stop()
            self._watch.stop()
            self._lane.close()
            self._session.leave(self, reason)

    # -- what the session says

    def deliver(self, message: wire.Message) -> None:
        self.send(message)

    def send(self, message: wire.ServerMessage) -> None:
        """Send to this client, if it is still there."""
        if self.present:
            self.connection.send(message)

    def _forbid(self, message: wire.Command | wire.RequestStep | wire.PublishTrack | wire.FileUploaded) -> None:
        self._session.counters.add("messages.forbidden")
        if isinstance(message, wire.PublishTrack):
            self.send(wire.PublishRefused(message.name, _WATCHES, message.request_id))
        elif not isinstance(message, wire.FileUploaded):
            name = message.name if isinstance(message, wire.Command) else ""
            self.send(wire.Refusal(name, "forbidden", _WATCHES, message.request_id))

    # -- one method per kind of message

    def _silent(self) -> None:
        self._session.counters.add("connections.silent")
        self.left(f"nothing was heard of it for {self._session.limits.silence:g} s")

    def _command(self, message: wire.Command) -> None:
        self._session.counters.add("commands.received")
        self._lane.take(self._session.answers.open(message, self._answer, self.info.id))

    def _answer(self, answer: wire.ServerMessage) -> None:
        if isinstance(answer, wire.Reply) and answer.request_id is not None and answer.handled is not None:
            self._watch.handled(answer.request_id, answer.handled)
        self.send(answer)

    def _ping(self, message: wire.Ping) -> None:
        if message.request_id is not None:
            now = self.connection.media_time(self._session.clock.now())
            self.send(wire.Pong(now, message.request_id))

    def _figures(self, message: wire.WatchFigures) -> None:
        self._watch.watch(message.on)

    def _nothing(self, message: wire.ClientMessage) -> None:
        """Being heard was all there is to it."""

    def _schema(self, message: wire.RequestSchema) -> None:
        self.send(wire.Schema(self._session.schema, message.request_id))

    def _file_uploaded(self, message: wire.FileUploaded) -> None:
        # the hook fires when the bytes are there, noticed or not; a notice of an unknown file is a client's mistake
        if self._session.uploads.find(message.reference.upload_id) is None:
            self._session.counters.add("uploads.unknown_notice")
            self._complaints.warn(f"it announced an upload that was never declared: {message.reference.upload_id}")

    def _clip(self, message: wire.RequestClip | wire.RequestRecording) -> None:
        seconds = message.duration_seconds if isinstance(message, wire.RequestClip) else None
        try:
            if self._session.clips is None:
                raise ClipError("recorder disabled", status=404)  # words that the official clients know
            clip = self._session.clips.clip(self._session.id, seconds)
        except ClipError as error:
            self._session.counters.add("clips.refused")
            self._session.journal.note("clip_failed", self._session.id, every=_CLIPS_EVERY, message=str(error))
            self.send(wire.ClipFailed(str(error), message.request_id, error.code))
            return
        self._session.journal.note(
            "clip_ready", self._session.id, every=_CLIPS_EVERY, recording_id=clip.recording, kind=clip.kind
        )
        self.send(
            wire.ClipReady(
                session_id=clip.recording,
                kind=clip.kind,
                start_marker=clip.start,
                end_marker=clip.end,
                now_marker=clip.now,
                predicted_ready_at_ms=clip.ready_at_ms,
                playlist_url=self.connection.admission.base + clip.path,
                request_id=message.request_id,
            )
        )

    def _publish(self, message: wire.PublishTrack) -> None:
        problem = self._session.publish(self, message.name)
        if problem is None:
            self._released.discard(message.name)
            if message.name in self._intakes:
                self._intakes[message.name].open()
            self.send(wire.PublishGranted(message.name, message.request_id))
        else:
            self._session.counters.add("tracks.publish_refused")
            self.send(wire.PublishRefused(message.name, problem, message.request_id))

    def _unpublish(self, message: wire.UnpublishTrack) -> None:
        self._session.unpublish(self, message.name)
        if message.name in self._session.inputs:
            self._released.add(message.name)
        if message.name in self._intakes:
            self._intakes[message.name].pause()

    def _pause(self, message: wire.PauseTrack) -> None:
        self._play(message.name, False)

    def _resume(self, message: wire.ResumeTrack) -> None:
        self._play(message.name, True)

    def _play(self, track: str, playing: bool) -> None:
        if track in self._session.output_tracks:
            self.connection.play(track, playing)
        else:
            self._session.counters.add("tracks.unknown")
            self._complaints.warn(f"no output track {track!r} to {'resume' if playing else 'pause'}")

    def _step(self, message: wire.RequestStep) -> None:
        text = "this server streams; stepped sessions are not offered"
        self.send(wire.Refusal("", "invalid_command", text, message.request_id))


_ROUTES: dict[type, Callable[[SessionClient, Any], None]] = {
    wire.Command: SessionClient._command,
    wire.Ping: SessionClient._ping,
    wire.WatchFigures: SessionClient._figures,
    wire.ClientStats: SessionClient._nothing,
    wire.RequestSchema: SessionClient._schema,
    wire.FileUploaded: SessionClient._file_uploaded,
    wire.RequestClip: SessionClient._clip,
    wire.RequestRecording: SessionClient._clip,
    wire.PublishTrack: SessionClient._publish,
    wire.UnpublishTrack: SessionClient._unpublish,
    wire.PauseTrack: SessionClient._pause,
    wire.ResumeTrack: SessionClient._resume,
    wire.RequestStep: SessionClient._step,
}
