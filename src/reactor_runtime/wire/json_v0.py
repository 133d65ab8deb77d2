"""The JSON wire: text frames, as the JavaScript clients speak it.

It has no answer to a command of its own. A client that puts a `request_id` beside `scope` gets one
(`commandResponse`); to one that does not, a handler's reply is an ordinary message, and a refusal is `commandRejected`.
"""

from __future__ import annotations

from typing import assert_never

import msgspec

from ..errors import FieldError, MessageError, WireError
from ..limits import Limits
from .json_reader import read_message, read_subject
from .messages import (
    ClientMessage,
    ClipFailed,
    ClipReady,
    Command,
    Figures,
    Json,
    Message,
    Pong,
    PublishGranted,
    PublishRefused,
    Refusal,
    Reply,
    Schema,
    ServerMessage,
    SessionEnded,
)
from .packet import Packet
from .shape import check_bounds, clean

_SHORT = 308  # bytes: a message this short holds no integer beyond a float's range


class JsonV0:
    """The codec of the JSON wire (see `Codec`)."""

    name = "json-v0"
    binary = False

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._decoder = msgspec.json.Decoder()
        self._encoder = msgspec.json.Encoder()

    def decode(self, data: bytes, *, control: bool) -> ClientMessage:
        """Read one frame.

        Raises:
            WireError: it is too large, no JSON, or says nothing this server understands.
        """
        limit = self._limits.message_bytes
        if len(data) > limit:
            raise WireError(f"the message has {len(data)} bytes; the maximum is {limit}", control=control)
        try:
            value: Json = self._decoder.decode(data)
        except RecursionError as error:
            raise WireError(
                f"the message nests deeper than {self._limits.message_depth} levels", control=control
            ) from error
        except ValueError as error:  # malformed JSON, text that is no UTF-8, a number out of range
            raise WireError(f"the message is no JSON: {error}", control=control) from error
        try:
            message = read_message(value, control=control)
            if isinstance(message, Command) and self._needs_walk(data):
                check_bounds(message.arguments, "data.data" if "scope" in value else "data", self._limits.message_depth)
        except FieldError as error:
            subject = read_subject(value, control=control)
            raise WireError(
                str(error),
                code=subject.code,
                request_id=subject.request_id,
                command=subject.command,
                control=subject.control,
            ) from error
        return message

    def _needs_walk(self, data: bytes) -> bool:
        # Most commands are short and flat, which the bytes already show.
        return len(data) > _SHORT or data.count(b"{") + data.count(b"[") > self._limits.message_depth

    def encode(self, message: ServerMessage) -> list[Packet]:
        """The frames that say `message`: one, or none for the empty reply to a command without a request id.

        Raises:
            MessageError: it holds a value that JSON has no form for.
        """
        letter, control = _letter(message)
        if letter is None:
            return []
        try:
            return [Packet(control=control, data=self._encoder.encode(letter), binary=False)]
        except (TypeError, ValueError, RecursionError) as error:
            raise MessageError(f"{type(message).__name__} cannot be put into JSON: {error}") from error


def _letter(message: ServerMessage) -> tuple[Json, bool]:
    """The JSON that says `message` (None: nothing), and whether it goes on the control channel."""
    match message:
        case Message():
            return _application(message), False
        case Reply(request_id=None):
            return message.message and _application(message.message), False
        case Reply():
            content = message.message and {"type": message.message.type, "data": message.message.data}
            return _answer(message.request_id, {"ok": True, "message": content}), False
        case Refusal(request_id=None):
            fault = {"command": clean(message.command), **_fault(message.code, message.message)}
            return _runtime("commandRejected", fault), False
        case Refusal(control=True):
            fault = _fault(message.code, message.message)
            return _track_response(clean(message.command), message.request_id, error=fault), True
        case Refusal():
            return _answer(message.request_id, {"ok": False, "error": _fault(message.code, message.message)}), False
        case Schema():
            return _runtime("modelSchema", message.openapi, message.request_id), False
        case ClipReady():
            clip = {
                "session_id": message.session_id,
                "kind": message.kind,
                "start_marker": message.start_marker,
                "end_marker": message.end_marker,
                "now_marker": message.now_marker,
                "predicted_ready_at_ms": message.predicted_ready_at_ms,
                "playlist_url": message.playlist_url,
            }
            return _runtime("clipReady", clip, message.request_id), False
        case ClipFailed():
            return _runtime("clipFailed", {"reason": clean(message.reason)}, message.request_id), False
        case SessionEnded():
            return _runtime("sessionEnded", {"reason": clean(message.reason)}), False
        case Pong():
            return _runtime("pong", {"at_us": message.at_us}, message.request_id), False
        case Figures():
            return _runtime("figures", message.figures), False
        case PublishGranted():
            return _track_response("publish_track", message.request_id, data={}), True
        case PublishRefused():
            fault = _fault(message.code, message.message)
            return _track_response("publish_track", message.request_id, error=fault), True
        case _:
            assert_never(message)


def _application(message: Message) -> Json:
    return {"scope": "application", "data": {"type": message.type, "data": message.data}}


def _runtime(kind: str, data: Json, request_id: str | None = None) -> Json:
    letter: Json = {"scope": "runtime", "data": {"type": kind, "data": data}}
    if request_id is not None:
        letter["request_id"] = request_id
    return letter


def _answer(request_id: str | None, outcome: dict[str, Json]) -> Json:
    return _runtime("commandResponse", {"request_id": request_id, **outcome})


def _track_response(method: str, request_id: str | None, **outcome: Json) -> Json:
    letter: Json = {"type": "response", "method": method}
    if request_id is not None:
        letter["request_id"] = request_id
    return letter | outcome


def _fault(code: str, message: str) -> dict[str, Json]:
    return {"code": clean(code), "message": clean(message)}
