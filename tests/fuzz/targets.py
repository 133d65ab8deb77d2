"""What takes bytes of strangers, as functions of bytes that raise nothing: for `guided.py` and its corpus."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping

from reactor_runtime.counters import Counters
from reactor_runtime.errors import ManifestError, SignallingError, WireError
from reactor_runtime.limits import Limits
from reactor_runtime.manifest.document import parse_yaml
from reactor_runtime.transport.webrtc import Offer
from reactor_runtime.transport.webrtc.ice.candidates import read_candidate
from reactor_runtime.transport.webrtc.negotiation import plan
from reactor_runtime.transport.webrtc.sdp import message_limit
from reactor_runtime.wire.json_v0 import JsonV0
from reactor_runtime.wire.latch import Latch
from reactor_runtime.wire.messages import Message, Refusal
from reactor_runtime.wire.packet import Codec
from reactor_runtime.wire.protobuf_v1 import ProtobufV1

from .offers import MAPPING, TRACKS

_LIMITS = Limits()


def _decode(codec: Codec, data: bytes) -> None:
    """The first byte says on which channel it came."""
    control, frame = data[:1] == b"\x01", data[1:]
    try:
        codec.decode(frame, control=control)
    except WireError as error:
        codec.encode(Refusal(error.command or "", error.code, str(error), error.request_id, error.control))


def json_frames(data: bytes) -> None:
    _decode(JsonV0(_LIMITS), data)


def protobuf_frames(data: bytes) -> None:
    _decode(ProtobufV1(_LIMITS), data)


def frames_of_a_connection(data: bytes) -> None:
    """Several frames, each behind its length and a byte that says of which kind it is."""
    latch = Latch(_LIMITS)
    latch.encode(Message("m", {}))
    while len(data) > 2:
        frame, kind = data[2 : 2 + data[0]], data[1]
        data = data[2 + data[0] :]
        try:
            latch.decode(frame, bool(kind & 1), bool(kind & 2))
        except WireError as error:
            latch.encode(Refusal(error.command or "", error.code, str(error), error.request_id, error.control))


def offers(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for mapping in ((), MAPPING):
        with contextlib.suppress(SignallingError):
            plan(Offer(text, mapping), TRACKS, Counters())
    message_limit(text, text)


def candidates(data: bytes) -> None:
    with contextlib.suppress(SignallingError):
        read_candidate(data.decode("utf-8", "replace"))


def yaml_files(data: bytes) -> None:
    with contextlib.suppress(ManifestError):
        parse_yaml(data, "here")


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "json": json_frames,
    "protobuf": protobuf_frames,
    "connection": frames_of_a_connection,
    "offer": offers,
    "candidate": candidates,
    "yaml": yaml_files,
}
