"""What a client's JSON says, once it is parsed.

Three forms are understood, by their keys:

- `{"scope": "application" | "runtime", "data": {"type", "data", "uploads"?}, "request_id"?}`;
- `{"type": "notification", "event", "data"}` and `{"type": "request", "method", "request_id", "data"}`, about tracks.
  They belong on the control channel, but a page without one has only the data channel, so they are taken there too;
- `{"type", "data"?, "uploads"?, "request_id"?}` on the data channel: a command without its envelope.

Other keys of an envelope are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import FieldError, WireError
from .messages import (
    ClientMessage,
    Command,
    FileUploaded,
    Json,
    PauseTrack,
    Ping,
    PublishTrack,
    RequestClip,
    RequestRecording,
    RequestSchema,
    ResumeTrack,
    UnpublishTrack,
    WatchFigures,
)
from .shape import as_duration, as_flag, as_object, as_reference, as_request_id, as_text, describe, step

_Object = dict[str, Json]


def read_message(value: Json, *, control: bool) -> ClientMessage:
    """The message that the parsed frame `value` says.

    Raises:
        FieldError: it says none.
        WireError: it asks for something this server does not do.
    """
    if not isinstance(value, dict):
        raise FieldError("", f"expected a JSON object, got {describe(value)}")
    if "scope" in value:
        return _scoped(value)
    if control or _concerns_track(value):
        return _about_track(value)
    return _command(value, value, "")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the refusal of a malformed frame is for, as far as it could be read."""

    request_id: str | None
    command: str | None
    control: bool
    code: str


def read_subject(value: Json, *, control: bool) -> Subject:
    """What is known of the frame `value`, whatever it is; never raises."""
    if not isinstance(value, dict):
        return Subject(None, None, control, "invalid_message")
    request_id = _text_or_none(value.get("request_id"))
    if "scope" in value:
        body = value.get("data")
        command = _text_or_none(body.get("type")) if isinstance(body, dict) else None
        code = "invalid_command" if value["scope"] == "application" else "invalid_message"
        return Subject(request_id, command, False, code)
    if control or _concerns_track(value):
        verb = value.get("method" if value.get("type") == "request" else "event")
        return Subject(request_id, _text_or_none(verb), True, "invalid_message")
    return Subject(request_id, _text_or_none(value.get("type")), False, "invalid_command")


def _text_or_none(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


def _scoped(letter: _Object) -> ClientMessage:
    body = letter.get("data")
    if not isinstance(body, dict):
        raise FieldError("data", f"expected an object with type and data, got {describe(body)}")
    match letter["scope"]:
        case "application":
            return _command(letter, body, "data.")
        case "runtime":
            return _runtime(letter, body)
        case scope:
            raise FieldError("scope", f'expected "application" or "runtime", got {describe(scope)}')


def _command(letter: _Object, body: _Object, prefix: str) -> Command:
    name = as_text(body.get("type"), f"{prefix}type")
    arguments = as_object(body.get("data"), f"{prefix}data")
    uploads = as_object(body.get("uploads"), f"{prefix}uploads")
    return Command(
        name=name,
        arguments=arguments,
        uploads={key: as_reference(value, step(f"{prefix}uploads", key)) for key, value in uploads.items()},
        request_id=as_request_id(letter.get("request_id")),
    )


def _runtime(letter: _Object, body: _Object) -> ClientMessage:
    name = as_text(body.get("type"), "data.type")
    request_id = as_request_id(letter.get("request_id"))
    data = as_object(body.get("data"), "data.data")
    if name == "requestCapabilities":
        raise WireError(
            "requestCapabilities: this server has no capabilities message; use requestSchema",
            code="unsupported",
            request_id=request_id,
            command=name,
        )
    read = _RUNTIME.get(name)
    if read is None:
        raise FieldError("data.type", f"expected one of {', '.join(_RUNTIME)}, got {describe(name)}")
    return read(data, request_id)


def _clip(data: _Object, request_id: str | None) -> RequestClip:
    return RequestClip(as_duration(data.get("duration_seconds"), "data.data.duration_seconds"), request_id)


_RUNTIME: dict[str, Callable[[_Object, str | None], ClientMessage]] = {
    "ping": lambda data, request_id: Ping(request_id),
    "requestSchema": lambda data, request_id: RequestSchema(request_id),
    "fileUploaded": lambda data, request_id: FileUploaded(as_reference(data, "data.data")),
    "requestClip": _clip,
    "requestRecording": lambda data, request_id: RequestRecording(request_id),
    "watchFigures": lambda data, request_id: WatchFigures(as_flag(data.get("on", True), "data.data.on")),
}

_NOTIFICATIONS: dict[str, Callable[[str], ClientMessage]] = {
    "pause_track": PauseTrack,
    "resume_track": ResumeTrack,
    "unpublish_track": UnpublishTrack,
}


def _concerns_track(value: _Object) -> bool:
    # A model may have a command called `request`; without a method it is that.
    kind = value.get("type")
    return (kind == "notification" and "event" in value) or (kind == "request" and "method" in value)


def _about_track(value: _Object) -> ClientMessage:
    match value.get("type"):
        case "notification":
            event = as_text(value.get("event"), "event")
            if event not in _NOTIFICATIONS:
                raise FieldError("event", f"expected one of {', '.join(_NOTIFICATIONS)}, got {describe(event)}")
            return _NOTIFICATIONS[event](_track(value))
        case "request":
            method = as_text(value.get("method"), "method")
            if method != "publish_track":
                raise FieldError("method", f'expected "publish_track", got {describe(method)}')
            return PublishTrack(_track(value), as_request_id(value.get("request_id")))
        case kind:
            raise FieldError("type", f'expected "notification" or "request", got {describe(kind)}')


def _track(value: _Object) -> str:
    return as_text(as_object(value.get("data"), "data").get("name"), "data.name")
