"""The worst that a client can say within its bounds costs time and memory in proportion to its size."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping

import pytest

from reactor_runtime.counters import Counters
from reactor_runtime.errors import SignallingError, WireError
from reactor_runtime.interface.tracks import TrackInfo
from reactor_runtime.limits import Limits
from reactor_runtime.transport.webrtc import MappedTrack, Offer
from reactor_runtime.transport.webrtc.ice.candidates import read_candidate
from reactor_runtime.transport.webrtc.negotiation import plan
from reactor_runtime.transport.webrtc.sdp import message_limit
from reactor_runtime.wire import messages as wire
from reactor_runtime.wire.latch import Latch

from . import frames
from .cost import is_linear, peak_bytes

LIMITS = Limits()
SIZE = LIMITS.message_bytes // 8
"""Bytes; four times as much is within the limit of a message."""
OFFER_SIZE = LIMITS.body_bytes // 32
"""Small enough for memory that is at hand: fetching fresh pages from the system costs more than any of this."""
BYTES_EACH = 150
"""Memory for each byte of a message: a short key and its value make two objects of Python."""


def command(data: str) -> bytes:
    return b'{"scope":"application","request_id":"1","data":{"type":"go","data":' + data.encode() + b"}}"


def said(count: int, arguments: Callable[[int], dict[str, object]]) -> bytes:
    return frames.protobuf_frame(wire.Command("go", arguments(count), {}, "1"))


TEXTS: Mapping[str, Callable[[int], bytes]] = {
    "brackets": lambda n: b"[" * n,
    "closed brackets": lambda n: b"[" * (n // 2) + b"]" * (n // 2),
    "a list of lists": lambda n: command("[" + "[]," * (n // 3) + "[]]"),
    "objects": lambda n: command('{"a":[' + "{}," * (n // 3) + "{}]}"),
    "keys": lambda n: command("{" + ",".join(f'"{i}":{i}' for i in range(n // 10)) + "}"),
    "the same key": lambda n: command("{" + '"a":{"a":1},' * (n // 12) + '"a":1}'),
    "one long key": lambda n: command('{"' + "a" * n + '":1}'),
    "a long name": lambda n: b'{"type":"' + b"a" * n + b'","data":5}',
    "escapes": lambda n: command('{"a":"' + "\\u00e9" * (n // 6) + '"}'),
    "digits": lambda n: command('{"a":' + "9" * n + "}"),
    "numbers": lambda n: command('{"a":[' + "1e9," * (n // 4) + "1]}"),
    "a fraction": lambda n: command('{"a":0.' + "1" * n + "}"),
    "uploads": lambda n: json.dumps(
        {"type": "go", "uploads": {str(i): {"upload_id": "u", "size": 1.0} for i in range(n // 40)}}
    ).encode(),
    "white space": lambda n: b"{" + b" \n" * (n // 2),
    "a long request": lambda n: b'{"type":"go","data":1,"request_id":"' + b"r" * n + b'"}',
}

BINARY: Mapping[str, Callable[[int], bytes]] = {
    "arguments": lambda n: said(n // 20, lambda count: {str(i): i for i in range(count)}),
    "values": lambda n: said(n // 11, lambda count: {"a": [1.0] * count}),
    "empty objects": lambda n: said(n // 4, lambda count: {"a": [{}] * count}),
    "the same command": lambda n: said(1, lambda count: {"a": 1}) * (n // 20),
    "unknown fields": lambda n: b"\xb8\x3e\x01" * (n // 3),
    "an open group": lambda n: b"\xbb\x3e" * (n // 2),
    "new lines": lambda n: b"\n" * n,
    "a brace after new lines": lambda n: b"\n" * n + b"{",
    "uploads": lambda n: frames.protobuf_frame(
        wire.Command("go", {}, {str(i): wire.UploadReference("u", "n") for i in range(n // 20)}, "1")
    ),
}


def decode(data: bytes, binary: bool) -> None:
    for control in (False, True):
        with contextlib.suppress(WireError):
            Latch(LIMITS).decode(data, binary, control)


@pytest.mark.parametrize("family", TEXTS)
def test_a_text(family: str) -> None:
    assert is_linear(lambda data: decode(data, False), TEXTS[family], SIZE)
    data = TEXTS[family](SIZE)
    assert peak_bytes(lambda: decode(data, False)) < BYTES_EACH * len(data)


@pytest.mark.parametrize("family", BINARY)
def test_a_binary_message(family: str) -> None:
    assert is_linear(lambda data: decode(data, True), BINARY[family], SIZE)
    data = BINARY[family](SIZE)
    assert peak_bytes(lambda: decode(data, True)) < BYTES_EACH * len(data)


HEAD = "v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\n"
VIDEO = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
OFFERS: Mapping[str, Callable[[int], str]] = {
    "sections": lambda n: HEAD + "".join(f"{VIDEO}a=mid:{i}\r\n" for i in range(n // 45)),
    "sections of one name": lambda n: HEAD + f"{VIDEO}a=mid:0\r\n" * (n // 45),
    "lines": lambda n: HEAD + VIDEO + "a=x:1\r\n" * (n // 7),
    "a line": lambda n: HEAD + VIDEO + "a=" + "x" * n,
    "empty lines": lambda n: HEAD + "\r\n" * (n // 2),
    "odd line ends": lambda n: HEAD + "\u2028\x0b\x85" * (n // 6),
    "payloads": lambda n: HEAD + "m=video 9 x " + "96 " * (n // 3) + "\r\n",
    "codecs": lambda n: HEAD + VIDEO + "".join(f"a=rtpmap:{i} rtx/9\r\na=fmtp:{i} apt=9\r\n" for i in range(n // 40)),
    "repeated codecs": lambda n: (
        HEAD + "".join(f"{VIDEO}a=rtpmap:97 rtx/9\r\na=fmtp:97 apt={i}\r\n" for i in range(n // 70))
    ),
    "error correction": lambda n: (
        HEAD + VIDEO + "".join(f"a=rtpmap:{i} red/9\r\na=fmtp:{i} apt={i}\r\n" for i in range(n // 40))
    ),
    "candidates": lambda n: HEAD + "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n" * (n // 44),
    "spaces in a candidate": lambda n: HEAD + "a=candidate:1 1 udp 1 192.0.2.1 9 typ host" + " a" * (n // 2) + "  b",
    "user fragments": lambda n: HEAD + "".join(f"a=ice-ufrag:{i}\r\n" for i in range(n // 20)),
    "sizes": lambda n: HEAD + "a=max-message-size:" + "9" * n + "\r\n",
}
TRACKS = (TrackInfo("camera", "video", "in"), TrackInfo("main_video", "video", "out"))
MAPPING = [MappedTrack("0", "main_video", "video", "recvonly")]


def take(offer: str) -> None:
    for mapping in ([], MAPPING):
        with contextlib.suppress(SignallingError):
            plan(Offer(offer, mapping), TRACKS, Counters())
    message_limit(offer, offer)


@pytest.mark.parametrize("family", OFFERS)
def test_an_offer(family: str) -> None:
    assert is_linear(lambda data: take(data.decode()), lambda size: OFFERS[family](size).encode(), OFFER_SIZE)


CANDIDATES: Mapping[str, Callable[[int], str]] = {
    "words": lambda n: "candidate:1 1 udp 1 192.0.2.1 9 typ host" + " a" * (n // 2) + "\x00",
    "spaces": lambda n: "candidate:1 1 udp 1 192.0.2.1 9 typ host" + " " * n + "\x00",
    "a name": lambda n: "candidate:1 1 udp 1 " + "a" * n + " 9 typ host",
    "user fragments": lambda n: "candidate:1 1 udp 1 192.0.2.1 9 typ host" + " ufrag" * (n // 6),
}


def read(candidate: str) -> None:
    with contextlib.suppress(SignallingError):
        read_candidate(candidate)


@pytest.mark.parametrize("family", CANDIDATES)
def test_a_candidate(family: str) -> None:
    make = CANDIDATES[family]
    assert is_linear(lambda data: read(data.decode()), lambda size: make(size).encode(), OFFER_SIZE)
