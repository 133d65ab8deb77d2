"""The OpenAPI document of a model, read: commands, messages, tracks and the types they are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from ..errors import ReactorError
from ..interface.fields import UPLOAD_SCHEMA_NAME, describe
from .names import pascal, singular, snake
from .prose import clean, limits_of, one_line
from .shapes import (
    ANY,
    NULL,
    UNSET,
    AnyOf,
    Choice,
    Command,
    Document,
    Field,
    ListOf,
    MapOf,
    Message,
    ObjectRef,
    ObjectType,
    Scalar,
    Shape,
    Track,
    Upload,
)

_COMMAND = "/events/"
_COMPONENT = "#/components/schemas/"
_SCALARS = ("null", "boolean", "integer", "number", "string")
_UPLOAD_FORMAT = "reactor-upload-reference"


class SchemaError(ReactorError):
    """This is no document of a model; says where it is not."""


def read_document(document: Any) -> Document:
    """Read an OpenAPI document as `interface.schema.openapi` makes them, and `GET /schema` shows them.

    Raises:
        SchemaError: it is none.
    """
    top = _mapping(document, "the document")
    if not isinstance(top.get("openapi"), str):
        raise SchemaError("this is no OpenAPI document: it has no key 'openapi' with a version")
    return _Reader(top).read()


class _Reader:
    """Reads one document; object types are collected on the way."""

    def __init__(self, top: Mapping[str, Any]) -> None:
        self._top = top
        self._components = _section(_section(top, "components"), "schemas", "components")
        self._objects: dict[str, ObjectType] = {}
        self._messages: dict[str, Message] = {}
        self._open: list[str] = []
        """The components that are being read and are no objects."""

    def read(self) -> Document:
        info = _section(self._top, "info")
        for name, item in _section(self._top, "webhooks").items():
            self._read_message(name, item, f"webhooks.{name}")
        commands = [
            self._command(path.removeprefix(_COMMAND), item, f"paths.{path}")
            for path, item in _section(self._top, "paths").items()
            if path.startswith(_COMMAND) and len(path) > len(_COMMAND)
        ]
        return Document(
            title=one_line(_text(info.get("title"))) or "model",
            version=one_line(_text(info.get("version"))),
            description=clean(_text(info.get("description"))),
            commands=commands,
            messages=list(self._messages.values()),
            tracks=self._tracks(),
            objects=self._objects,
        )

    def _tracks(self) -> list[Track]:
        found = _section(self._top, "x-reactor").get("tracks", [])
        if not isinstance(found, list):
            raise SchemaError(f"x-reactor.tracks: expected a list, got {describe(found)}")
        tracks = [_mapping(track, f"x-reactor.tracks[{index}]") for index, track in enumerate(found)]
        return [
            Track(_text(track.get("name")), _text(track.get("kind")), "in" if track.get("direction") == "in" else "out")
            for track in tracks
        ]

    def _read_message(self, name: str, item: Any, where: str) -> None:
        operation = _section(_mapping(item, where), "post", where)
        schema = _content(operation.get("requestBody"), f"{where}.post.requestBody")
        self._add_message(name, schema, _described(operation), where)

    def _add_message(self, name: str, schema: Mapping[str, Any], description: str, where: str) -> Message:
        shape = self._shape(schema, (pascal(name),), where)
        if shape == MapOf(ANY):  # a message without fields
            shape = self._object(where, (pascal(name),), {}, where)
        if not isinstance(shape, ObjectRef):
            raise SchemaError(f"{where}: a message is an object with fields; its schema is something else")
        self._objects[shape.key].description = self._objects[shape.key].description or description
        self._messages[name] = Message(name, description, shape)
        return self._messages[name]

    def _command(self, name: str, item: Any, where: str) -> Command:
        operation = _section(_mapping(item, where), "post", where)
        body = operation.get("requestBody")
        schema = _content(body, f"{where}.post.requestBody") if body is not None else {}
        responses = _section(operation, "responses", f"{where}.post")
        reply = None
        if "content" in _section(responses, "200", f"{where}.post.responses"):
            reply = self._reply(_content(responses["200"], f"{where}.post.responses.200"), where)
        fields = self._fields(schema, pascal(name) or "Command", where)
        return Command(name, _described(operation), fields, reply, reply is not None and "202" not in responses)

    def _reply(self, schema: Mapping[str, Any], where: str) -> str:
        shape = self._shape(schema, ("Reply",), where)
        for message in self._messages.values():
            if message.body == shape:
                return message.name
        name = snake(_text(schema.get("$ref")).rpartition("/")[2]) or "reply"
        return self._add_message(name, schema, "", where).name

    def _fields(self, schema: Mapping[str, Any], owner: str, where: str) -> list[Field]:
        required = schema.get("required", [])
        if not isinstance(required, list):
            raise SchemaError(f"{where}.required: expected a list, got {describe(required)}")
        return [
            self._field(name, _mapping(inner, f"{where}.{name}"), name in required, owner, f"{where}.{name}")
            for name, inner in _section(schema, "properties", where).items()
        ]

    def _field(self, name: str, schema: Mapping[str, Any], required: bool, owner: str, where: str) -> Field:
        shape = self._shape(schema, (pascal(name), owner + pascal(name)), where)
        default = UNSET if required else schema.get("default", UNSET)
        return Field(name, shape, required, default, clean(_text(schema.get("description"))), limits_of(schema))

    def _shape(self, schema: Any, names: tuple[str, ...], where: str) -> Shape:
        """The shape of a value.

        Args:
            names: what a type of its own may be called.
        """
        if schema is True:
            return ANY
        schema = _mapping(schema, where)
        if "$ref" in schema:
            return self._reference(_text(schema["$ref"]), where)
        if isinstance(schema.get("enum"), list):
            return _choice(schema["enum"], names)
        if "const" in schema:
            return _choice([schema["const"]], names)
        for key in ("anyOf", "oneOf", "allOf"):
            if isinstance(schema.get(key), list) and (key != "allOf" or len(schema[key]) == 1):
                return _any_of([self._shape(part, names, f"{where}.{key}") for part in schema[key]])
        kind = schema.get("type")
        if isinstance(kind, list):
            return _any_of([self._shape({**schema, "type": part}, names, where) for part in kind])
        if kind == "array":
            ones = tuple(singular(name) for name in names)
            return ListOf(self._shape(schema.get("items", True), ones, f"{where}.items"))
        if kind == "object":
            return self._object_shape(schema, names, where)
        return Scalar(cast(Any, kind)) if kind in _SCALARS else ANY

    def _object_shape(self, schema: Mapping[str, Any], names: tuple[str, ...], where: str) -> Shape:
        if schema.get("format") == _UPLOAD_FORMAT:
            return Upload()
        if schema.get("properties") or schema.get("additionalProperties") is False:
            title = pascal(_text(schema.get("title")))
            names = (title, *names) if title else names
            # Of the same name and with the same fields is the same type, wherever it stands.
            told = [names[0], schema.get("properties"), schema.get("required"), schema.get("additionalProperties")]
            return self._object(json.dumps(told, sort_keys=True), names, schema, where)
        rest = schema.get("additionalProperties", True)
        return MapOf(self._shape(rest, tuple(singular(name) for name in names), f"{where}.*"))

    def _reference(self, target: str, where: str) -> Shape:
        name = target.removeprefix(_COMPONENT)
        if name == UPLOAD_SCHEMA_NAME:
            return Upload()
        if name == target or name not in self._components:
            raise SchemaError(f"{where}: {target or 'its $ref'} leads nowhere in this document")
        key = f"#{name}"
        if key in self._objects:
            return ObjectRef(key)
        schema = _mapping(self._components[name], f"components.schemas.{name}")
        if schema.get("type") == "object" and schema.get("format") != _UPLOAD_FORMAT:
            return self._object(key, (pascal(name) or "Message",), schema, f"components.schemas.{name}")
        if name in self._open:
            raise SchemaError(f"components.schemas.{name}: it is made of itself")
        self._open.append(name)
        shape = self._shape(schema, (pascal(name),), f"components.schemas.{name}")
        self._open.pop()
        return shape

    def _object(self, key: str, names: tuple[str, ...], schema: Mapping[str, Any], where: str) -> ObjectRef:
        if key not in self._objects:
            own = ObjectType(tuple(name or "Value" for name in names), clean(_text(schema.get("description"))))
            self._objects[key] = own  # before its fields are read: one of them may hold it
            own.fields = self._fields(schema, own.names[0], where)
            self._objects[key] = self._objects.pop(key)
        return ObjectRef(key)


def _choice(values: list[Any], names: tuple[str, ...]) -> Shape:
    rest = tuple(value for value in values if value is not None)
    of: list[Shape] = [Choice(rest, names)] if rest else []
    return _any_of([*of, NULL] if len(rest) < len(values) else of)


def _any_of(shapes: list[Shape]) -> Shape:
    flat = [part for shape in shapes for part in (shape.members if isinstance(shape, AnyOf) else (shape,))]
    choices = [part for part in flat if isinstance(part, Choice)]
    if len(choices) > 1:
        whole = Choice(tuple(value for choice in choices for value in choice.values), choices[0].names)
        flat = [whole, *(part for part in flat if not isinstance(part, Choice))]
    once = [shape for index, shape in enumerate(flat) if shape not in flat[:index]]
    if ANY in once or not once:
        return ANY
    return once[0] if len(once) == 1 else AnyOf(tuple(once))


def _content(holder: Any, where: str) -> Mapping[str, Any]:
    """The schema of a JSON body."""
    content = _section(_mapping(holder, where), "content", where)
    return _section(_section(content, "application/json", where), "schema", where)


def _described(operation: Mapping[str, Any]) -> str:
    return clean(_text(operation.get("summary")) or _text(operation.get("description")))


def _section(holder: Mapping[str, Any], key: str, where: str = "") -> Mapping[str, Any]:
    """The mapping under `key`; empty where there is none."""
    return _mapping(holder.get(key, {}), f"{where}.{key}" if where else key)


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise SchemaError(f"this is no document of a model: {where}: expected an object, got {describe(value)}")
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
