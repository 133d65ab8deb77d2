"""How a connection's wire is found out, and what waits for it."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from reactor_runtime.counters import Counters
from reactor_runtime.errors import WireError
from reactor_runtime.limits import Limits
from reactor_runtime.wire.json_v0 import JsonV0
from reactor_runtime.wire.latch import Latch
from reactor_runtime.wire.messages import Command, Message, Ping, Refusal, Reply, RequestSchema, Schema, ServerMessage
from reactor_runtime.wire.packet import Packet

from .bytes_by_hand import NOTIFICATION, REQUEST, block, envelope, fields, only

PING_V0 = b'{"scope":"runtime","data":{"type":"ping","data":{}}}'
PING_V1 = envelope("", NOTIFICATION, 10)


def name(latch: Latch) -> str | None:
    return latch.codec.name if latch.codec else None


@pytest.mark.parametrize(
    ("data", "binary", "codec"),
    [
        (PING_V0, False, "json-v0"),
        (PING_V0, True, "json-v0"),
        (b" \r\n\t" + PING_V0, True, "json-v0"),
        (b"\n" + PING_V0, True, "json-v0"),
        (PING_V1, True, "protobuf-v1"),
    ],
)
def test_the_first_frame_shows_the_wire(data: bytes, binary: bool, codec: str) -> None:
    latch = Latch(Limits())
    assert latch.codec is None
    assert latch.decode(data, binary, control=True) == Ping()
    assert name(latch) == codec


@pytest.mark.parametrize(
    ("data", "binary", "codec"),
    [(b"hello", False, "json-v0"), (b"", False, "json-v0"), (b"[1]", True, "json-v0"), (b"\xff", True, "protobuf-v1")],
)
def test_a_malformed_first_frame_shows_it_too(data: bytes, binary: bool, codec: str) -> None:
    latch = Latch(Limits())
    with pytest.raises(WireError):
        latch.decode(data, binary, control=False)
    assert name(latch) == codec


@pytest.mark.parametrize("data", [b"", b" \n"])
def test_an_empty_binary_frame_shows_nothing(data: bytes) -> None:
    latch = Latch(Limits())
    with pytest.raises(WireError, match="empty"):
        latch.decode(data, True, control=True)
    assert latch.codec is None
    assert latch.decode(PING_V1, True, control=True) == Ping()


@pytest.mark.parametrize("request_id", ["{" + "a" * 8, "x" * 0x7B, "x" * 0x5B, " " * 9 + "{", "\n" * 10 + "["])
def test_a_request_id_that_looks_like_json(request_id: str) -> None:
    # The tag of the request id is a newline, and its length may be a space or a brace.
    latch = Latch(Limits())
    assert latch.decode(envelope(request_id, REQUEST, 11), True, control=True) == RequestSchema(request_id)


def test_the_wire_is_fixed_by_the_first_frame() -> None:
    latch = Latch(Limits())
    latch.decode(PING_V1, True, control=True)
    with pytest.raises(WireError, match="a text message on a connection that speaks protobuf-v1") as caught:
        latch.decode(PING_V0, False, control=True)
    assert caught.value.control
    latch = Latch(Limits())
    latch.decode(PING_V0, False, control=False)
    with pytest.raises(WireError, match="no JSON"):
        latch.decode(PING_V1, True, control=False)
    assert latch.decode(b'{"type":"go"}', True, control=False) == Command("go")


def types(packets: list[Packet]) -> list[Any]:
    return [json.loads(packet.data)["data"]["type"] for packet in packets]


def test_what_is_said_early_waits_and_keeps_its_order() -> None:
    latch = Latch(Limits())
    assert latch.encode(Message("first", {})) == []
    assert latch.encode(Message("second", {})) == []
    assert latch.take_held() == []
    latch.decode(PING_V0, False, control=False)
    assert types(latch.encode(Message("third", {}))) == ["first", "second", "third"]
    assert latch.take_held() == []


def test_what_waited_is_said_in_the_wire_of_the_client() -> None:
    latch = Latch(Limits())
    latch.encode(Message("hello", {}))
    latch.decode(PING_V1, True, control=True)
    (packet,) = latch.take_held()
    assert packet.binary
    assert only(only(packet.data, 10), 1) == b"hello"
    assert latch.take_held() == []


@pytest.mark.limit("held_messages", counted="wire.held_dropped")
def test_what_waits_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    counters = Counters()
    latch = Latch(Limits(held_messages=2), counters=counters)
    with caplog.at_level(logging.WARNING):
        for index in range(5):
            latch.encode(Message(f"m{index}", {}))
    assert counters["wire.held_dropped"] == 3
    assert len(caplog.records) == 1
    latch.decode(PING_V0, False, control=False)
    assert types(latch.take_held()) == ["m3", "m4"]


def test_a_known_codec_holds_nothing() -> None:
    latch = Latch(Limits(), JsonV0(Limits()))
    assert types(latch.encode(Message("m", {}))) == ["m"]


def test_what_cannot_be_said_is_counted_and_answered(caplog: pytest.LogCaptureFixture) -> None:
    counters = Counters()
    latch = Latch(Limits(), counters=counters)
    bad = Message("bad", {"a": object()})
    for message in (bad, Reply("go", bad, "r1"), Message("good", {})):
        latch.encode(message)
    latch.decode(PING_V1, True, control=True)
    refusal, good = latch.take_held()
    assert fields(refusal.data)[1] == [b"r1"]
    assert only(only(refusal.data, 40), 1) == b"internal_error"
    assert only(good.data, 10).startswith(block(1, "good"))
    assert counters["wire.unencodable"] == 2
    assert "bad.a: object has no JSON form" in caplog.text


LARGE = {"text": "x" * 2000}


@pytest.mark.parametrize("ping", [PING_V0, PING_V1])
@pytest.mark.parametrize(
    "answer",
    [
        Reply("go", Message("large", LARGE), "r1"),
        Refusal("g" * 2000, "invalid_command", "there is no command " + "g" * 2000, "r1"),
        Refusal("publish_track", "no", "n" * 2000, "r1", control=True),
        Schema(LARGE, "r1"),
    ],
)
def test_an_answer_that_is_too_large_is_an_error(answer: ServerMessage, ping: bytes) -> None:
    counters = Counters()
    latch = Latch(Limits(), counters=counters)
    latch.decode(ping, ping is PING_V1, control=True)
    (whole,) = latch.encode(answer, None)
    assert len(whole.data) > 1000
    (packet,) = latch.encode(answer, 1000)
    assert len(packet.data) < 500
    assert packet.control is whole.control
    problem = f"the reply is too large: {len(whole.data)} bytes; this client takes 1000"
    for said in ("r1", "internal_error", problem):
        assert said.encode() in packet.data
    assert counters["wire.too_large"] == 1


def test_what_answers_nobody_is_left_to_the_channels() -> None:
    latch = Latch(Limits(), JsonV0(Limits()))
    for message in (Message("large", LARGE), Reply("go", Message("large", LARGE), None), Schema(LARGE, None)):
        (packet,) = latch.encode(message, 1000)
        assert len(packet.data) > 1000


def test_what_cannot_be_said_does_not_flood_the_log(caplog: pytest.LogCaptureFixture) -> None:
    latch = Latch(Limits(), JsonV0(Limits()), clock=Clock(), label="peer 7")
    with caplog.at_level(logging.WARNING):
        for _ in range(10):
            latch.encode(Message("bad", {"a": object()}))
    (record,) = caplog.records
    assert record.getMessage().startswith("peer 7: a message was not sent: ")


class Clock:
    def now(self) -> float:
        return 100.0
