"""What a name in a function's code stands for: which names it binds itself, and which function a call reaches."""

from __future__ import annotations

import ast
import inspect
import types
from typing import TypeAlias

from .source import Function

Scope: TypeAlias = Function | ast.Lambda


def parameters_of(scope: Scope) -> list[ast.arg]:
    """All parameters, those of `*args` and `**keywords` included."""
    arguments = scope.args
    starred = [arguments.vararg, arguments.kwarg]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *(arg for arg in starred if arg)]


def binds(node: ast.AST, name: str) -> bool:
    """Whether a node by itself gives `name` another meaning: an assignment, an import, a definition, a capture."""
    if isinstance(node, ast.Name):
        return node.id == name and not isinstance(node.ctx, ast.Load)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)):
        return node.name == name
    if isinstance(node, (ast.MatchAs, ast.MatchStar)):
        return node.name == name
    if isinstance(node, ast.MatchMapping):
        return node.rest == name
    if isinstance(node, ast.alias):
        return (node.asname or node.name.partition(".")[0]) == name
    return False


def is_local(scope: Scope, name: str) -> bool:
    """Whether `name` is a parameter or a local name of a function, or of one within it."""
    if any(parameter.arg == name for parameter in parameters_of(scope)):
        return True
    return any(binds(node, name) for node in ast.walk(scope) if node is not scope)


def called_function(call: ast.Call, scope: Scope, names: dict[str, object]) -> types.FunctionType | None:
    """The Python function that a call by a global name reaches.

    Args:
        call: stands in `scope`.
        names: the globals of that function.
    """
    if not isinstance(call.func, ast.Name) or is_local(scope, call.func.id):
        return None
    found = names.get(call.func.id)
    return found if isinstance(found, types.FunctionType) else None


def parameter_for(function: types.FunctionType, call: ast.Call, argument: ast.expr) -> str | None:
    """The parameter that one argument of a call becomes; None where it becomes one of `*args` or `**keywords`."""
    named = inspect.signature(function).parameters
    for keyword in call.keywords:
        if keyword.value is argument:
            parameter = named.get(keyword.arg or "")
            return parameter.name if parameter and parameter.kind in _BY_NAME else None
    for given, parameter in zip(call.args, named.values(), strict=False):
        if isinstance(given, ast.Starred) or parameter.kind not in _BY_PLACE:
            return None
        if given is argument:
            return parameter.name
    return None


_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_BY_PLACE = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)
