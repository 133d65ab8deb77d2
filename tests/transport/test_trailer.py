"""What stands behind an encoded picture: read back by hand, and beside what the media engine writes itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reactor_runtime.transport.webrtc.video.trailer import takes_trailers, trailer

OFFER = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\n{}m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n"


def number(data: bytes) -> tuple[int, bytes]:
    """A varint, and what is behind it."""
    value = 0
    for place, byte in enumerate(data):
        value |= (byte & 127) << 7 * place
        if byte < 128:
            return value, data[place + 1 :]
    raise AssertionError("a varint without an end")


def read(data: bytes) -> tuple[bytes, dict[int, int | bytes]]:
    """What is before the trailer, and its fields by number."""
    assert data[-4:] == b"RXMT"
    length = int.from_bytes(data[-8:-4], "little")
    body, fields = data[len(data) - 8 - length : -8], dict[int, int | bytes]()
    while body:
        key, body = number(body)
        value, body = number(body)
        if key & 7 == 2:
            value, body = body[:value], body[value:]
        fields[key >> 3] = value
    return data[: len(data) - 8 - length], fields


def test_it_is_written_as_agreed() -> None:
    assert trailer(1, 300, b"") == b"\x08\x01\x10\xac\x02" + b"\x05\x00\x00\x00" + b"RXMT"
    assert trailer(128, 127, b"{}") == b"\x08\x80\x01\x10\x7f\x1a\x02{}" + b"\x09\x00\x00\x00" + b"RXMT"


@given(st.binary(max_size=50), st.integers(1, 2**32), st.integers(1, 2**62), st.binary(max_size=1000))
def test_it_is_read_back(picture: bytes, frame: int, captured: int, user_data: bytes) -> None:
    before, fields = read(picture + trailer(frame, captured, user_data))
    assert before == picture
    assert fields == {1: frame, 2: captured, **({3: user_data} if user_data else {})}


def test_it_is_what_the_media_engine_writes() -> None:
    script = Path(__file__).with_name("written_trailers.py")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    written = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["said"] for one in written} >= {"", b"{}".hex()}
    for one in written:
        tail, user_data = bytes.fromhex(one["tail"]), bytes.fromhex(one["said"])
        _, fields = read(tail)
        frame = fields[1]
        assert isinstance(frame, int)
        assert tail.endswith(trailer(frame, one["captured"], user_data))


@pytest.mark.parametrize(
    ("line", "takes"),
    [
        ("a=x-reactor-frame-metadata:1\r\n", True),
        ("a=ice-options:trickle\r\na=x-reactor-frame-metadata:1\r\na=group:BUNDLE 0\r\n", True),
        ("a=x-reactor-frame-metadata:1\n", True),
        ("", False),
        ("a=x-reactor-frame-metadata:2\r\n", False),
        ("a=x-reactor-frame-metadata:10\r\n", False),
        ("a=x-reactor-frame-metadata\r\n", False),
        ("a=tool:a=x-reactor-frame-metadata:1\r\n", False),
    ],
)
def test_who_takes_it_off(line: str, takes: bool) -> None:
    assert takes_trailers(OFFER.format(line)) is takes


def test_what_a_media_section_says_is_not_of_the_session() -> None:
    assert not takes_trailers(OFFER.format("") + "a=x-reactor-frame-metadata:1\r\n")
