"""What stands behind an encoded picture for clients that take it off again: which frame it is, when it was captured,
and the author's metadata.

A protobuf of three fields, its length as a little-endian uint32, and four letters. The media engine writes the same
behind what it encodes itself; behind what it is given encoded, it would put the time of that instead of the capture's.
"""

from __future__ import annotations

ATTRIBUTE = "x-reactor-frame-metadata"
"""What an offer says of a client that takes trailers off, with the version."""
_VERSION = "1"
_MAGIC = b"RXMT"


def takes_trailers(offer: str) -> bool:
    """Whether the client that wrote this offer takes trailers of this form off."""
    return f"a={ATTRIBUTE}:{_VERSION}" in offer.split("\nm=", 1)[0].splitlines()


def trailer(frame: int, captured: int, user_data: bytes) -> bytes:
    """The trailer of one frame.

    Args:
        frame: its number, from 1.
        captured: in microseconds of the media engine's clock; above 0.
        user_data: may be empty.
    """
    fields = b"\x08" + _varint(frame) + b"\x10" + _varint(captured)
    if user_data:
        fields += b"\x1a" + _varint(len(user_data)) + user_data
    return fields + len(fields).to_bytes(4, "little") + _MAGIC


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 127:
        written.append(number & 127 | 128)
        number >>= 7
    written.append(number)
    return bytes(written)
