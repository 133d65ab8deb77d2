"""What a model says to its clients: `ModelMessage`, and how its fields become JSON."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import enum
import math
import re
import uuid
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any, dataclass_transform

import numpy as np

from ..errors import MessageError
from .records import Record, fields_of

_CUT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def MessageField(default: Any = dataclasses.MISSING, *, description: str = "") -> Any:
    """A documented field of a message.

    Args:
        default: its value when it is left out; without one the field is required. A list, dict or set is copied
            for each message.
        description: what it means, for the published schema.
    """
    metadata = {"description": description}
    if isinstance(default, (list, dict, set)):
        value: Any = default
        return dataclasses.field(default_factory=lambda: type(value)(value), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclass_transform(field_specifiers=(MessageField, dataclasses.field))
class ModelMessage(Record):
    """Base of the messages a model sends. Subclass it with annotated fields; `@dataclass` may stand above or not.

    On the wire a message is `{"type": <snake_case of the class name>, "data": {<field>: <value>}}`.
    """

    __record_base__ = True


def wire_name(cls: type) -> str:
    """The `type` of a message class on the wire: `CurrentPrompt` is `current_prompt`, `HTTPError` is `http_error`."""
    return _CUT.sub("_", cls.__name__).lower()


def message_data(message: ModelMessage) -> dict[str, Any]:
    """The fields of a message as JSON.

    Raises:
        MessageError: a field has no JSON form; names its path.
    """
    return {
        field.name: to_json(getattr(message, field.name), f"{type(message).__name__}.{field.name}")
        for field in fields_of(type(message))
    }


def to_json(value: Any, path: str) -> Any:
    """`value` in the types JSON has.

    numpy scalars and arrays, Enums (their value), dataclasses, tuples and sets, bytes (base64), paths, dates (ISO
    8601) and UUIDs are converted. Integers stay integers.

    Raises:
        MessageError: it is something else, or not finite.
    """
    if value is None or isinstance(value, (bool, str)) and not isinstance(value, enum.Enum):
        return value
    if isinstance(value, enum.Enum):
        return to_json(value.value, path)
    if isinstance(value, np.generic):
        return to_json(value.item(), path)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise MessageError(f"{path}: {value} has no JSON form; send a finite number or None")
        return float(value)
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            raise MessageError(f"{path}: the array holds NaN or Inf, which have no JSON form")
        return to_json(value.tolist(), path)
    if isinstance(value, Mapping):
        return {_key(key, path): to_json(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item, f"{path}[{index}]") for index, item in enumerate(value)]
    return _other(value, path)


def _key(key: Any, path: str) -> str:
    if isinstance(key, enum.Enum):
        key = key.value
    if isinstance(key, str):
        return key
    if isinstance(key, (int, np.integer)) and not isinstance(key, bool):
        return str(int(key))
    raise MessageError(f"{path}: a key of type {type(key).__name__}; JSON keys are strings")


def _set(value: Any, path: str) -> Any:
    return [to_json(item, f"{path}[{index}]") for index, item in enumerate(value)]


_CONVERTERS: tuple[tuple[tuple[type, ...], Callable[[Any, str], Any]], ...] = (
    ((set, frozenset), _set),
    ((bytes, bytearray, memoryview), lambda value, _: base64.b64encode(bytes(value)).decode("ascii")),
    ((PurePath, uuid.UUID), lambda value, _: str(value)),
    ((datetime.datetime, datetime.date, datetime.time), lambda value, _: value.isoformat()),
)


def _other(value: Any, path: str) -> Any:
    for types, convert in _CONVERTERS:
        if isinstance(value, types):
            return convert(value, path)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name), f"{path}.{f.name}") for f in dataclasses.fields(value)}
    raise MessageError(
        f"{path}: a {type(value).__name__} cannot be put in a message; "
        "send numbers, strings, lists, dicts, dataclasses or arrays"
    )


def check_message(message: object, caller: str) -> ModelMessage:
    """`message` if it is one.

    Raises:
        MessageError: it is something else; `caller` says where.
    """
    if not isinstance(message, ModelMessage):
        raise MessageError(
            f"{caller} takes a ModelMessage, got {type(message).__name__}; "
            "define `class MyMessage(ModelMessage)` with the fields to send"
        )
    return message
