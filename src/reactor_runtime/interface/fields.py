"""One field type per annotation: what it accepts, what it makes of it, and how the schema says so."""

from __future__ import annotations

import copy
import dataclasses
import enum
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Union

from ..errors import DeclarationError, FieldError
from .constraints import MISSING, FieldSpec, check_spec, same
from .messages import to_json
from .records import hints_of
from .uploads import UploadedFile

Schema = dict[str, Any]


class UploadResolver(Protocol):
    """Finds the file a reference names."""

    def __call__(self, reference: Mapping[str, Any], path: str) -> UploadedFile: ...


def no_uploads(reference: Mapping[str, Any], path: str) -> UploadedFile:
    """A resolver where there are no files."""
    raise FieldError(path, "no upload is known here")


class FieldType(Protocol):
    """What one field takes."""

    def parse(self, value: Any, path: str, uploads: UploadResolver) -> Any:
        """The Python value for a JSON value.

        Raises:
            FieldError: it does not fit; names the path.
        """
        ...

    def schema(self) -> Schema:
        """The JSON Schema of what is accepted."""
        ...


def describe(value: Any) -> str:
    """A JSON value as an error message names it, cut to a readable length."""
    kinds = {bool: "a boolean", dict: "an object", list: "a list", type(None): "null"}
    if type(value) in kinds and not isinstance(value, bool):
        return kinds[type(value)]
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _wrong(path: str, wanted: str, value: Any) -> FieldError:
    return FieldError(path, f"expected {wanted}, got {describe(value)}")


@dataclass(frozen=True)
class Anything:
    def parse(self, value: Any, path: str, uploads: UploadResolver) -> Any:
        return value

    def schema(self) -> Schema:
        return {}


@dataclass(frozen=True)
class Boolean:
    def parse(self, value: Any, path: str, uploads: UploadResolver) -> bool:
        if not isinstance(value, bool):
            raise _wrong(path, "a boolean", value)
        return value

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Integer:
    """A boolean is no number; an integral float is an int (JSON numbers and protobuf doubles are one kind)."""

    def parse(self, value: Any, path: str, uploads: UploadResolver) -> int:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _wrong(path, "an integer", value)
        if isinstance(value, float) and not value.is_integer():
            raise _wrong(path, "an integer", value)
        return int(value)

    def schema(self) -> Schema:
        return {"type": "integer"}


@dataclass(frozen=True)
class Number:
    def parse(self, value: Any, path: str, uploads: UploadResolver) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _wrong(path, "a number", value)
        try:
            number = float(value)
        except OverflowError:
            raise _wrong(path, "a number a float can hold", value) from None
        if not math.isfinite(number):
            raise _wrong(path, "a finite number", value)
        return number

    def schema(self) -> Schema:
        return {"type": "number"}


@dataclass(frozen=True)
class Text:
    def parse(self, value: Any, path: str, uploads: UploadResolver) -> str:
        if not isinstance(value, str):
            raise _wrong(path, "a string", value)
        return value

    def schema(self) -> Schema:
        return {"type": "string"}


@dataclass(frozen=True)
class OneOf:
    """A Literal or an Enum: `members` pairs each JSON value with what the handler gets."""

    members: tuple[tuple[Any, Any], ...]

    def parse(self, value: Any, path: str, uploads: UploadResolver) -> Any:
        for wire, member in self.members:
            if same(wire, value):
                return member
        raise _wrong(path, f"one of {', '.join(repr(wire) for wire, _ in self.members)}", value)

    def schema(self) -> Schema:
        values = [wire for wire, _ in self.members]
        kinds = {type(value) for value in values}
        names = {str: "string", int: "integer", float: "number", bool: "boolean"}
        uniform = {"type": names[kinds.pop()]} if len(kinds) == 1 and kinds <= names.keys() else {}
        return {**uniform, "enum": values}


@dataclass(frozen=True)
class Maybe:
    inner: FieldType

    def parse(self, value: Any, path: str, uploads: UploadResolver) -> Any:
        return None if value is None else self.inner.parse(value, path, uploads)

    def schema(self) -> Schema:
        return {"anyOf": [self.inner.schema(), {"type": "null"}]}


