"""Uploaded images: their size is read before they are, so that a small file cannot ask for a lot of memory."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from reactor_runtime.interface import CommandError, UploadedFile

MEGAPIXELS = 40
"""The largest image taken."""

# The markers after which a JPEG tells its size: all "start of frame" but the three that are something else.
_JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def decode(file: UploadedFile) -> NDArray[np.uint8]:
    """The pixels of an uploaded image, `(height, width, 3)` RGB.

    Raises:
        CommandError: it is no PNG, JPEG or WebP image, it is broken, or it is too large.
    """
    width, height = image_size(file.data) or (0, 0)
    if width * height > MEGAPIXELS * 1_000_000:
        problem = f"{file.name!r} has {width}×{height} pixels; send one of at most {MEGAPIXELS} megapixels"
        raise CommandError("image_too_large", problem)
    try:
        bgr = cv2.imdecode(np.frombuffer(file.data, np.uint8), cv2.IMREAD_COLOR) if width and height else None
    except cv2.error:
        bgr = None
    if bgr is None:
        raise CommandError("bad_image", f"{file.name!r} cannot be read as an image; send a PNG, JPEG or WebP file")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def image_size(data: bytes) -> tuple[int, int] | None:
    """Width and height that a PNG, JPEG or WebP file says it has; None where it is none of them."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if data.startswith(b"\xff\xd8"):
        return _jpeg_size(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp_size(data)
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif marker in _JPEG_FRAMES:
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    kind, bits = data[12:16], int.from_bytes(data[21:25], "little")
    if kind == b"VP8 ":
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    if kind == b"VP8L":
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    return None
