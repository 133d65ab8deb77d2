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
_END = 8
"""Bytes of the length and the letters."""
_UNIT = 9
"""A kind of unit that AV1 reserves, and a field that no trailer has."""


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


def attached(plain: bytes, codec: str) -> bytes:
    """A trailer as it is put behind a picture of `codec`."""
    return _in_unit(plain) if codec == "AV1" and plain else plain


def _in_unit(plain: bytes) -> bytes:
    """A trailer that is a unit of AV1, as nothing else passes: who sends AV1 takes it apart into units (OBUs), and who
    receives it writes the size of each behind its first byte (RTP payload format for AV1, section 5).

    That byte and the size are to be part of the protobuf, so that nothing of the unit is left once the trailer is taken
    off. With its bit 0, which AV1 reserves, the first byte begins a group of a field that is not known; the size, as it
    is divisible by 8, is a number's tag in that group. Of a kind that AV1 reserves, a unit is ignored by who takes
    nothing off.
    """
    fields = plain[:-_END]
    inside = 1 + len(fields) + _END
    filler = -inside % 8 or 8
    size = _varint(inside + filler)
    # One number, of one byte or two, and more fields of two bytes each.
    filled = b"\x01" if filler % 2 else b"\x81\x00"
    filled += b"\x28\x01" * ((filler - len(filled)) // 2)
    length = 1 + len(size) + filler + 1 + len(fields)
    begins, ends = bytes([_UNIT << 3 | 1]), bytes([_UNIT << 3 | 4])
    return begins + filled + ends + fields + length.to_bytes(4, "little") + _MAGIC


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 127:
        written.append(number & 127 | 128)
        number >>= 7
    written.append(number)
    return bytes(written)