@dataclass(frozen=True)
class ListOf:
    item: FieldType

    def parse(self, value: Any, path: str, uploads: UploadResolver) -> list[Any]:
        if not isinstance(value, list):
            raise _wrong(path, "a list", value)
        return [self.item.parse(item, f"{path}[{index}]", uploads) for index, item in enumerate(value)]

    def schema(self) -> Schema:
        return {"type": "array", "items": self.item.schema()}


@dataclass(frozen=True)
class DictOf:
    item: FieldType

    def parse(self, value: Any, path: str, uploads: UploadResolver) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong(path, "an object", value)
        return {key: self.item.parse(item, f"{path}.{key}", uploads) for key, item in value.items()}

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": self.item.schema()}


@dataclass(frozen=True)
class Structure:
    """A dataclass: arrives as a real instance."""

    cls: type
    fields: dict[str, FieldType]
    required: tuple[str, ...]
    defaults: dict[str, Any]

    def parse(self, value: Any, path: str, uploads: UploadResolver) -> Any:
        if not isinstance(value, dict):
            raise _wrong(path, "an object", value)
        for key in value:
            if key not in self.fields:
                raise FieldError(f"{path}.{key}", f"no such field; {self.cls.__name__} has {', '.join(self.fields)}")
        for name in self.required:
            if name not in value:
                raise FieldError(f"{path}.{name}", "required, and missing")
        try:
            return self.cls(
                **{name: self.fields[name].parse(item, f"{path}.{name}", uploads) for name, item in value.items()}
            )
        except FieldError:
            raise
        except Exception as error:  # the author's own __post_init__ refuses it
            raise FieldError(path, f"{type(error).__name__}: {error}") from error

    def schema(self) -> Schema:
        properties = {
            name: {**field.schema(), **({"default": self.defaults[name]} if name in self.defaults else {})}
            for name, field in self.fields.items()
        }
        required = {"required": list(self.required)} if self.required else {}
        named = {"type": "object", "title": self.cls.__name__}
        return {**named, "properties": properties, **required, "additionalProperties": False}


UPLOAD_SCHEMA_NAME = "ReactorUploadReference"


@dataclass(frozen=True)
class Upload:
    def parse(self, value: Any, path: str, uploads: UploadResolver) -> UploadedFile:
        if not isinstance(value, dict) or not isinstance(value.get("upload_id"), str):
            raise _wrong(path, 'an upload reference (an object with a string "upload_id")', value)
        return uploads(value, path)

    def schema(self) -> Schema:
        return {"$ref": f"#/components/schemas/{UPLOAD_SCHEMA_NAME}"}


@dataclass(frozen=True)
class Limited:
    """A field with the limits of an `InputField` on it."""

    inner: FieldType
    spec: FieldSpec

    def parse(self, value: Any, path: str, uploads: UploadResolver) -> Any:
        parsed = self.inner.parse(value, path, uploads)
        problem = self.spec.problem(parsed.value if isinstance(parsed, enum.Enum) else parsed)
        if problem is not None:
            raise FieldError(path, problem)
        return parsed

    def schema(self) -> Schema:
        inner = self.inner.schema()
        if "anyOf" in inner:  # the limits are those of the value, not of null
            value, *null = inner["anyOf"]
            return {"anyOf": [{**value, **self.spec.schema(value)}, *null]}
        return {**inner, **self.spec.schema(inner)}


_PLAIN: dict[Any, FieldType] = {
    int: Integer(),
    float: Number(),
    str: Text(),
    bool: Boolean(),
    Any: Anything(),
    object: Anything(),
    UploadedFile: Upload(),
}


