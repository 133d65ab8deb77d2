"""The boxes that an MP4 file is made of: found, and the times in them moved."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_FULL_HEADER = 4  # version and flags


def boxes(data: bytes | bytearray, begin: int = 0, end: int | None = None) -> Iterator[tuple[str, int, int, int]]:
    """Each box between two places: its type, where it begins, where its content begins, where it ends."""
    end = len(data) if end is None else end
    while begin + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, begin)
        content = begin + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, content)
            content += 8
        last = begin + size if size else end
        if last < content or last > end:
            raise ValueError(f"the box at {begin} does not end within its file")
        yield kind.decode("latin-1"), begin, content, last
        begin = last


def part(data: bytes, *kinds: str) -> bytes:
    """The outer boxes of these kinds, in the order they stand in."""
    return b"".join(data[begin:end] for kind, begin, _, end in boxes(data) if kind in kinds)


def timescales(init: bytes) -> dict[int, int]:
    """Units of time in a second, for each track id of an init segment."""
    found: dict[int, int] = {}
    for _, content, end in _within(init, "moov", "trak"):
        ids = [_number(init, inner, 12, 20) for _, inner, _ in _within(init, "tkhd", begin=content, end=end)]
        scales = [_number(init, inner, 12, 20) for _, inner, _ in _within(init, "mdia", "mdhd", begin=content, end=end)]
        found |= dict(zip(ids, scales, strict=True))
    return found


def moved(chunk: bytes, seconds: float, scales: dict[int, int]) -> bytes:
    """A segment with all its times so many seconds earlier, none before 0."""
    data = bytearray(chunk)
    for _, content, end in _within(data, "moof", "traf"):
        track = next(_number(data, inner, 4, 4) for _, inner, _ in _within(data, "tfhd", begin=content, end=end))
        for _, inner, _ in _within(data, "tfdt", begin=content, end=end):
            layout = ">Q" if data[inner] == 1 else ">I"
            place = inner + _FULL_HEADER
            (time,) = struct.unpack_from(layout, data, place)
            struct.pack_into(layout, data, place, max(0, time - round(seconds * scales[track])))
    return bytes(data)


def _within(
    data: bytes | bytearray, *path: str, begin: int = 0, end: int | None = None
) -> Iterator[tuple[int, int, int]]:
    """Each box at the end of a path of types: where it begins, where its content begins, where it ends."""
    for kind, start, content, last in boxes(data, begin, end):
        if kind != path[0]:
            continue
        if len(path) == 1:
            yield start, content, last
        else:
            yield from _within(data, *path[1:], begin=content, end=last)


def _number(data: bytes | bytearray, content: int, short: int, long: int) -> int:
    """A 32-bit number in a box, at one of two places: for versions 0 and 1, the second having longer times."""
    (value,) = struct.unpack_from(">I", data, content + (long if data[content] == 1 else short))
    return int(value)
