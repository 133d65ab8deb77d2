"""Mistakes in a model's code that Python takes without a word: a forgotten `await`, a loop that never waits."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..interface.model import ReactorModel
from .findings import Finding, error, ok, warning
from .source import Function, Parsed, own_functions, parse_function

_WAITED_FOR = {
    "emit": "nothing is shown",
    "send": "nothing is sent",
}


def check_code(model: type[ReactorModel]) -> Iterator[Finding]:
    """Look at every function of the model's class."""
    found = False
    functions = own_functions(model, ReactorModel)
    for name, function in functions.items():
        parsed = parse_function(function)
        if parsed is None:
            continue
        for finding in _function(parsed, name):
            found = True
            yield finding
    if not found:
        yield ok("code", f"{len(functions)} functions of {model.__name__} looked through")


def _function(parsed: Parsed, name: str) -> Iterator[Finding]:
    waits = isinstance(parsed.node, ast.AsyncFunctionDef)
    for node in _own_nodes(parsed.node):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield from _dropped(parsed, node.value, waits)
        if isinstance(node, ast.Call) and waits and _dotted(node.func) == "time.sleep":
            yield warning(
                "code",
                f"{parsed.place(node)}: time.sleep() in {name}() holds up every command; `await asyncio.sleep(…)`",
            )
        if isinstance(node, ast.Attribute) and _dotted(node) == "self.connected.is_set" and not _called(parsed, node):
            yield error(
                "code", f"{parsed.place(node)}: self.connected.is_set is a method, and always true; write `is_set()`"
            )
        if isinstance(node, ast.While) and name == "run" and _endless(node) and not _waits_within(node):
            yield error(
                "code",
                f"{parsed.place(node)}: this loop of run() never awaits, so no command and no client is ever seen; "
                "`await self.emit(…)` in it",
            )


def _dropped(parsed: Parsed, call: ast.Call, waits: bool) -> Iterator[Finding]:
    """A coroutine that is made and thrown away."""
    dotted = _dotted(call.func)
    parts = dotted.split(".")
    if parts[0] != "self" and dotted != "client.send":
        return
    what: str | None = None
    if len(parts) == 2:
        what = _WAITED_FOR.get(parts[1])
    elif dotted == "self.connected.wait":
        what = "it does not wait"
    elif dotted.startswith("self.input.") and parts[-1] == "read":
        what = "nothing is read"
    if what is None:
        return
    mend = f"write `await {dotted}(…)`"
    if not waits:
        mend += ", and make the function `async def`"
        if parts[-1] == "send" and parts[0] == "self":
            mend += "; or use self.send_threadsafe(…)"
    yield error("code", f"{parsed.place(call)}: {dotted}(…) is not awaited, so {what}; {mend}")


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """All nodes of a function but those of functions within it, which may be handed to something that awaits them."""
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop(0)
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            stack[:0] = list(ast.iter_child_nodes(node))


def _dotted(node: ast.expr) -> str:
    """`self.input.webcam.read` for that chain of attributes; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def _called(parsed: Parsed, attribute: ast.Attribute) -> bool:
    return any(isinstance(node, ast.Call) and node.func is attribute for node in ast.walk(parsed.node))


def _endless(loop: ast.While) -> bool:
    """`while True`, with no way out."""
    if not (isinstance(loop.test, ast.Constant) and loop.test.value):
        return False
    return not any(isinstance(node, (ast.Break, ast.Return, ast.Raise)) for node in ast.walk(loop))


def _waits_within(loop: ast.While) -> bool:
    return any(isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield)) for node in ast.walk(loop))
