"""Documents, and the clients made of them, for the tests."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from reactor_runtime.codegen import python_client
from reactor_runtime.interface.schema import openapi
from reactor_runtime.manifest import import_model, read_manifest
from tests.e2e.server import ROOT

from .torture import Torture

PAINT = ROOT / "examples" / "paint"


def document_of(path: Path) -> dict[str, Any]:
    """The document of the model that `path` names."""
    manifest = read_manifest(str(path))
    model = import_model(manifest.target, manifest.root)
    return openapi(model, manifest.name_for(model))


def torture() -> dict[str, Any]:
    """The document of the model with everything in it."""
    return openapi(Torture, "torture")


def document(**parts: Any) -> dict[str, Any]:
    """A document with what is needed, and `parts`."""
    return {"openapi": "3.1.0", "info": {"title": "bare", "version": "v1"}, **parts}


def command(properties: dict[str, Any], required: list[str] | None = None, **operation: Any) -> dict[str, Any]:
    """The path item of a command."""
    schema = {"type": "object", "properties": properties, "required": required or [], "additionalProperties": False}
    body = {"content": {"application/json": {"schema": schema}}}
    return {"post": {"requestBody": body, "responses": {"202": {"description": ""}}, **operation}}


def refers(cls: str) -> dict[str, Any]:
    """A body that is of a component."""
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{cls}"}}}}


def load(source: str, folder: Path, name: str) -> ModuleType:
    """The module that `source` is."""
    file = folder / f"{name}.py"
    file.write_text(source)
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def python_module(made_of: dict[str, Any], folder: Path, name: str) -> ModuleType:
    """The Python client of a document, imported."""
    return load(python_client(made_of, "reactor schema"), folder, name)
