"""Checks of what a client sent against the shape it must have. Each names the path of what is wrong."""

from __future__ import annotations

import json

from ..errors import FieldError
from .messages import Json, UploadReference

_SHOWN = 40  # characters of a client's text that an error repeats
_EXACT = 10**18  # above this an integer is not spelled out
_LONGEST = 1e9  # seconds
_LARGEST = int(1.7e308)  # an integer above this is no float, which a number field would need


def describe(value: Json) -> str:
    """`value` in a few words, for an error; short whatever the client sent."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            text = json.dumps(value[:_SHOWN], ensure_ascii=False)
            return text if len(value) <= _SHOWN else f"{text}…"
        case int():
            return str(value) if abs(value) < _EXACT else "a very large integer"
        case float():
            return str(value)
        case list():
            return "a list"
        case _:
            return "an object"


def as_object(value: Json, path: str) -> dict[str, Json]:
    """`value` as an object; nothing is the empty one.

    Raises:
        FieldError: it is something else.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise FieldError(path, f"expected an object, got {describe(value)}")
    return value


def as_flag(value: Json, path: str) -> bool:
    """`value` as true or false.

    Raises:
        FieldError: it is something else.
    """
    if not isinstance(value, bool):
        raise FieldError(path, f"expected true or false, got {describe(value)}")
    return value


def as_text(value: Json, path: str) -> str:
    """`value` as text that is not empty.

    Raises:
        FieldError: it is something else, or empty.
    """
    if not isinstance(value, str):
        raise FieldError(path, f"expected a text, got {describe(value)}")
    if not value:
        raise FieldError(path, "must not be empty")
    return value


def as_request_id(value: Json, path: str = "request_id") -> str | None:
    """`value` as a request id; nothing and the empty text mean that no answer is expected.

    Raises:
        FieldError: it is something else.
    """
    if value is None or isinstance(value, str):
        return value or None
    raise FieldError(path, f"expected a text, got {describe(value)}")


def as_size(value: Json, path: str) -> int:
    """`value` as a number of bytes; an integral float is one.

    Raises:
        FieldError: it is no integer, or negative.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise FieldError(path, f"expected an integer, got {describe(value)}")
    if value < 0:
        raise FieldError(path, f"must not be negative, got {describe(value)}")
    return value


def as_duration(value: Json, path: str) -> float:
    """`value` as a length of time in seconds.

    Raises:
        FieldError: it is no number, not finite, or not above zero.
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise FieldError(path, f"expected a number, got {describe(value)}")
    if not 0 < value < _LONGEST:  # NaN is not either
        raise FieldError(path, f"expected a finite number of seconds above zero, got {describe(value)}")
    return float(value)


def as_reference(value: Json, path: str) -> UploadReference:
    """`value` as the name of an uploaded file. Only `upload_id` must be there.

    Raises:
        FieldError: it is no such thing.
    """
    if not isinstance(value, dict):
        raise FieldError(path, f"expected an object with upload_id, name, mime_type and size, got {describe(value)}")
    texts: dict[str, str] = {}
    for key in ("name", "mime_type"):
        text = value.get(key, "")
        if not isinstance(text, str):
            raise FieldError(f"{path}.{key}", f"expected a text, got {describe(text)}")
        texts[key] = text
    return UploadReference(
        upload_id=as_text(value.get("upload_id"), f"{path}.upload_id"),
        size=as_size(value.get("size", 0), f"{path}.size"),
        **texts,
    )


def check_bounds(value: Json, path: str, depth: int) -> None:
    """Check that `value` nests at most `depth` containers deep (itself one) and every integer fits a float.

    Raises:
        FieldError: it does.
    """
    waiting: list[tuple[Json, int]] = [(value, 1)]
    while waiting:
        item, level = waiting.pop()
        if isinstance(item, int):
            if abs(item) > _LARGEST:
                raise FieldError(path, "holds an integer that is too large")
        elif isinstance(item, dict | list):
            if level > depth:
                raise FieldError(path, f"nests deeper than {depth} levels")
            children = item.values() if isinstance(item, dict) else item
            waiting.extend((child, level + 1) for child in children)


def step(path: str, key: str) -> str:
    """The path of the member `key`, short whatever the client called it."""
    return f"{path}.{key[:_SHOWN]}"


def clean(text: str) -> str:
    """`text` without what UTF-8 cannot say (lone surrogates), so that an answer never fails for its wording."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
