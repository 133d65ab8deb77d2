"""A page's Python, as one module: what a reader who follows it has."""

from __future__ import annotations

import shlex
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reactor_runtime.codegen import python_client
from reactor_runtime.interface import ReactorModel
from reactor_runtime.interface.schema import openapi
from reactor_runtime.manifest import import_model, read_manifest

from .pages import ROOT, Block, blocks, name_of


def run_page(page: Path) -> types.ModuleType:
    """Run the Python of a page. Blocks that are files, by their title, can be imported by those after them, and so can
    typed clients that a command on the page writes."""
    module = types.ModuleType("docs_" + name_of(page).replace("/", "_").replace("-", "_"))
    sys.modules[module.__name__] = module
    files: list[str] = []
    try:
        for block in blocks(page):
            if block.language == "sh":
                files += [_write_client(words) for words in _schema_commands(block)]
            if block.language != "python":
                continue
            exec(compile("\n" * (block.line - 1) + block.body, str(page), "exec"), vars(module))
            if block.title:
                files.append(Path(block.title).stem)
                sys.modules[files[-1]] = module
    finally:
        for name in files:
            sys.modules.pop(name, None)
    return module


def _schema_commands(block: Block) -> list[list[str]]:
    """The commands that write a Python client to a file."""
    commands = [shlex.split(line, comments=True) for line in block.body.splitlines()]
    return [words for words in commands if words[:2] == ["reactor", "schema"] and {"python", "--out"} <= set(words)]


def _write_client(words: list[str]) -> str:
    """Make the client that `reactor schema` would write, as a module; returns its name."""
    manifest = read_manifest(str(ROOT / words[2]))
    model = import_model(manifest.target, manifest.root)
    name = Path(words[words.index("--out") + 1]).stem
    client = sys.modules[name] = types.ModuleType(name)
    exec(python_client(openapi(model, manifest.name_for(model)), shlex.join(words)), vars(client))
    return name


def models(module: types.ModuleType) -> list[type[ReactorModel]]:
    """The models a page defines."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ReactorModel) and value.__module__ == module.__name__
    ]


def shown_tests(module: types.ModuleType) -> list[Callable[..., Any]]:
    """The tests a page shows."""
    return [value for name, value in vars(module).items() if name.startswith("test_") and callable(value)]
