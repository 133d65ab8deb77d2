"""A value for each parameter of a command, from what it declares to accept."""

from __future__ import annotations

import base64
from typing import Any

from ..interface.commands import CommandDeclaration, Parameter
from ..interface.fields import UPLOAD_SCHEMA_NAME, Schema
from ..interface.messages import to_json
from ..interface.uploads import UploadedFile

_PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==")
"""The smallest picture: one grey pixel."""


class NoValue(Exception):
    """No value can be made up for a parameter; says which."""


def example_arguments(declaration: CommandDeclaration) -> dict[str, Any]:
    """Arguments that the command's own validation accepts, defaults where there are any.

    Raises:
        NoValue: a parameter takes what nobody can make up.
    """
    return {parameter.name: _value(parameter) for parameter in declaration.parameters}


def _value(parameter: Parameter) -> Any:
    if not parameter.required:
        return to_json(parameter.default, parameter.name)
    return _example(parameter.type.schema(), parameter.name)


def _example(schema: Schema, path: str) -> Any:
    if "default" in schema:
        return schema["default"]
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], path)
    if schema.get("enum"):
        return schema["enum"][0]
    if str(schema.get("$ref", "")).endswith(f"/{UPLOAD_SCHEMA_NAME}"):
        return UploadedFile("pixel.png", "image/png", data=_PNG)
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return _number(schema)
    if kind == "string":
        return "x" * max(1, schema.get("minLength", 0)) if schema.get("maxLength", 1) else ""
    if kind == "boolean":
        return True
    if kind == "array":
        return [_example(schema["items"], f"{path}[0]")] * max(1, schema.get("minItems", 0))
    if kind == "object" and "properties" in schema:
        needed = schema.get("required", [])
        return {name: _example(schema["properties"][name], f"{path}.{name}") for name in needed}
    if kind == "object":
        return {}
    if not schema:
        return None
    raise NoValue(f"{path} takes {schema}, of which no example can be made up")


def _number(schema: Schema) -> Any:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        middle = (low + high) / 2
        return int(middle) if schema["type"] == "integer" else middle
    value = low if low is not None else high if high is not None else 1
    return int(value) if schema["type"] == "integer" else value
