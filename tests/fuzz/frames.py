"""What the official clients would write for each message: the inverse of decoding, on either wire; and readers of what
the server writes, which find the same in both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

from reactor_runtime.wire import messages as wire
from reactor_runtime.wire import reactor_wire_v1_pb2 as pb
from reactor_runtime.wire.packet import Packet

_TRACK_EVENTS: Mapping[type, str] = {
    wire.PauseTrack: "pause_track",
    wire.ResumeTrack: "resume_track",
    wire.UnpublishTrack: "unpublish_track",
}


def is_control(message: wire.ClientMessage) -> bool:
    """Whether the protobuf wire says it on the control channel; JSON may, where it is about a track."""
    return not isinstance(message, wire.Command | wire.RequestStep)


def json_frame(message: wire.ClientMessage) -> bytes:
    """`message`, as a JSON client says it."""
    request = getattr(message, "request_id", None)
    ids = {} if request is None else {"request_id": request}
    match message:
        case wire.Command():
            uploads = {key: asdict(reference) for key, reference in message.uploads.items()}
            data = {"type": message.name, "data": message.arguments, "uploads": uploads}
            letter: Any = {"scope": "application", "data": data, **ids}
        case wire.PublishTrack():
            letter = {"type": "request", "method": "publish_track", "data": {"name": message.name}, **ids}
        case wire.PauseTrack() | wire.ResumeTrack() | wire.UnpublishTrack():
            letter = {"type": "notification", "event": _TRACK_EVENTS[type(message)], "data": {"name": message.name}}
        case wire.FileUploaded():
            letter = _runtime("fileUploaded", asdict(message.reference), ids)
        case wire.RequestClip():
            letter = _runtime("requestClip", {"duration_seconds": message.duration_seconds}, ids)
        case wire.Ping():
            letter = _runtime("ping", {}, ids)
        case wire.RequestSchema():
            letter = _runtime("requestSchema", {}, ids)
        case wire.RequestRecording():
            letter = _runtime("requestRecording", {}, ids)
        case wire.WatchFigures():
            letter = _runtime("watchFigures", {"on": message.on}, ids)
        case _:
            raise AssertionError(f"JSON has no words for {message}")
    return json.dumps(letter, ensure_ascii=False).encode()


def _runtime(kind: str, data: Any, ids: Any) -> Any:
    return {"scope": "runtime", "data": {"type": kind, "data": data}, **ids}


def protobuf_frame(message: wire.ClientMessage) -> bytes:
    """`message`, as a native client says it."""
    request = getattr(message, "request_id", None) or ""
    if isinstance(message, wire.Command):
        command = pb.Command(type=message.name, data=_struct(message.arguments))
        for key, reference in message.uploads.items():
            command.uploads[key].CopyFrom(pb.UploadReference(**asdict(reference)))
        return bytes(pb.DataClientMessage(request_id=request, command=command).SerializeToString())
    if isinstance(message, wire.RequestStep):
        return bytes(pb.DataClientMessage(request_id=request, request_step=pb.RequestStep()).SerializeToString())
    payloads: dict[type, dict[str, Any]] = {
        wire.Ping: {"ping": pb.Ping()},
        wire.RequestSchema: {"request_schema": pb.RequestSchema()},
        wire.RequestRecording: {"request_recording": pb.RequestRecording()},
        wire.ClientStats: {"client_stats": pb.ClientStats()},
    }
    payload = payloads.get(type(message))
    if payload is None:
        match message:
            case wire.FileUploaded():
                payload = {"file_uploaded": pb.FileUploaded(**asdict(message.reference))}
            case wire.RequestClip():
                payload = {"request_clip": pb.RequestClip(duration_seconds=message.duration_seconds)}
            case wire.PublishTrack():
                payload = {"publish_track": pb.PublishTrack(name=message.name)}
            case wire.PauseTrack():
                payload = {"pause_track": pb.PauseTrack(name=message.name)}
            case wire.ResumeTrack():
                payload = {"resume_track": pb.ResumeTrack(name=message.name)}
            case wire.UnpublishTrack():
                payload = {"unpublish_track": pb.UnpublishTrack(name=message.name)}
            case _:
                raise AssertionError(f"protobuf has no words for {message}")
    return bytes(pb.ControlClientMessage(request_id=request, **payload).SerializeToString())


def _struct(value: Mapping[str, Any]) -> Struct:
    struct = Struct()
    struct.update(value)
    return struct


def said_in_json(packet: Packet) -> tuple[str, str | None, Any]:
    """What a packet of the server says: its kind, the request it answers, and its content."""
    letter = json.loads(packet.data)
    if "scope" not in letter:
        error = letter.get("error")
        kind = "error" if error else letter["method"]
        return kind, letter.get("request_id"), error or letter["data"]
    body = letter["data"]
    if letter["scope"] == "application":
        return "message", None, body
    if body["type"] == "commandResponse":
        answer = body["data"]
        kind = ("message" if answer["message"] else "done") if answer["ok"] else "error"
        return kind, answer["request_id"], answer["message"] if answer["ok"] else answer["error"]
    if body["type"] == "commandRejected":
        return "error", None, {key: body["data"][key] for key in ("code", "message")}
    return body["type"], letter.get("request_id"), body["data"]


def said_in_protobuf(packet: Packet) -> tuple[str, str | None, Any]:
    """The same, of the other wire."""
    kind = pb.ControlServerMessage if packet.control else pb.DataServerMessage
    envelope: Any = kind.FromString(packet.data)
    assert (envelope.kind == pb.MESSAGE_KIND_RESPONSE) == bool(envelope.request_id)
    request = envelope.request_id or None
    match envelope.WhichOneof("payload"):
        case None:
            return "done", request, None
        case "error":
            return "error", request, {"code": envelope.error.code, "message": envelope.error.message}
        case "message":
            data = json_format.MessageToDict(envelope.message.data)
            return "message", request, {"type": envelope.message.type, "data": data}
        case "model_schema":
            return "modelSchema", request, json_format.MessageToDict(envelope.model_schema.openapi)
        case "clip_ready":
            ready = envelope.clip_ready
            fields = {field.name: getattr(ready, field.name) for field in ready.DESCRIPTOR.fields}
            return "clipReady", request, fields
        case "clip_failed":
            return "clipFailed", request, {"reason": envelope.clip_failed.reason}
        case "session_ended":
            return "sessionEnded", request, {"reason": envelope.session_ended.reason}
        case "publish_track":
            return "publish_track", request, {}
        case other:
            raise AssertionError(f"no reader for {other}")
