"""The document: every operation, with the types that bodies are checked against and those of the answers."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import msgspec

from ... import __version__
from .operations import OPERATIONS
from .schemas import CONNECTION, SCHEMAS, TEXT

_PATH: dict[str, dict[str, Any]] = {
    "session_id": {"type": "string", "description": "Of the running session."},
    "connection_id": CONNECTION,
    "upload_id": {"type": "string"},
    "recording_id": TEXT,
    "name": {"type": "string", "description": "`init.mp4`, or `chunk_00000.m4s` and so on."},
    "path": TEXT,
}
_DESCRIPTION = (
    'One model, one session at a time. A refusal is `{"detail": …}`: a text, or with 422 a list of what is wrong. '
    "The model's own commands and messages are described at `/schema`, and are spoken on WebRTC data channels."
)

_TOKEN = "Where the server asks for a token; or `/t/TOKEN` in front of every path, which wins."


def document(base: str = "") -> dict[str, Any]:
    """The OpenAPI 3.1 document of this server.

    Args:
        base: what stands in front of every path, such as `/t/TOKEN`.
    """
    return {**_whole(), "servers": [{"url": base or "/"}]}


@cache
def _whole() -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = operation.rendered(_PATH)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Open Reactor runtime", "version": __version__, "description": _DESCRIPTION},
        "paths": paths,
        "components": {
            "schemas": {**_bodies(), **SCHEMAS},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": _TOKEN}},
        },
    }


def _bodies() -> dict[str, Any]:
    types = {operation.body for operation in OPERATIONS if operation.body is not None}
    ordered = sorted(types, key=lambda body: body.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template="#/components/schemas/{name}")
    # `\Z` is Python's; in the regular expressions of JSON Schema the end is `$`.
    said: dict[str, Any] = json.loads(json.dumps(schemas).replace("\\\\Z", "$"))
    return said
