"""The protobuf wire, against bytes written by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from reactor_runtime.errors import MessageError, WireError
from reactor_runtime.limits import Limits
from reactor_runtime.wire.messages import (
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
from reactor_runtime.wire.protobuf_v1 import ProtobufV1

from .bytes_by_hand import (
    NOTIFICATION,
    REQUEST,
    RESPONSE,
    block,
    double,
    envelope,
    fields,
    number,
    only,
    struct_,
    value,
)

CODEC = ProtobufV1(Limits())
CAT = block(1, "u1") + block(2, "cat.png") + block(3, "image/png") + number(4, 3)
CAT_REFERENCE = UploadReference("u1", "cat.png", "image/png", 3)
TRACK = block(1, "camera")
STATS = block(
    1, number(1, 7) + block(2, "v") + number(5, 1) + block(8, block(1, "jitter_ms") + double(2, 0.5))
) + block(2, block(2, block(1, "rtt") + double(2, 3.0)) + block(3, block(1, "python")))
FRAME = number(1, 1) + block(2, "uint8") + block(3, b"\x02\x03\x03") + block(4, b"\x00" * 18) + number(6, 5)
STEP = (
    block(1, struct_({"speed": 1}))
    + block(2, block(1, "go"))
    + block(3, block(1, "camera") + number(2, 1) + block(3, FRAME) + double(4, 30.0))
)


def command(name: str, data: dict[str, Any] | None = None, uploads: dict[str, bytes] | None = None) -> bytes:
    content = block(1, name)
    if data is not None:
        content += block(2, struct_(data))
    for key, upload in (uploads or {}).items():
        content += block(3, block(1, key) + block(2, upload))
    return content


ON_DATA: list[tuple[bytes, ClientMessage]] = [
    (envelope("data_1", REQUEST, 10, command("go")), Command("go", request_id="data_1")),
    (envelope("", NOTIFICATION, 10, command("go", {})), Command("go")),
    (
        envelope("data_2", REQUEST, 10, command("set_image", {"k": 1.5}, {"image": CAT})),
        Command("set_image", {"k": 1.5}, {"image": CAT_REFERENCE}, "data_2"),
    ),
    (envelope("data_3", REQUEST, 11, STEP), RequestStep("data_3")),
]

ON_CONTROL: list[tuple[bytes, ClientMessage]] = [
    (envelope("", NOTIFICATION, 10), Ping()),
    (envelope("ctrl_1", REQUEST, 11), RequestSchema("ctrl_1")),
    (envelope("", NOTIFICATION, 12, CAT), FileUploaded(CAT_REFERENCE)),
    (envelope("ctrl_2", REQUEST, 13, double(1, 3.0)), RequestClip(3.0, "ctrl_2")),
    (envelope("ctrl_3", REQUEST, 14), RequestRecording("ctrl_3")),
    (envelope("ctrl_4", REQUEST, 15, TRACK), PublishTrack("camera", "ctrl_4")),
    (envelope("", NOTIFICATION, 16, TRACK), PauseTrack("camera")),
    (envelope("", NOTIFICATION, 17, TRACK), ResumeTrack("camera")),
    (envelope("", NOTIFICATION, 18, TRACK), UnpublishTrack("camera")),
    (envelope("", NOTIFICATION, 19, STATS), ClientStats()),
]


@pytest.mark.parametrize(("data", "message"), ON_DATA)
def test_data_channel(data: bytes, message: ClientMessage) -> None:
    assert CODEC.decode(data, control=False) == message


@pytest.mark.parametrize(("data", "message"), ON_CONTROL)
def test_control_channel(data: bytes, message: ClientMessage) -> None:
    assert CODEC.decode(data, control=True) == message


def test_every_kind_of_value() -> None:
    arguments = {"n": None, "t": True, "i": 344, "f": 0.5, "s": "é", "l": [1, "a", [], {}], "o": {"k": {"m": False}}}
    data = envelope("r", REQUEST, 10, command("x", arguments))
    message = CODEC.decode(data, control=False)
    assert message == Command("x", arguments, request_id="r")
    assert isinstance(message, Command)
    assert isinstance(message.arguments["i"], float)


def test_nan_reaches_the_fields_which_refuse_it() -> None:
    message = CODEC.decode(envelope("r", REQUEST, 10, command("x", {"a": math.nan, "b": math.inf})), control=False)
    assert isinstance(message, Command)
    assert math.isnan(message.arguments["a"])
    assert message.arguments["b"] == math.inf


def test_a_value_of_no_kind_is_null() -> None:
    entry = block(1, block(1, "a") + block(2))
    message = CODEC.decode(envelope("r", REQUEST, 10, block(1, "x") + block(2, entry)), control=False)
    assert message == Command("x", {"a": None}, request_id="r")


def refuse(data: bytes, *, control: bool, codec: ProtobufV1 = CODEC) -> WireError:
    with pytest.raises(WireError) as caught:
        codec.decode(data, control=control)
    assert caught.value.control is control
    return caught.value


PROBLEMS: list[tuple[bytes, bool, str]] = [
    (envelope("r", REQUEST), False, "payload: expected one of command, request_step, got none of them"),
    (envelope("r", REQUEST, 40, block(1, "x")), False, "payload: expected one of command, request_step, got error"),
    (envelope("r", REQUEST, 10), False, "command.type: must not be empty"),
    (
        envelope("r", REQUEST, 10, command("x", {}, {"image": b""})),
        False,
        "command.uploads.image.upload_id: must not be empty",
    ),
    (
        envelope("r", REQUEST, 10, command("x", {}, {"image": block(1, "u") + number(4, -1)})),
        False,
        "command.uploads.image.size: must not be negative, got -1",
    ),
    (
        envelope("r", REQUEST),
        True,
        "payload: expected one of ping, request_schema, file_uploaded, request_clip, request_recording, "
        "publish_track, pause_track, resume_track, unpublish_track, client_stats, got none of them",
    ),
    (envelope("r", REQUEST, 12), True, "file_uploaded.upload_id: must not be empty"),
    (
        envelope("r", REQUEST, 13),
        True,
        "request_clip.duration_seconds: expected a finite number of seconds above zero, got 0.0",
    ),
    (
        envelope("r", REQUEST, 13, double(1, math.nan)),
        True,
        "request_clip.duration_seconds: expected a finite number of seconds above zero, got nan",
    ),
    (envelope("r", REQUEST, 15), True, "publish_track.name: must not be empty"),
    (envelope("r", REQUEST, 17), True, "resume_track.name: must not be empty"),
]


@pytest.mark.parametrize(("data", "control", "problem"), PROBLEMS)
def test_a_wrong_shape_is_named_with_its_path(data: bytes, control: bool, problem: str) -> None:
    error = refuse(data, control=control)
    assert str(error) == problem
    assert error.request_id == "r"


def test_a_refusal_knows_the_command() -> None:
    error = refuse(envelope("r", REQUEST, 10, command("x", {}, {"image": b""})), control=False)
    assert (error.command, error.code) == ("x", "invalid_command")
    error = refuse(envelope("r", REQUEST), control=False)
    assert (error.command, error.code) == (None, "invalid_message")


def test_empty_and_unparsable() -> None:
    assert refuse(b"", control=False).request_id is None
    error = refuse(b"\xff\xff\xff", control=True)
    assert str(error).startswith("the message is no ControlClientMessage: ")
    assert error.request_id is None


def test_a_payload_that_does_not_parse_still_has_its_request_id() -> None:
    error = refuse(envelope("data_7", REQUEST, 10, b"\x0a\xff"), control=False)
    assert error.request_id == "data_7"
    not_utf8 = envelope("data_8", REQUEST, 10, block(1, b"\xff"))
    assert refuse(not_utf8, control=False).request_id == "data_8"


def test_size_limit() -> None:
    data = envelope("data_9", REQUEST, 10, command("x", {"text": "a" * 100}))
    codec = ProtobufV1(Limits(message_bytes=len(data)))
    assert isinstance(codec.decode(data, control=False), Command)
    codec = ProtobufV1(Limits(message_bytes=len(data) - 1))
    error = refuse(data, control=False, codec=codec)
    assert str(error) == f"the message has {len(data)} bytes; the maximum is {len(data) - 1}"
    assert error.request_id == "data_9"


def nested(levels: int, *, lists: bool) -> dict[str, Any]:
    inner: Any = 1
    for _ in range(levels - 1):
        inner = [inner] if lists else {"a": inner}
    return {"x": inner}


@pytest.mark.parametrize("lists", [True, False])
def test_depth_limit(lists: bool) -> None:
    deep = nested(32, lists=lists)
    message = CODEC.decode(envelope("r", REQUEST, 10, command("x", deep)), control=False)
    assert message == Command("x", deep, request_id="r")
    for levels in (33, 40, 100):
        error = refuse(envelope("r", REQUEST, 10, command("x", nested(levels, lists=lists))), control=False)
        assert error.request_id == "r"
    codec = ProtobufV1(Limits(message_depth=3))
    error = refuse(envelope("r", REQUEST, 10, command("x", nested(4, lists=lists))), control=False, codec=codec)
    assert str(error) == "command.data: nests deeper than 3 levels"
    assert error.command == "x"


# -- server to client


def said(message: ServerMessage) -> tuple[dict[int, list[Any]], bool]:
    (packet,) = CODEC.encode(message)
    assert packet.binary
    return fields(packet.data), packet.control


def head(request_id: str, kind: int) -> dict[int, list[Any]]:
    return ({1: [request_id.encode()]} if request_id else {}) | {2: [kind]}


HELLO = Message("hello", {"n": 1})
HELLO_BYTES = block(1, "hello") + block(2, struct_({"n": 1}))
BUSY_BYTES = block(1, "busy") + block(2, "too much")

CLIP_BYTES = (
    block(1, "id") + block(2, "snap") + double(3, 1.5) + double(4, 4.5) + double(5, 4.75)
    + number(6, 1_700_000_000_000) + block(7, "/clips?x")
)  # fmt: skip

SAID: list[tuple[ServerMessage, dict[int, list[Any]], bool]] = [
    (HELLO, head("", NOTIFICATION) | {10: [HELLO_BYTES]}, False),
    (Message("done", {}), head("", NOTIFICATION) | {10: [block(1, "done") + block(2)]}, False),
    (Reply("go", HELLO, "data_1"), head("data_1", RESPONSE) | {10: [HELLO_BYTES]}, False),
    (Reply("go", HELLO, None), head("", NOTIFICATION) | {10: [HELLO_BYTES]}, False),
    (Reply("go", None, "data_1"), head("data_1", RESPONSE), False),
    (Refusal("go", "busy", "too much", "data_1"), head("data_1", RESPONSE) | {40: [BUSY_BYTES]}, False),
    (Refusal("go", "busy", "too much", None), head("", NOTIFICATION) | {40: [BUSY_BYTES]}, False),
    (Refusal("", "busy", "too much", "ctrl_1", control=True), head("ctrl_1", RESPONSE) | {40: [BUSY_BYTES]}, True),
    (Schema({"a": "b"}, "ctrl_1"), head("ctrl_1", RESPONSE) | {10: [block(1, struct_({"a": "b"}))]}, True),
    (Schema({"a": "b"}, None), head("", NOTIFICATION) | {10: [block(1, struct_({"a": "b"}))]}, True),
    (
        ClipReady("id", "snap", 1.5, 4.5, 4.75, 1_700_000_000_000, "/clips?x", "ctrl_1"),
        head("ctrl_1", RESPONSE) | {11: [CLIP_BYTES]},
        True,
    ),
    (ClipFailed("no", "ctrl_1"), head("ctrl_1", RESPONSE) | {12: [block(1, "no")]}, True),
    (
        ClipFailed("no", "ctrl_1", "nothing_recorded"),
        head("ctrl_1", RESPONSE) | {40: [block(1, "nothing_recorded") + block(2, "no")]},
        True,
    ),
    (PublishGranted("camera", "ctrl_1"), head("ctrl_1", RESPONSE) | {14: [b""]}, True),
    (
        PublishRefused("camera", "taken", "ctrl_1"),
        head("ctrl_1", RESPONSE) | {40: [block(1, "publish_refused") + block(2, "taken")]},
        True,
    ),
]


@pytest.mark.parametrize(
    ("reason", "on_control", "told"), [("bye", block(1, "bye"), "bye"), ("", b"", "the session has ended")]
)
def test_the_end_of_a_session_is_said_twice(reason: str, on_control: bytes, told: str) -> None:
    """The official client keeps `session_ended` to itself, and tells its user of an error."""
    error, ended = CODEC.encode(SessionEnded(reason))
    assert (error.control, ended.control) == (False, True)
    assert fields(ended.data) == head("", NOTIFICATION) | {15: [on_control]}
    assert fields(error.data) == head("", NOTIFICATION) | {40: [block(1, "session_ended") + block(2, told)]}


@pytest.mark.parametrize("message", [Pong(12, "p1"), Figures({"fps": 30.0})])
def test_what_this_wire_has_no_words_for_is_not_said(message: ServerMessage) -> None:
    assert ProtobufV1(Limits()).encode(message) == []


@pytest.mark.parametrize(("message", "expected", "control"), SAID)
def test_what_is_said(message: ServerMessage, expected: dict[int, list[Any]], control: bool) -> None:
    assert said(message) == (expected, control)


def test_an_empty_reply_nobody_asked_for_is_not_sent() -> None:
    assert CODEC.encode(Reply("go", None, None)) == []


@pytest.mark.parametrize("item", [None, True, 3, 0.5, "é", [], {}, [1, [2]], {"a": {"b": [None]}}, 2**53])
def test_every_kind_of_value_is_said(item: Any) -> None:
    found, _ = said(Message("x", {"k": item}))
    entry = only(only(found[10][0], 2), 1)
    assert only(entry, 2) == value(item)


def test_large_integers_go_as_doubles() -> None:
    found, _ = said(Message("x", {"k": 2**70 + 1}))
    assert only(only(only(found[10][0], 2), 1), 2) == double(2, float(2**70))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"a": [0, {"b": math.nan}]}, r"x\.a\[1\]\.b: nan is no JSON number"),
        ({"a": math.inf}, r"x\.a: inf is no JSON number"),
        ({"a": 10**400}, r"x\.a: the integer is too large for a double"),
        ({"a": object()}, r"x\.a: object has no JSON form"),
        ({"a": {1: 2}}, r"x\.a: the key 1 is no text"),
        ({"a": "\ud800"}, "Message cannot be put into protobuf"),
        (nested(33, lists=True), "nests too deep"),
        (nested(33, lists=False), "nests too deep"),
    ],
)
def test_a_message_without_a_protobuf_form(data: Any, problem: str) -> None:
    with pytest.raises(MessageError, match=problem):
        CODEC.encode(Message("x", data))


def test_the_deepest_message_is_said() -> None:
    (packet,) = CODEC.encode(Message("x", nested(32, lists=False)))
    assert packet.binary


def test_the_wording_of_a_refusal_never_fails() -> None:
    found, _ = said(Refusal("x", "c\ud800", "m\ud800", "r"))
    assert found[40] == [block(1, "c?") + block(2, "m?")]
