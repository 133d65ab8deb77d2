"""The generated code against the published field table, and as an independent client would use it."""

from __future__ import annotations

import json

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.json_format import MessageToDict

from reactor_runtime.limits import Limits
from reactor_runtime.wire import reactor_wire_v1_pb2 as pb
from reactor_runtime.wire.messages import Command, Message, Reply, Schema, UploadReference
from reactor_runtime.wire.protobuf_v1 import ProtobufV1

ENVELOPES = {
    "ControlClientMessage": "10 ping Ping,11 request_schema RequestSchema,12 file_uploaded FileUploaded,"
    "13 request_clip RequestClip,14 request_recording RequestRecording,15 publish_track PublishTrack,"
    "16 pause_track PauseTrack,17 resume_track ResumeTrack,18 unpublish_track UnpublishTrack,"
    "19 client_stats ClientStats,40 error Error",
    "ControlServerMessage": "10 model_schema ModelSchema,11 clip_ready ClipReady,12 clip_failed ClipFailed,"
    "13 moderation Moderation,14 publish_track PublishTrackResponse,15 session_ended SessionEnded,40 error Error",
    "DataClientMessage": "10 command Command,11 request_step RequestStep,40 error Error",
    "DataServerMessage": "10 message ModelMessage,11 step_result StepResult,40 error Error",
}

MESSAGES = {
    "Error": "1 code string,2 message string",
    "UploadReference": "1 upload_id string,2 name string,3 mime_type string,4 size int64",
    "FileUploaded": "1 upload_id string,2 name string,3 mime_type string,4 size int64",
    "Command": "1 type string,2 data Struct,3 uploads map<string,UploadReference>",
    "ModelMessage": "1 type string,2 data Struct",
    "PublishTrack": "1 name string",
    "PauseTrack": "1 name string",
    "ResumeTrack": "1 name string",
    "UnpublishTrack": "1 name string",
    "PublishTrackResponse": "1 name string",
    "Ping": "",
    "RequestSchema": "",
    "RequestRecording": "",
    "ModelSchema": "1 openapi Struct",
    "RequestClip": "1 duration_seconds double",
    "ClipReady": "1 session_id string,2 kind string,3 start_marker double,4 end_marker double,5 now_marker double,"
    "6 predicted_ready_at_ms int64,7 playlist_url string",
    "ClipFailed": "1 reason string",
    "SessionEnded": "1 reason string",
    "Moderation": "1 action string,2 input_kind string,3 command string,4 categories repeated string,5 message string",
    "ClientStats": "1 track_stats repeated ClientTrackStat,2 connection_stat ClientConnectionStat",
    "ClientTrackStat": "1 timestamp int64,2 track_name string,3 kind TrackKind,4 direction TrackDirection,"
    "5 video_codec VideoCodec,6 audio_codec AudioCodec,7 paused bool,8 metrics map<string,double>,"
    "9 frame_stages repeated FrameStage,10 codec_implementation string,11 hardware_codec optional bool",
    "FrameStage": "1 name string,2 total_ms double,3 frames uint64,4 part_of string",
    "ClientConnectionStat": "1 timestamp int64,2 metrics map<string,double>,3 environment ClientEnvironment,"
    "4 message_stages repeated MessageStage",
    "MessageStage": "1 name string,2 total_ms double,3 messages uint64,4 part_of string",
    "ClientEnvironment": "1 sdk_type string,2 sdk_version string,3 os string,4 os_version string,5 arch string,"
    "6 device_model string",
    "Frame": "1 encoding FrameEncoding,2 dtype string,3 shape repeated uint32,4 data bytes,5 metadata optional bytes,"
    "6 capture_time_us optional int64",
    "TrackFrames": "1 track string,2 kind TrackKind,3 frames repeated Frame,4 rate double",
    "RequestStep": "1 state Struct,2 commands repeated Command,3 media_input repeated TrackFrames",
    "StepFileRef": "1 name string,2 content_type string,3 size uint64",
    "StepResult": "1 step uint64,2 tracks repeated TrackFrames,3 elapsed_seconds double,4 files repeated StepFileRef,"
    "5 error optional string,6 failure_code StepFailureCode,7 code optional string,8 entry optional string",
}

