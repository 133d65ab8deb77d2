"""A frame's metadata, as it travels with the picture: a JSON object in UTF-8, without spaces.

Clients find these bytes beside the frame; `reactor-sdk` calls them `user_data`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ..errors import MessageError, OutputError
from ..interface.messages import to_json


def encode_metadata(value: Any, length: int, where: str, limit: int) -> list[bytes]:
    """The metadata of each of `length` frames: one dict for all of them, or a list of `length` dicts (or None).

    Args:
        value: what was given; None for none.
        length: how many frames there are.
        where: for the error.
        limit: the bytes that the metadata of one frame may take.

    Raises:
        OutputError: it is something else, JSON cannot say it, or it is too large; says `where`.
    """
    if value is None:
        return [b""] * length
    if isinstance(value, Mapping):
        return [_encode(value, where, limit)] * length
    if isinstance(value, (list, tuple)):
        if len(value) != length:
            raise OutputError(f"{where}: {len(value)} dicts for {length} frame{'s' * (length != 1)}; give one for each")
        return [_encode(item, f"{where}[{index}]", limit) for index, item in enumerate(value)]
    raise OutputError(f"{where}: metadata is a dict, or for a batch a list of them; got a {type(value).__name__}")


def _encode(value: Any, where: str, limit: int) -> bytes:
    if value is None:
        return b""
    if not isinstance(value, Mapping):
        raise OutputError(f"{where}: the metadata of a frame is a dict, got a {type(value).__name__}")
    try:
        data = msgspec.json.encode(to_json(value, where))
    except MessageError as error:
        raise OutputError(str(error)) from error
    except (RecursionError, UnicodeEncodeError) as error:
        raise OutputError(f"{where}: the metadata has no JSON form: {error}") from error
    if len(data) > limit:
        raise OutputError(
            f"{where}: {len(data)} bytes of metadata, and a frame takes {limit}; send what is larger with self.send()"
        )
    return data
