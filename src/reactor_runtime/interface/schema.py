"""The published schema: a model class as an OpenAPI 3.1 document.

Commands are paths `/events/<name>`, messages are webhooks, tracks stand under `x-reactor`.
"""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

from ..errors import DeclarationError
from .commands import CommandDeclaration, Parameter
from .discovery import classes_used_by
from .fields import UPLOAD_SCHEMA_NAME, field_type
from .messages import ModelMessage, to_json, wire_name
from .model import ReactorModel, handlers_of
from .records import fields_of, hints_of
from .tracks import TrackInfo, tracks_of

_UPLOAD_REFERENCE: dict[str, Any] = {
    "type": "object",
    "format": "reactor-upload-reference",
    "description": "A file that was uploaded in this session, as the upload routes named it.",
    "properties": {
        "upload_id": {"type": "string", "format": "uuid"},
        "name": {"type": "string"},
        "mime_type": {"type": "string"},
        "size": {"type": "integer"},
    },
    "required": ["upload_id", "name", "mime_type", "size"],
}


def openapi(model: type[ReactorModel], name: str, version: str = "v0.0.0") -> dict[str, Any]:
    """The schema document of a model class.

    Args:
        model: the class.
        name: the model's published name.
        version: its release.
    """
    table = handlers_of(model)
    messages = message_classes(model)
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": name, "version": version},
        "x-reactor": {"tracks": [_track(track) for track in tracks_of(model)]},
    }
    described = inspect.cleandoc(model.__doc__) if model.__doc__ and model.__doc__ != ReactorModel.__doc__ else ""
    if described:
        document["info"]["description"] = described
    if table.commands:
        document["paths"] = {
            f"/events/{command.name}": {"post": _operation(command)} for command in table.commands.values()
        }
    if messages:
        document["webhooks"] = {wire_name(cls): {"post": _webhook(cls)} for cls in messages}
    document["components"] = {
        "schemas": {
            UPLOAD_SCHEMA_NAME: _UPLOAD_REFERENCE,
            **{cls.__name__: message_schema(cls) for cls in messages},
        }
    }
    return document


def _track(track: TrackInfo) -> dict[str, Any]:
    return {key: value for key, value in dataclasses.asdict(track).items() if value is not None}


def message_classes(model: type[ReactorModel]) -> list[type[ModelMessage]]:
    """The message classes a model sends: those its handlers return, and those its methods and its module name."""
    replies = [command.reply for command in handlers_of(model).commands.values() if command.reply]
    used = classes_used_by(model, ModelMessage, whole_module=True)
    return list(dict.fromkeys([*replies, *used]))


def message_schema(cls: type[ModelMessage]) -> dict[str, Any]:
    """The JSON Schema of a message's `data`. A field of a type the schema has no word for is left open (`{}`)."""
    hints = hints_of(cls)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for field in fields_of(cls):
        where = f"{cls.__name__}.{field.name}"
        try:
            rendered = field_type(hints.get(field.name, field.type), where).schema()
        except DeclarationError:
            rendered = {}
        if field.default is not dataclasses.MISSING:
            rendered = {**rendered, "default": to_json(field.default, where)}
        elif field.default_factory is not dataclasses.MISSING:
            rendered = {**rendered, "default": to_json(field.default_factory(), where)}
        else:
            required.append(field.name)
        if field.metadata.get("description"):
            rendered = {**rendered, "description": field.metadata["description"]}
        properties[field.name] = rendered
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def _operation(command: CommandDeclaration) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": command.name, "summary": command.description}
    required = [parameter.name for parameter in command.parameters if parameter.required]
    operation["requestBody"] = {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {parameter.name: _property(parameter) for parameter in command.parameters},
                    **({"required": required} if required else {}),
                    "additionalProperties": False,
                }
            }
        },
    }
    responses: dict[str, Any] = {}
    if command.reply is not None:
        responses["200"] = {"description": command.reply.__name__, "content": _body(command.reply)}
    if command.reply is None or command.reply_optional or command.dedupe:  # what collapsed gets an empty answer
        responses["202"] = {"description": "Command accepted"}
    operation["responses"] = responses
    return operation


def _property(parameter: Parameter) -> dict[str, Any]:
    rendered = dict(parameter.type.schema())
    if not parameter.required:
        rendered["default"] = to_json(parameter.default, parameter.name)
    if parameter.description:
        rendered["description"] = parameter.description
    rendered["x-reactor-moderate"] = parameter.moderate
    return rendered


def _webhook(cls: type[ModelMessage]) -> dict[str, Any]:
    # dataclasses write a docstring of their own, "Name(field, …)", where the author wrote none
    own = cls.__doc__ if cls.__doc__ and not cls.__doc__.startswith(f"{cls.__name__}(") else None
    summary = {"summary": inspect.cleandoc(own)} if own else {}
    return {"operationId": wire_name(cls), "requestBody": {"required": True, "content": _body(cls)}, **summary}


def _body(cls: type[ModelMessage]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{cls.__name__}"}}}
