"""Whatever a client sends, decoding gives a message or a `WireError`, and the error can be answered."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reactor_runtime.errors import WireError
from reactor_runtime.limits import Limits
from reactor_runtime.wire.json_v0 import JsonV0
from reactor_runtime.wire.latch import Latch
from reactor_runtime.wire.messages import ClientMessage, Command, Message, Refusal, Reply
from reactor_runtime.wire.packet import Codec
from reactor_runtime.wire.protobuf_v1 import ProtobufV1

from .bytes_by_hand import REQUEST, block, envelope, number, struct_

LIMITS = Limits(message_bytes=4096, message_depth=6)
CODECS: list[Codec] = [JsonV0(LIMITS), ProtobufV1(LIMITS)]

quick = settings(max_examples=200, deadline=None)

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
scopes = st.sampled_from(["application", "runtime", "notification", "request"])
verbs = st.sampled_from(["ping", "requestClip", "fileUploaded", "pause_track", "publish_track", "go"])
words = scopes | verbs
keys = st.sampled_from(["scope", "data", "type", "event", "method", "request_id", "uploads", "name", "upload_id"])
# Objects that look like messages: the known keys, with known words or anything under them.
messages = st.recursive(
    words | scalars,
    lambda inner: st.dictionaries(keys | st.just("duration_seconds"), inner, max_size=5) | st.lists(inner, max_size=2),
    max_leaves=15,
)


def takes(codec: Codec, data: bytes, control: bool) -> None:
    try:
        message = codec.decode(data, control=control)
    except WireError as error:
        refusal = Refusal(error.command or "", error.code, str(error), error.request_id, error.control)
        assert len(codec.encode(refusal)) == 1
    else:
        assert isinstance(message, get_args(ClientMessage))


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
@quick
@given(data=st.binary(max_size=200), control=st.booleans())
def test_any_bytes(codec: Codec, data: bytes, control: bool) -> None:
    takes(codec, data, control)


@quick
@given(value=json_values | messages, control=st.booleans())
def test_any_json(value: Any, control: bool) -> None:
    takes(CODECS[0], json.dumps(value).encode(), control)


@quick
@given(
    fields=st.lists(
        st.tuples(st.integers(1, 41), st.binary(max_size=40))
        | st.tuples(st.sampled_from([10, 11, 12, 13]), st.binary(max_size=12).map(lambda data: block(1, data)))
        | st.tuples(st.integers(1, 41), st.integers(0, 2**64 - 1)),
        max_size=5,
    ),
    control=st.booleans(),
)
def test_any_protobuf_fields(fields: list[tuple[int, bytes | int]], control: bool) -> None:
    data = b"".join(
        block(field, content) if isinstance(content, bytes) else number(field, content) for field, content in fields
    )
    takes(CODECS[1], data, control)


@quick
@given(data=st.binary(max_size=60), flips=st.lists(st.tuples(st.integers(0, 199), st.integers(0, 255)), max_size=3))
def test_a_damaged_command(data: bytes, flips: list[tuple[int, int]]) -> None:
    whole = bytearray(
        envelope("data_1", REQUEST, 10, block(1, "x") + block(2, struct_({"a": [1, {"b": "c"}]})) + block(3, data))
    )
    for at, byte in flips:
        whole[at % len(whole)] = byte
    takes(CODECS[1], bytes(whole), False)


@quick
@given(frames=st.lists(st.tuples(st.binary(max_size=30), st.booleans(), st.booleans()), max_size=4))
def test_any_frames_through_a_latch(frames: list[tuple[bytes, bool, bool]]) -> None:
    latch = Latch(LIMITS)
    for data, binary, control in frames:
        latch.encode(Message("m", {}))
        try:
            latch.decode(data, binary, control)
        except WireError as error:
            latch.encode(Refusal(error.command or "", error.code, str(error), error.request_id, error.control))
        assert latch.codec is None or isinstance(latch.take_held(), list)


@quick
@given(arguments=st.dictionaries(st.text(), scalars, max_size=5), request_id=st.text(min_size=1))
def test_what_is_sent_comes_back(arguments: dict[str, Any], request_id: str) -> None:
    frame = {"scope": "application", "data": {"type": "x", "data": arguments}, "request_id": request_id}
    assert CODECS[0].decode(json.dumps(frame).encode(), control=False) == Command("x", arguments, {}, request_id)
    (packet,) = CODECS[0].encode(Reply("x", Message("m", arguments), request_id))
    answer = json.loads(packet.data)["data"]["data"]
    assert answer == {"request_id": request_id, "ok": True, "message": {"type": "m", "data": arguments}}
