"""Protobuf as bytes, written without the generated code, so that a wrong field number cannot hide on both sides."""

from __future__ import annotations

import struct


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    """An integer or enum field."""
    return varint(field << 3) + varint(value)


def double(field: int, value: float) -> bytes:
    return varint(field << 3 | 1) + struct.pack("<d", value)


def block(field: int, content: bytes | str = b"") -> bytes:
    """A text, bytes or message field."""
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content


def value(item: object) -> bytes:
    """google.protobuf.Value: 1 null, 2 number, 3 string, 4 bool, 5 Struct, 6 ListValue."""
    match item:
        case None:
            return number(1, 0)
        case bool():
            return number(4, item)
        case int() | float():
            return double(2, item)
        case str():
            return block(3, item)
        case dict():
            return block(5, struct_(item))
        case list():
            return block(6, b"".join(block(1, value(entry)) for entry in item))
        case _:
            raise AssertionError(item)


def struct_(members: dict[str, object]) -> bytes:
    """google.protobuf.Struct: a map of Values in field 1."""
    return b"".join(block(1, block(1, key) + block(2, value(item))) for key, item in members.items())


REQUEST, RESPONSE, NOTIFICATION = 1, 2, 3


def envelope(request_id: str, kind: int, field: int | None = None, payload: bytes = b"") -> bytes:
    head = (block(1, request_id) if request_id else b"") + number(2, kind)
    return head if field is None else head + block(field, payload)


def fields(data: bytes) -> dict[int, list[bytes | int | float]]:
    """The fields of a message, by number, in order."""
    found: dict[int, list[bytes | int | float]] = {}
    at = 0

    def read() -> int:
        nonlocal at
        result = shift = 0
        while True:
            byte = data[at]
            at += 1
            result |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return result

    while at < len(data):
        tag = read()
        entry: bytes | int | float
        match tag & 7:
            case 0:
                entry = read()
            case 1:
                entry = struct.unpack_from("<d", data, at)[0]
                at += 8
            case 2:
                size = read()
                entry = data[at : at + size]
                at += size
            case wire_type:
                raise AssertionError(wire_type)
        found.setdefault(tag >> 3, []).append(entry)
    return found


def only(data: bytes | int | float, field: int) -> bytes:
    """The one block that `field` of the message `data` holds."""
    assert isinstance(data, bytes)
    (entry,) = fields(data)[field]
    assert isinstance(entry, bytes)
    return entry
