"""Both wires: bytes give a message or a `WireError`, what is written is read as it was, and one says
what the other does."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reactor_runtime.errors import MessageError, WireError
from reactor_runtime.limits import Limits
from reactor_runtime.wire import messages as wire
from reactor_runtime.wire.json_v0 import JsonV0
from reactor_runtime.wire.packet import Codec
from reactor_runtime.wire.protobuf_v1 import ProtobufV1

from . import frames
from .budget import budget
from .values import names, nested, objects, references, texts

LIMITS = Limits()
JSON, PROTOBUF = JsonV0(LIMITS), ProtobufV1(LIMITS)
CODECS: list[Codec] = [JSON, PROTOBUF]

ids = st.none() | names
seconds = st.floats(min_value=1e-6, max_value=1e6)
commands = st.builds(wire.Command, names, objects, st.dictionaries(names, references, max_size=2), ids)
in_both = (
    commands
    | st.builds(wire.Ping)
    | st.builds(wire.RequestSchema, ids)
    | st.builds(wire.FileUploaded, references)
    | st.builds(wire.RequestClip, seconds, ids)
    | st.builds(wire.RequestRecording, ids)
    | st.builds(wire.PublishTrack, names, ids)
    | st.builds(wire.UnpublishTrack, names)
    | st.builds(wire.PauseTrack, names)
    | st.builds(wire.ResumeTrack, names)
)
in_json = in_both | st.builds(wire.Ping, ids) | st.builds(wire.WatchFigures, st.booleans())
in_protobuf = in_both | st.builds(wire.ClientStats) | st.builds(wire.RequestStep, ids)

model_messages = st.builds(wire.Message, names, objects)
faults = st.sampled_from(["busy", "timeout"]) | names
server_messages: st.SearchStrategy[Any] = (
    model_messages
    | st.builds(wire.Reply, names, st.none() | model_messages, names)
    | st.builds(wire.Refusal, texts, faults, texts, ids)
    | st.builds(wire.Schema, objects, ids)
    | st.builds(wire.ClipReady, names, names, seconds, seconds, seconds, st.integers(0, 2**53), names, ids)
    | st.builds(wire.ClipFailed, names, ids)
    | st.builds(wire.PublishGranted, names, ids)
    | st.builds(wire.PublishRefused, names, texts, ids)
    | st.builds(wire.SessionEnded, texts)
)


@budget(400)
@given(in_json)
def test_what_a_json_client_writes_is_read_as_it_was(message: wire.ClientMessage) -> None:
    control = isinstance(message, wire.PublishTrack | wire.UnpublishTrack | wire.PauseTrack | wire.ResumeTrack)
    for channel in {False, control}:
        assert JSON.decode(frames.json_frame(message), control=channel) == message


@budget(400)
@given(in_protobuf)
def test_what_a_native_client_writes_is_read_as_it_was(message: wire.ClientMessage) -> None:
    assert PROTOBUF.decode(frames.protobuf_frame(message), control=frames.is_control(message)) == message


@budget(400)
@given(in_both)
def test_both_wires_say_the_same_to_the_server(message: wire.ClientMessage) -> None:
    by_json = JSON.decode(frames.json_frame(message), control=False)
    by_protobuf = PROTOBUF.decode(frames.protobuf_frame(message), control=frames.is_control(message))
    assert by_json == by_protobuf == message


@budget(400)
@given(server_messages)
def test_both_wires_say_the_same_to_the_client(message: wire.ServerMessage) -> None:
    (by_json,) = JSON.encode(message)
    *before, by_protobuf = PROTOBUF.encode(message)
    # The end of a session is told there as an error too, which is all that the official client tells its user.
    assert len(before) == isinstance(message, wire.SessionEnded)
    assert frames.said_in_json(by_json) == frames.said_in_protobuf(by_protobuf)


@budget(300)
@given(nested(7), st.integers(3, 6))
def test_what_nests_too_deep_is_refused_by_both(value: Any, depth: int) -> None:
    """A command's arguments may nest `message_depth` deep, not one deeper; the same on both wires."""
    limits = Limits(message_depth=depth)
    message = wire.Command("go", {"value": value}, {}, "1")
    outcomes: list[Any] = []
    for codec, frame in ((JsonV0(limits), frames.json_frame), (ProtobufV1(limits), frames.protobuf_frame)):
        try:
            outcomes.append(codec.decode(frame(message), control=False))
        except WireError as error:
            outcomes.append((error.code, error.request_id, error.command))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0] == (("invalid_command", "1", "go") if _depth({"value": value}) > depth else message)


def _depth(value: Any) -> int:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if children is None else 1 + max((_depth(child) for child in children), default=0)


def answer(codec: Codec, data: bytes, control: bool) -> None:
    """Decode `data` as a connection does: it is a message, or an error that can be answered."""
    try:
        message = codec.decode(data, control=control)
    except WireError as error:
        refusal = wire.Refusal(error.command or "", error.code, str(error), error.request_id, error.control)
        (packet,) = codec.encode(refusal)
        assert len(packet.data) <= 2 * len(data) + 2000, "the answer is short, whatever was sent"
    else:
        assert isinstance(message, get_args(wire.ClientMessage))


edits = st.lists(
    st.tuples(st.sampled_from(["set", "cut", "insert", "repeat"]), st.integers(0, 2**16), st.binary(max_size=6)),
    min_size=1,
    max_size=4,
)


def damaged(data: bytes, changes: list[tuple[str, int, bytes]]) -> bytes:
    """`data` with some of its bytes replaced, left out, put in or said twice."""
    for kind, place, more in changes:
        at = place % (len(data) + 1)
        size = {"set": len(more), "cut": 1 + place % 7, "insert": 0, "repeat": -(place % 9)}[kind]
        data = data[:at] + (b"" if kind == "cut" else more) + data[max(0, at + size) :]
    return data


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
@budget(400)
@given(message=in_both, changes=edits, control=st.booleans())
def test_a_damaged_message(
    codec: Codec, message: wire.ClientMessage, changes: list[tuple[str, int, bytes]], control: bool
) -> None:
    whole = (frames.protobuf_frame if codec.binary else frames.json_frame)(message)
    answer(codec, damaged(whole, changes), control)


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
@budget(200)
@given(data=st.binary(max_size=400), control=st.booleans())
def test_any_bytes(codec: Codec, data: bytes, control: bool) -> None:
    answer(codec, data, control)


odd = (
    st.floats()
    | st.integers(-(10**400), 10**400)
    | st.text(max_size=4)
    | st.binary(max_size=4)
    | st.builds(object)
    | st.tuples(st.integers())
    | st.sets(st.integers(), max_size=2)
)


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
@budget(300)
@given(data=st.dictionaries(st.text(max_size=4) | st.integers(), odd | st.lists(odd, max_size=2), max_size=3))
def test_a_message_that_cannot_be_said_is_a_message_error(codec: Codec, data: Any) -> None:
    try:
        packets = codec.encode(wire.Message("m", data))
    except MessageError:
        return
    assert len(packets) == 1
