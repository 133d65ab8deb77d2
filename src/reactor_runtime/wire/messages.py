"""What clients and server can say to each other, whichever codec carries it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, list or dict with str keys."""


@dataclass(frozen=True, slots=True)
class UploadReference:
    """A file the client uploaded over HTTP, as it names it in a command."""

    upload_id: str
    name: str = ""
    mime_type: str = ""
    size: int = 0


# -- client to server


@dataclass(frozen=True, slots=True)
class Command:
    """Call the model's handler `name`. `request_id` is None where the client expects no answer of its own."""

    name: str
    arguments: dict[str, Json] = field(default_factory=dict)
    uploads: dict[str, UploadReference] = field(default_factory=dict)
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ping:
    """The client lives; with a `request_id` it wants to know what time it is here."""

    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class RequestSchema:
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class FileUploaded:
    """The client says that a file's bytes have been sent."""

    reference: UploadReference


@dataclass(frozen=True, slots=True)
class RequestClip:
    duration_seconds: float
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class RequestRecording:
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class PublishTrack:
    """The client wants to send on the input track `name`."""

    name: str
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class UnpublishTrack:
    name: str


@dataclass(frozen=True, slots=True)
class PauseTrack:
    name: str


@dataclass(frozen=True, slots=True)
class ResumeTrack:
    name: str


@dataclass(frozen=True, slots=True)
class WatchFigures:
    """The client wants the figures from here on, or no longer."""

    on: bool


@dataclass(frozen=True, slots=True)
class ClientStats:
    """A client's own measurements; taken and dropped."""


@dataclass(frozen=True, slots=True)
class RequestStep:
    """One step of a stepped session, which this server does not offer."""

    request_id: str | None = None


ClientMessage: TypeAlias = (
    Command
    | Ping
    | RequestSchema
    | FileUploaded
    | RequestClip
    | RequestRecording
    | PublishTrack
    | UnpublishTrack
    | PauseTrack
    | ResumeTrack
    | WatchFigures
    | ClientStats
    | RequestStep
)

# -- server to client


@dataclass(frozen=True, slots=True)
class Message:
    """A model's message: a broadcast, or for this client alone, but no answer to a command."""

    type: str
    data: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a command that was carried out; `message` is None where its handler returned nothing.

    `handled` is when the handler had ended, in seconds of the server's clock; it is not sent. None where none ran.
    """

    command: str
    message: Message | None
    request_id: str | None
    handled: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer to a command (or to bytes that are none, then `command` is "") that was not carried out.

    `control` says that what is refused came on the control channel.
    """

    command: str
    code: str
    message: str
    request_id: str | None
    control: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """The model's OpenAPI document, asked for by `request_id`, or unasked (None) when it changed."""

    openapi: dict[str, Json]
    request_id: str | None


@dataclass(frozen=True, slots=True)
class ClipReady:
    """A part of a recording: markers are seconds of it, `session_id` is the recording's own id."""

    session_id: str
    kind: str
    start_marker: float
    end_marker: float
    now_marker: float
    predicted_ready_at_ms: int
    playlist_url: str
    request_id: str | None


@dataclass(frozen=True, slots=True)
class ClipFailed:
    """A clip cannot be had. `code` is for a client that would take a `reason` it does not know for a fault of the
    server; empty where it knows it."""

    reason: str
    request_id: str | None
    code: str = ""


@dataclass(frozen=True, slots=True)
class PublishGranted:
    name: str
    request_id: str | None


@dataclass(frozen=True, slots=True)
class PublishRefused:
    name: str
    message: str
    request_id: str | None
    code: str = "publish_refused"


@dataclass(frozen=True, slots=True)
class SessionEnded:
    reason: str


@dataclass(frozen=True, slots=True)
class Pong:
    """What time it is, on the media clock of this connection, in microseconds."""

    at_us: int
    request_id: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of the last frames and commands, as JSON (see docs/clients/protocol.md)."""

    figures: dict[str, Json]


ServerMessage: TypeAlias = (
    Message
    | Reply
    | Refusal
    | Schema
    | ClipReady
    | ClipFailed
    | PublishGranted
    | PublishRefused
    | SessionEnded
    | Pong
    | Figures
)
