"""The JSON wire, against frames as the clients write and read them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from reactor_runtime.errors import MessageError, WireError
from reactor_runtime.limits import Limits
from reactor_runtime.wire.json_v0 import JsonV0
from reactor_runtime.wire.messages import (
    ClientMessage,
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
    ResumeTrack,
    Schema,
    ServerMessage,
    SessionEnded,
    UnpublishTrack,
    UploadReference,
    WatchFigures,
)

CODEC = JsonV0(Limits())
CAT = {"upload_id": "u1", "name": "cat.png", "mime_type": "image/png", "size": 3}
CAT_REFERENCE = UploadReference("u1", "cat.png", "image/png", 3)


def read(frame: Any, *, control: bool = False, codec: JsonV0 = CODEC) -> ClientMessage:
    data = frame if isinstance(frame, bytes) else json.dumps(frame).encode()
    return codec.decode(data, control=control)


def refuse(frame: Any, *, control: bool = False, codec: JsonV0 = CODEC) -> WireError:
    with pytest.raises(WireError) as caught:
        read(frame, control=control, codec=codec)
    return caught.value


def app(kind: Any, data: Any = None, **siblings: Any) -> dict[str, Any]:
    return {"scope": "application", "data": {"type": kind, "data": {} if data is None else data, **siblings}}


def runtime(kind: Any, data: Any = None) -> dict[str, Any]:
    return {"scope": "runtime", "data": {"type": kind, "data": {} if data is None else data}}


DATA_FRAMES: list[tuple[Any, ClientMessage]] = [
    (app("set_speed", {"speed": 2}), Command("set_speed", {"speed": 2})),
    (app("go"), Command("go")),
    ({"scope": "application", "data": {"type": "go"}}, Command("go")),
    ({"scope": "application", "data": {"type": "go", "data": None}}, Command("go")),
    ({**app("go"), "request_id": "r1"}, Command("go", request_id="r1")),
    ({**app("go"), "request_id": None}, Command("go")),
    ({**app("go"), "request_id": ""}, Command("go")),
    (app("go", {"request_id": 7}), Command("go", {"request_id": 7})),
    (app("set_image", {"k": 1}, uploads={"image": CAT}), Command("set_image", {"k": 1}, {"image": CAT_REFERENCE})),
    (app("x", uploads={"a": {"upload_id": "u"}}), Command("x", uploads={"a": UploadReference("u")})),
    (app("x", uploads={"a": {**CAT, "size": 3.0}}), Command("x", uploads={"a": CAT_REFERENCE})),
    ({"type": "set_speed", "data": {"speed": 1.5}}, Command("set_speed", {"speed": 1.5})),
    ({"type": "go", "request_id": "r2", "uploads": {"a": CAT}}, Command("go", {}, {"a": CAT_REFERENCE}, "r2")),
    ({"type": "request", "data": {}}, Command("request")),
    ({"type": "notification"}, Command("notification")),
    (runtime("ping"), Ping()),
    ({"scope": "runtime", "data": {"type": "ping"}}, Ping()),
    ({**runtime("ping"), "request_id": "p1"}, Ping("p1")),
    (runtime("watchFigures"), WatchFigures(True)),
    (runtime("watchFigures", {"on": False}), WatchFigures(False)),
    (runtime("requestSchema"), RequestSchema()),
    ({**runtime("requestSchema"), "request_id": "s1"}, RequestSchema("s1")),
    (runtime("fileUploaded", CAT), FileUploaded(CAT_REFERENCE)),
    (runtime("requestClip", {"duration_seconds": 3}), RequestClip(3.0)),
    ({**runtime("requestClip", {"duration_seconds": 2.5}), "request_id": "c"}, RequestClip(2.5, "c")),
    (runtime("requestRecording"), RequestRecording()),
    ({**runtime("requestRecording"), "request_id": "q"}, RequestRecording("q")),
]

TRACK_FRAMES: list[tuple[Any, ClientMessage]] = [
    ({"type": "notification", "event": "pause_track", "data": {"name": "v"}}, PauseTrack("v")),
    ({"type": "notification", "event": "resume_track", "data": {"name": "v"}}, ResumeTrack("v")),
    ({"type": "notification", "event": "unpublish_track", "data": {"name": "v"}}, UnpublishTrack("v")),
    (
        {"type": "request", "method": "publish_track", "request_id": "ctrl_1", "data": {"name": "camera"}},
        PublishTrack("camera", "ctrl_1"),
    ),
]


@pytest.mark.parametrize(("frame", "message"), DATA_FRAMES)
def test_data_channel(frame: Any, message: ClientMessage) -> None:
    assert read(frame) == message


@pytest.mark.parametrize(("frame", "message"), TRACK_FRAMES)
@pytest.mark.parametrize("control", [True, False])
def test_track_verbs_on_either_channel(frame: Any, message: ClientMessage, control: bool) -> None:
    assert read(frame, control=control) == message


def test_scoped_frames_are_taken_on_control_too() -> None:
    assert read(runtime("ping"), control=True) == Ping()


def test_white_space_around_and_unicode() -> None:
    assert read(b' \n{"type":"say","data":{"x":"\xc3\xa9\\ud83d\\ude00"}} ') == Command("say", {"x": "é😀"})


def test_integers_stay_integers() -> None:
    command = read(b'{"type":"x","data":{"a":9007199254740993,"b":1.0}}')
    assert isinstance(command, Command)
    assert command.arguments == {"a": 9007199254740993, "b": 1.0}
    assert [type(argument) for argument in command.arguments.values()] == [int, float]


PROBLEMS: list[tuple[Any, str]] = [
    ([], "expected a JSON object, got a list"),
    ("hi", 'expected a JSON object, got "hi"'),
    ({}, "type: expected a text, got nothing"),
    ({"type": 3}, "type: expected a text, got 3"),
    ({"type": ""}, "type: must not be empty"),
    ({"type": "x", "data": [1]}, "data: expected an object, got a list"),
    ({"type": "x", "request_id": 7}, "request_id: expected a text, got 7"),
    ({"scope": "application"}, "data: expected an object with type and data, got nothing"),
    ({"scope": 1, "data": {}}, 'scope: expected "application" or "runtime", got 1'),
    (app(None), "data.type: expected a text, got nothing"),
    (app("x", True), "data.data: expected an object, got true"),
    (app("x", uploads=[]), "data.uploads: expected an object, got a list"),
    (
        app("x", uploads={"image": "u1"}),
        'data.uploads.image: expected an object with upload_id, name, mime_type and size, got "u1"',
    ),
    (app("x", uploads={"image": {}}), "data.uploads.image.upload_id: expected a text, got nothing"),
    (
        app("x", uploads={"image": {**CAT, "size": "x"}}),
        'data.uploads.image.size: expected an integer, got "x"',
    ),
    (app("x", uploads={"image": {**CAT, "size": True}}), "data.uploads.image.size: expected an integer, got true"),
    (app("x", uploads={"image": {**CAT, "size": 1.5}}), "data.uploads.image.size: expected an integer, got 1.5"),
    (app("x", uploads={"image": {**CAT, "size": -1}}), "data.uploads.image.size: must not be negative, got -1"),
    (app("x", uploads={"image": {**CAT, "name": None}}), "data.uploads.image.name: expected a text, got nothing"),
    (
        runtime("pong"),
        "data.type: expected one of ping, requestSchema, fileUploaded, requestClip, requestRecording, "
        'watchFigures, got "pong"',
    ),
    (runtime("watchFigures", {"on": 1}), "data.data.on: expected true or false, got 1"),
    (runtime("fileUploaded"), "data.data.upload_id: expected a text, got nothing"),
    (runtime("requestClip"), "data.data.duration_seconds: expected a number, got nothing"),
    (
        runtime("requestClip", {"duration_seconds": 0}),
        "data.data.duration_seconds: expected a finite number of seconds above zero, got 0",
    ),
    (
        runtime("requestClip", {"duration_seconds": 10**400}),
        "data.data.duration_seconds: expected a finite number of seconds above zero, got a very large integer",
    ),
    (
        {"type": "notification", "event": "x"},
        'event: expected one of pause_track, resume_track, unpublish_track, got "x"',
    ),
    ({"type": "notification", "event": "pause_track"}, "data.name: expected a text, got nothing"),
    ({"type": "request", "method": "x"}, 'method: expected "publish_track", got "x"'),
]


@pytest.mark.parametrize(("frame", "problem"), PROBLEMS)
def test_a_wrong_shape_is_named_with_its_path(frame: Any, problem: str) -> None:
    assert str(refuse(frame)) == problem


def test_long_text_is_cut_in_errors() -> None:
    error = str(refuse(app("x", uploads={"k" * 5000: {"upload_id": "u", "size": "y" * 5000}})))
    assert len(error) < 200


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"{",
        b'{"type":"x"} x',
        b"\xff",
        b'{"type":"\xff"}',
        b'{"type":"\\ud800"}',
        b'{"type":"x","data":{"a":NaN}}',
        b'{"type":"x","data":{"a":Infinity}}',
        b'{"type":"x","data":{"a":1e400}}',
        b'{"type":"x","data":{"a":' + b"1" * 5000 + b"}}",
    ],
)
@pytest.mark.parametrize("control", [True, False])
def test_what_is_no_json(data: bytes, control: bool) -> None:
    error = refuse(data, control=control)
    assert str(error).startswith("the message is no JSON: ")
    assert (error.request_id, error.command, error.control) == (None, None, control)


def test_a_refusal_knows_its_request_and_command() -> None:
    error = refuse({**app("x", uploads=3), "request_id": "r9"})
    assert (error.request_id, error.command, error.control, error.code) == ("r9", "x", False, "invalid_command")
    error = refuse({"type": "y", "data": 1, "request_id": "r10"})
    assert (error.request_id, error.command, error.control, error.code) == ("r10", "y", False, "invalid_command")
    error = refuse({**runtime("requestClip"), "request_id": "r11"})
    assert (error.request_id, error.command, error.control, error.code) == (
        "r11",
        "requestClip",
        False,
        "invalid_message",
    )


@pytest.mark.parametrize("control", [True, False])
def test_a_malformed_publish_is_answered_on_control(control: bool) -> None:
    error = refuse({"type": "request", "method": "publish_track", "request_id": "ctrl_2", "data": {}}, control=control)
    assert (error.request_id, error.command, error.control) == ("ctrl_2", "publish_track", True)
    refusal = Refusal(error.command or "", error.code, str(error), error.request_id, error.control)
    assert frame(refusal) == (
        {
            "type": "response",
            "method": "publish_track",
            "request_id": "ctrl_2",
            "error": {"code": "invalid_message", "message": "data.name: expected a text, got nothing"},
        },
        True,
    )


def test_a_bare_command_does_not_belong_on_control() -> None:
    assert str(refuse({"type": "go"}, control=True)) == 'type: expected "notification" or "request", got "go"'


def test_capabilities_are_refused_by_name() -> None:
    error = refuse({**runtime("requestCapabilities"), "request_id": "r"})
    assert (error.code, error.request_id, error.command) == ("unsupported", "r", "requestCapabilities")
    assert "requestSchema" in str(error)


def test_size_limit() -> None:
    codec = JsonV0(Limits(message_bytes=20))
    fits = b'{"type":"abcdefghi"}'
    assert len(fits) == 20
    assert read(fits, codec=codec) == Command("abcdefghi")
    assert str(refuse(fits + b" ", codec=codec)) == "the message has 21 bytes; the maximum is 20"


def nested(levels: int) -> Any:
    """Arguments, `levels` containers deep."""
    inner: Any = 1
    for level in range(levels - 1):
        inner = [inner] if level % 2 else {"a": inner}
    return {"x": inner}


def test_depth_limit() -> None:
    assert read(app("x", nested(32))) == Command("x", nested(32))
    assert str(refuse(app("x", nested(33)))) == "data.data: nests deeper than 32 levels"
    assert str(refuse({"type": "x", "data": nested(33)})) == "data: nests deeper than 32 levels"
    wide: dict[str, Any] = {"x": [{} for _ in range(5000)]}
    assert read(app("x", wide)) == Command("x", wide)


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 200_000,
        b'{"type":"x","data":' * 13_000,
        b'{"type":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"type":"x","data":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"type":"x","data":{"a":' + b"[" * 500 + b"]" * 500 + b"}}",
    ],
)
def test_nesting_beyond_the_stack(data: bytes) -> None:
    # How deep the parser itself goes depends on the interpreter; it must only never get through or take the stack.
    refuse(data)


def test_an_integer_no_float_can_hold() -> None:
    assert read(app("x", {"a": 10**300})) == Command("x", {"a": 10**300})
    assert str(refuse(app("x", {"a": -(10**400)}))) == "data.data: holds an integer that is too large"


# -- server to client


def frame(message: ServerMessage) -> tuple[Any, bool]:
    (packet,) = CODEC.encode(message)
    assert not packet.binary
    return json.loads(packet.data), packet.control


HELLO = Message("hello", {"n": 1, "text": "é"})

CLIP = ClipReady("id", "snap", 1.5, 4.5, 4.75, 1_700_000_000_000, "/clips?x", None)
CLIP_FIELDS = {
    "session_id": "id",
    "kind": "snap",
    "start_marker": 1.5,
    "end_marker": 4.5,
    "now_marker": 4.75,
    "predicted_ready_at_ms": 1_700_000_000_000,
    "playlist_url": "/clips?x",
}

SAID: list[tuple[ServerMessage, Any, bool]] = [
    (HELLO, {"scope": "application", "data": {"type": "hello", "data": {"n": 1, "text": "é"}}}, False),
    (Reply("go", HELLO, None), {"scope": "application", "data": {"type": "hello", "data": HELLO.data}}, False),
    (
        Reply("go", HELLO, "r"),
        {
            "scope": "runtime",
            "data": {
                "type": "commandResponse",
                "data": {"request_id": "r", "ok": True, "message": {"type": "hello", "data": HELLO.data}},
            },
        },
        False,
    ),
    (
        Reply("go", None, "r"),
        {
            "scope": "runtime",
            "data": {"type": "commandResponse", "data": {"request_id": "r", "ok": True, "message": None}},
        },
        False,
    ),
    (
        Refusal("go", "busy", "too much", None),
        {
            "scope": "runtime",
            "data": {"type": "commandRejected", "data": {"command": "go", "code": "busy", "message": "too much"}},
        },
        False,
    ),
    (
        Refusal("go", "busy", "too much", "r"),
        {
            "scope": "runtime",
            "data": {
                "type": "commandResponse",
                "data": {"request_id": "r", "ok": False, "error": {"code": "busy", "message": "too much"}},
            },
        },
        False,
    ),
    (
        Refusal("", "invalid_message", "no", None, control=True),
        {
            "scope": "runtime",
            "data": {"type": "commandRejected", "data": {"command": "", "code": "invalid_message", "message": "no"}},
        },
        False,
    ),
    (Schema({"openapi": "3.1.0"}, None), runtime("modelSchema", {"openapi": "3.1.0"}), False),
    (Schema({"a": 1}, "s"), {**runtime("modelSchema", {"a": 1}), "request_id": "s"}, False),
    (CLIP, runtime("clipReady", CLIP_FIELDS), False),
    (replace(CLIP, request_id="c"), {**runtime("clipReady", CLIP_FIELDS), "request_id": "c"}, False),
    (ClipFailed("recorder disabled", None), runtime("clipFailed", {"reason": "recorder disabled"}), False),
    (ClipFailed("x", "c"), {**runtime("clipFailed", {"reason": "x"}), "request_id": "c"}, False),
    (SessionEnded("bye"), runtime("sessionEnded", {"reason": "bye"}), False),
    (Pong(12, "p1"), {**runtime("pong", {"at_us": 12}), "request_id": "p1"}, False),
    (Figures({"fps": 30.0}), runtime("figures", {"fps": 30.0}), False),
    (
        PublishGranted("camera", "ctrl_1"),
        {"type": "response", "method": "publish_track", "request_id": "ctrl_1", "data": {}},
        True,
    ),
    (
        PublishRefused("camera", "taken", "ctrl_1"),
        {
            "type": "response",
            "method": "publish_track",
            "request_id": "ctrl_1",
            "error": {"code": "publish_refused", "message": "taken"},
        },
        True,
    ),
    (PublishGranted("camera", None), {"type": "response", "method": "publish_track", "data": {}}, True),
]


@pytest.mark.parametrize(("message", "expected", "control"), SAID)
def test_what_is_said(message: ServerMessage, expected: Any, control: bool) -> None:
    assert frame(message) == (expected, control)


def test_an_empty_reply_nobody_asked_for_is_not_sent() -> None:
    assert CODEC.encode(Reply("go", None, None)) == []


def test_a_reply_without_fields_is_still_a_message() -> None:
    assert frame(Reply("go", Message("done", {}), None)) == (app("done"), False)


@pytest.mark.parametrize("bad", [object(), "\ud800", {(1, 2): 3}])
def test_a_message_without_a_json_form(bad: object) -> None:
    with pytest.raises(MessageError, match="Message cannot be put into JSON"):
        CODEC.encode(Message("x", {"a": bad}))


def test_the_wording_of_a_refusal_never_fails() -> None:
    letter, _ = frame(Refusal("a\ud800", "c\ud800", "m\ud800", None))
    assert letter["data"]["data"] == {"command": "a?", "code": "c?", "message": "m?"}
