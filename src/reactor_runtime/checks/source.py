"""The author's code as text: parsed functions, with the place of each line."""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Parsed:
    """A function's code.

    Attributes:
        node: its definition.
        file: where it stands.
        offset: what to add to a node's line for the line in the file.
    """

    node: Function
    file: Path
    offset: int

    def place(self, node: ast.AST) -> str:
        """`file.py:12`, of a node within."""
        return f"{self.file.name}:{getattr(node, 'lineno', 1) + self.offset}"


def parse_function(function: Any) -> Parsed | None:
    """The code of a Python function; None where it cannot be had (it was made by `exec`, or by another language)."""
    function = inspect.unwrap(getattr(function, "__func__", function))
    if not isinstance(function, types.FunctionType):
        return None
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, SyntaxError, TypeError):
        return None
    node = tree.body[0] if tree.body else None
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    return Parsed(node, Path(function.__code__.co_filename), max(first, 1) - 1)


def own_functions(cls: type, base: type) -> dict[str, Parsed]:
    """The functions of a class and of its bases below `base`, by name; the most derived one of a name."""
    found: dict[str, types.FunctionType] = {}
    for owner in cls.__mro__:
        if owner is base or owner.__module__.partition(".")[0] == __name__.partition(".")[0]:
            continue
        for name, member in vars(owner).items():
            function = getattr(member, "__func__", member)
            if isinstance(function, types.FunctionType):
                found.setdefault(name, function)
    parsed = {name: parse_function(function) for name, function in found.items()}
    return {name: code for name, code in parsed.items() if code is not None}