def field_type(annotation: Any, where: str) -> FieldType:
    """The field type of an annotation.

    Args:
        annotation: `int float str bool Any Literal Enum Optional list[T] dict[str, T]`, a dataclass, `UploadedFile`,
            or `Annotated[T, InputField(…)]` of one of them.
        where: class, method and field, for the error.

    Raises:
        DeclarationError: it is something else, or its limits do not suit it.
    """
    if isinstance(annotation, str):
        raise DeclarationError(
            f"{where}: the annotation {annotation!r} names something that is not defined here; define it above the "
            "class, or, where a dataclass of a function names another, at the level of the module"
        )
    if isinstance(annotation, type) and annotation in _PLAIN or annotation is Any:
        return _PLAIN[annotation]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        inner = field_type(arguments[0], where)
        for spec in (extra for extra in arguments[1:] if isinstance(extra, FieldSpec)):
            inner = limited(inner, spec, where)
        return inner
    if origin is Literal:
        return OneOf(tuple((to_json(value, where), value) for value in arguments))
    if origin in (Union, types.UnionType):
        rest = [argument for argument in arguments if argument is not type(None)]
        if len(rest) == 1 and len(rest) < len(arguments):
            return Maybe(field_type(rest[0], where))
        raise DeclarationError(f"{where}: a Union of several types; take one type, or Optional of one")
    if origin is list or annotation is list:
        return ListOf(field_type(arguments[0], where) if arguments else Anything())
    if origin is dict or annotation is dict:
        if arguments and arguments[0] is not str:
            raise DeclarationError(f"{where}: keys of a dict are strings on the wire; use dict[str, …]")
        return DictOf(field_type(arguments[1], where) if arguments else Anything())
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return OneOf(tuple((to_json(member.value, where), member) for member in annotation))
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        return _structure(annotation, where)
    raise DeclarationError(
        f"{where}: {getattr(annotation, '__name__', annotation)!s} cannot come from a client; use int, float, str, "
        "bool, Literal, an Enum, Optional, list, dict, a dataclass or UploadedFile"
    )


def limited(inner: FieldType, spec: FieldSpec, where: str) -> FieldType:
    """`inner` with the limits of `spec`.

    Raises:
        DeclarationError: a limit does not suit the type.
    """
    if not spec.limits():
        return inner
    if spec.choices is not None:
        spec = dataclasses.replace(spec, choices=tuple(to_json(choice, where) for choice in spec.choices))
    bare = inner.schema()
    check_spec(spec, bare["anyOf"][0] if "anyOf" in bare else bare, where)
    return Limited(inner, spec)


def _structure(cls: type, where: str) -> Structure:
    hints = hints_of(cls)
    fields: dict[str, FieldType] = {}
    required: list[str] = []
    defaults: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        if not field.init:
            continue
        path = f"{where}.{field.name}"
        if isinstance(field.default, FieldSpec):
            raise DeclarationError(
                f"{path}: an InputField is no default of a dataclass; write Annotated[…, InputField(…)], and the plain "
                "default"
            )
        if hints.get(field.name) is cls:
            raise DeclarationError(f"{path}: a dataclass that holds itself cannot come from a client")
        fields[field.name] = field_type(hints.get(field.name, field.type), path)
        if field.default is not dataclasses.MISSING:
            defaults[field.name] = to_json(field.default, path)
        elif field.default_factory is dataclasses.MISSING:
            required.append(field.name)
    return Structure(cls, fields, tuple(required), defaults)


def checked_default(field: FieldType, default: Any, where: str) -> Any:
    """A parameter's default, as the handler gets it.

    Raises:
        DeclarationError: it does not fit its own field, or could be changed from call to call.
    """
    if default is MISSING:
        return MISSING
    if isinstance(default, (list, dict, set, bytearray)):
        raise DeclarationError(f"{where}: a mutable default is shared between calls; use None, and Optional")
    parameters = getattr(type(default), "__dataclass_params__", None)
    if parameters is not None and not parameters.frozen:
        raise DeclarationError(
            f"{where}: a default that can be changed is shared between calls; make {type(default).__name__} a "
            "@dataclass(frozen=True), or use None, and Optional"
        )
    try:
        return copy.copy(field.parse(to_json(default, where), where, no_uploads))
    except (FieldError, TypeError, ValueError) as error:
        text = error.problem if isinstance(error, FieldError) else str(error)
        raise DeclarationError(f"{where}: its default does not fit: {text}") from None
