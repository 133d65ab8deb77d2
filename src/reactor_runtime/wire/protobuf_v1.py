"""The protobuf wire, version 1: binary frames, as the native clients speak it.

The data channel carries commands and the model's messages, the control channel everything else. A request has an id,
and gets exactly one RESPONSE with it; what was not asked for is a NOTIFICATION without one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, assert_never

from google.protobuf.message import DecodeError, EncodeError

from ..errors import FieldError, MessageError, WireError
from ..limits import Limits
from . import reactor_wire_v1_pb2 as pb
from .messages import (
    ClientMessage,
    ClientStats,
    ClipFailed,
    ClipReady,
    Command,
    Figures,
    FileUploaded,
    Message,
    PauseTrack,
    Ping,
    Pong,
    PublishGranted,
    PublishRefused,
    PublishTrack,
    Refusal,
    Reply,
    RequestClip,
    RequestRecording,
    RequestSchema,
    RequestStep,
    ResumeTrack,
    Schema,
    ServerMessage,
    SessionEnded,
    UnpublishTrack,
    UploadReference,
)
from .packet import Packet
from .shape import as_duration, as_size, as_text, clean, step
from .structs import read_struct, write_struct

_ToServer: TypeAlias = pb.ControlClientMessage | pb.DataClientMessage
_ToClient: TypeAlias = pb.ControlServerMessage | pb.DataServerMessage


class ProtobufV1:
    """The codec of the protobuf wire (see `Codec`)."""

    name = "protobuf-v1"
    binary = True

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def decode(self, data: bytes, *, control: bool) -> ClientMessage:
        """Read one frame.

        Raises:
            WireError: it is too large, does not parse, or has no payload this server understands.
        """
        limit = self._limits.message_bytes
        if len(data) > limit:
            raise _unread(data, f"the message has {len(data)} bytes; the maximum is {limit}", control)
        kind = pb.ControlClientMessage if control else pb.DataClientMessage
        envelope: _ToServer
        try:
            envelope = kind.FromString(data)
        except (DecodeError, ValueError) as error:
            raise _unread(data, f"the message is no {kind.__name__}: {error}", control) from error
        try:
            if isinstance(envelope, pb.DataClientMessage):
                return self._data(envelope)
            return _control(envelope)
        except FieldError as error:
            command = envelope.command.type if isinstance(envelope, pb.DataClientMessage) else ""
            raise WireError(
                str(error),
                code="invalid_command" if command else "invalid_message",
                request_id=envelope.request_id or None,
                command=command or None,
                control=control,
            ) from error

    def _data(self, envelope: pb.DataClientMessage) -> ClientMessage:
        request_id = envelope.request_id or None
        match envelope.WhichOneof("payload"):
            case "command":
                command = envelope.command
                return Command(
                    name=as_text(command.type, "command.type"),
                    arguments=read_struct(command.data, "command.data", self._limits.message_depth),
                    uploads={
                        key: _reference(upload, step("command.uploads", key)) for key, upload in command.uploads.items()
                    },
                    request_id=request_id,
                )
            case "request_step":
                return RequestStep(request_id)
            case payload:
                raise _no_payload(payload, "command, request_step")

    def encode(self, message: ServerMessage) -> list[Packet]:
        """The frames that say `message`: one; none for the empty reply to a command without a request id; two where the
        session has ended, since the official client tells its user of an error only.

        Raises:
            MessageError: it holds a value that protobuf has no form for.
        """
        try:
            envelope = self._envelope(message)
            if envelope is None:
                return []
            if isinstance(message, SessionEnded):
                why = message.reason or "the session has ended"
                return [_packet(_with_error(_to_data(None), "session_ended", why)), _packet(envelope)]
            return [_packet(envelope)]
        except (EncodeError, TypeError, ValueError) as error:
            if isinstance(error, MessageError):
                raise
            raise MessageError(f"{type(message).__name__} cannot be put into protobuf: {error}") from error

    def _envelope(self, message: ServerMessage) -> _ToClient | None:
        match message:
            case Message():
                return self._message(message, None)
            case Reply():
                if message.message is not None:
                    return self._message(message.message, message.request_id)
                # An empty RESPONSE is the acknowledgement; without an id there is nothing to acknowledge.
                return _to_data(message.request_id) if message.request_id else None
            case Refusal():
                refusal = (_to_control if message.control else _to_data)(message.request_id)
                return _with_error(refusal, message.code, message.message)
            case Schema():
                schema = _to_control(message.request_id)
                schema.model_schema.SetInParent()
                write_struct(schema.model_schema.openapi, message.openapi, "openapi", self._limits.message_depth)
                return schema
            case ClipReady():
                ready = _to_control(message.request_id)
                ready.clip_ready.session_id = message.session_id
                ready.clip_ready.kind = message.kind
                ready.clip_ready.start_marker = message.start_marker
                ready.clip_ready.end_marker = message.end_marker
                ready.clip_ready.now_marker = message.now_marker
                ready.clip_ready.predicted_ready_at_ms = message.predicted_ready_at_ms
                ready.clip_ready.playlist_url = message.playlist_url
                return ready
            case ClipFailed(code=code) if code:
                return _with_error(_to_control(message.request_id), code, message.reason)
            case ClipFailed():
                failed = _to_control(message.request_id)
                failed.clip_failed.reason = clean(message.reason)
                return failed
            case SessionEnded():
                ended = _to_control(None)
                ended.session_ended.SetInParent()
                ended.session_ended.reason = clean(message.reason)
                return ended
            case PublishGranted():
                granted = _to_control(message.request_id)
                granted.publish_track.SetInParent()
                return granted
            case PublishRefused():
                return _with_error(_to_control(message.request_id), message.code, message.message)
            case Pong() | Figures():
                return None  # this wire has no words for what JSON clients ask for
            case _:
                assert_never(message)

    def _message(self, message: Message, request_id: str | None) -> pb.DataServerMessage:
        envelope = _to_data(request_id)
        envelope.message.type = message.type
        envelope.message.data.SetInParent()
        write_struct(envelope.message.data, message.data, message.type, self._limits.message_depth)
        return envelope


_CONTROL: dict[str, Callable[[pb.ControlClientMessage, str | None], ClientMessage]] = {
    "ping": lambda envelope, request_id: Ping(),
    "request_schema": lambda envelope, request_id: RequestSchema(request_id),
    "file_uploaded": lambda envelope, request_id: FileUploaded(_reference(envelope.file_uploaded, "file_uploaded")),
    "request_clip": lambda envelope, request_id: RequestClip(
        as_duration(envelope.request_clip.duration_seconds, "request_clip.duration_seconds"), request_id
    ),
    "request_recording": lambda envelope, request_id: RequestRecording(request_id),
    "publish_track": lambda envelope, request_id: PublishTrack(
        as_text(envelope.publish_track.name, "publish_track.name"), request_id
    ),
    "pause_track": lambda envelope, request_id: PauseTrack(as_text(envelope.pause_track.name, "pause_track.name")),
    "resume_track": lambda envelope, request_id: ResumeTrack(as_text(envelope.resume_track.name, "resume_track.name")),
    "unpublish_track": lambda envelope, request_id: UnpublishTrack(
        as_text(envelope.unpublish_track.name, "unpublish_track.name")
    ),
    "client_stats": lambda envelope, request_id: ClientStats(),
}


def _control(envelope: pb.ControlClientMessage) -> ClientMessage:
    payload = envelope.WhichOneof("payload")
    read = _CONTROL.get(payload or "")
    if read is None:
        raise _no_payload(payload, ", ".join(_CONTROL))
    return read(envelope, envelope.request_id or None)


def _no_payload(payload: str | None, known: str) -> FieldError:
    return FieldError("payload", f"expected one of {known}, got {payload or 'none of them'}")


def _reference(upload: pb.UploadReference | pb.FileUploaded, path: str) -> UploadReference:
    return UploadReference(
        upload_id=as_text(upload.upload_id, f"{path}.upload_id"),
        name=upload.name,
        mime_type=upload.mime_type,
        size=as_size(upload.size, f"{path}.size"),
    )


def _unread(data: bytes, problem: str, control: bool) -> WireError:
    """The error for a message that was not read, with its request id where at least the envelope can be."""
    try:
        request_id = pb.Envelope.FromString(data).request_id or None
    except (DecodeError, ValueError):
        request_id = None
    return WireError(problem, request_id=request_id, control=control)


def _packet(envelope: _ToClient) -> Packet:
    control = isinstance(envelope, pb.ControlServerMessage)
    return Packet(control=control, data=envelope.SerializeToString(), binary=True)


def _kind(request_id: str | None) -> pb.MessageKind:
    return pb.MESSAGE_KIND_RESPONSE if request_id else pb.MESSAGE_KIND_NOTIFICATION


def _to_control(request_id: str | None) -> pb.ControlServerMessage:
    return pb.ControlServerMessage(request_id=request_id or "", kind=_kind(request_id))


def _to_data(request_id: str | None) -> pb.DataServerMessage:
    return pb.DataServerMessage(request_id=request_id or "", kind=_kind(request_id))


def _with_error(envelope: _ToClient, code: str, message: str) -> _ToClient:
    envelope.error.code = clean(code)
    envelope.error.message = clean(message)
    return envelope
