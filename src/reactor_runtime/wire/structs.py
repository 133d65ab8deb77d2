"""JSON values as protobuf's `Struct`, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping

from google.protobuf.struct_pb2 import NULL_VALUE, Struct, Value

from ..errors import FieldError, MessageError
from .messages import Json


def read_struct(struct: Struct, path: str, depth: int) -> dict[str, Json]:
    """The object that `struct` is, nested at most `depth` containers deep (itself one).

    A `Struct` has one kind of number: integers come out as floats, and NaN and the infinities pass.

    Raises:
        FieldError: it nests deeper.
    """
    try:
        return _members(struct, depth)
    except _TooDeep:
        raise FieldError(path, f"nests deeper than {depth} levels") from None


class _TooDeep(Exception):
    """More containers in each other than may be."""


def _members(struct: Struct, depth: int) -> dict[str, Json]:
    if depth < 1:
        raise _TooDeep
    fields = struct.fields  # by key: its items() are Python's, not the library's, and several times as slow
    return {key: _read(fields[key], depth) for key in fields}


def _read(value: Value, depth: int) -> Json:
    match value.WhichOneof("kind"):
        case "number_value":
            return value.number_value
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "struct_value":
            return _members(value.struct_value, depth - 1)
        case "list_value":
            if depth < 2:
                raise _TooDeep
            return [_read(item, depth - 1) for item in value.list_value.values]
        case _:  # null, or nothing, which some writers say for it
            return None


def write_struct(struct: Struct, data: Mapping[str, Json], path: str, depth: int) -> None:
    """Fill the empty `struct` with the object `data`. Integers become doubles.

    Raises:
        MessageError: `data` nests more than `depth` containers deep, or holds what is no JSON; names its path.
    """
    if depth < 1:
        raise MessageError(f"{path}: nests too deep for protobuf clients to read")
    for key, item in data.items():
        if not isinstance(key, str):
            raise MessageError(f"{path}: the key {key!r} is no text; a protobuf object has only such")
        _write(struct.fields[key], item, f"{path}.{key}", depth)


def _write(value: Value, item: Json, path: str, depth: int) -> None:
    match item:
        case None:
            value.null_value = NULL_VALUE
        case bool():
            value.bool_value = item
        case str():
            value.string_value = item
        case int() | float():
            value.number_value = _double(item, path)
        case dict():
            value.struct_value.SetInParent()
            write_struct(value.struct_value, item, path, depth - 1)
        case list() | tuple():
            if depth < 2:
                raise MessageError(f"{path}: nests too deep for protobuf clients to read")
            value.list_value.SetInParent()
            for index, entry in enumerate(item):
                _write(value.list_value.values.add(), entry, f"{path}[{index}]", depth - 1)
        case _:
            raise MessageError(f"{path}: {type(item).__name__} has no JSON form")


def _double(number: int | float, path: str) -> float:
    try:
        double = float(number)
    except OverflowError as error:
        raise MessageError(f"{path}: the integer is too large for a double") from error
    if not math.isfinite(double):
        raise MessageError(f"{path}: {double} is no JSON number")
    return double