ENUMS = {
    "MessageKind": "UNSPECIFIED REQUEST RESPONSE NOTIFICATION",
    "VideoCodec": "UNSPECIFIED VP8 VP9 AV1 H264 H265",
    "AudioCodec": "UNSPECIFIED OPUS",
    "TrackKind": "UNSPECIFIED VIDEO AUDIO",
    "TrackDirection": "UNSPECIFIED RECVONLY SENDONLY",
    "FrameEncoding": "UNSPECIFIED RAW H264",
    "StepFailureCode": "UNSPECIFIED REFUSED NOT_READY FAILED RESULT_TOO_LARGE COMMAND_FAILED SESSION_ENDED",
}

SCALARS = {
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_BYTES: "bytes",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_DOUBLE: "double",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_UINT32: "uint32",
    FieldDescriptor.TYPE_UINT64: "uint64",
}


def type_name(field: FieldDescriptor) -> str:
    if field.message_type is not None:
        if field.message_type.GetOptions().map_entry:
            key, entry = field.message_type.fields
            return f"map<{type_name(key)},{type_name(entry)}>"
        name = str(field.message_type.name)
    elif field.enum_type is not None:
        name = str(field.enum_type.name)
    else:
        name = SCALARS[field.type]
    if field.is_repeated:
        return f"repeated {name}"
    oneof = field.containing_oneof
    return f"optional {name}" if oneof is not None and oneof.name.startswith("_") else name


def table(message: Descriptor) -> list[str]:
    return [f"{field.number} {field.name} {type_name(field)}" for field in message.fields]


@pytest.mark.parametrize("name", [*ENVELOPES, *MESSAGES])
def test_the_fields(name: str) -> None:
    message = pb.DESCRIPTOR.message_types_by_name[name]
    if name in ENVELOPES:
        payload = message.oneofs_by_name["payload"]
        assert [f"{field.number} {field.name} {type_name(field)}" for field in payload.fields] == ENVELOPES[name].split(
            ","
        )
        assert table(message)[:2] == ["1 request_id string", "2 kind MessageKind"]
    else:
        # Commas inside map<…> stay.
        wanted = MESSAGES[name].replace("map<string,", "map<string;").split(",") if MESSAGES[name] else []
        assert table(message) == [entry.replace(";", ",") for entry in wanted]


def test_nothing_else_is_defined() -> None:
    assert set(pb.DESCRIPTOR.message_types_by_name) == {*ENVELOPES, *MESSAGES, "Envelope"}
    assert set(pb.DESCRIPTOR.enum_types_by_name) == set(ENUMS)
    assert pb.DESCRIPTOR.package == "reactor_wire.v1"


@pytest.mark.parametrize("name", ENUMS)
def test_the_enums(name: str) -> None:
    values = pb.DESCRIPTOR.enum_types_by_name[name].values
    assert [entry.number for entry in values] == list(range(len(values)))
    prefix = "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name).lstrip("_") + "_"
    assert [entry.name.removeprefix(prefix) for entry in values] == ENUMS[name].split()


def test_a_client_of_its_own() -> None:
    codec = ProtobufV1(Limits())
    asked = pb.DataClientMessage(request_id="data_1", kind=pb.MESSAGE_KIND_REQUEST)
    asked.command.type = "set_image"
    asked.command.data.update({"strength": 0.5, "tags": ["a", None, True], "box": {"x": 1}})
    asked.command.uploads["image"].upload_id = "u1"
    assert codec.decode(asked.SerializeToString(), control=False) == Command(
        "set_image",
        {"strength": 0.5, "tags": ["a", None, True], "box": {"x": 1}},
        {"image": UploadReference("u1")},
        "data_1",
    )

    reply = Message("image_set", {"name": "x", "at": [1, 2.5], "none": None, "deep": {"ok": True, "empty": {}}})
    (packet,) = codec.encode(Reply("set_image", reply, "data_1"))
    answered = pb.DataServerMessage.FromString(packet.data)
    assert (answered.request_id, answered.kind) == ("data_1", pb.MESSAGE_KIND_RESPONSE)
    assert answered.WhichOneof("payload") == "message"
    assert answered.message.type == "image_set"
    assert MessageToDict(answered.message.data) == reply.data

    (packet,) = codec.encode(Reply("set_image", None, "data_2"))
    assert pb.DataServerMessage.FromString(packet.data).WhichOneof("payload") is None

    openapi = json.loads('{"openapi":"3.1.0","paths":{"/events/go":{"post":{"operationId":"go"}}},"x":[1,"a"]}')
    (packet,) = codec.encode(Schema(openapi, "ctrl_1"))
    assert packet.control
    assert MessageToDict(pb.ControlServerMessage.FromString(packet.data).model_schema.openapi) == openapi
