"""Mistakes in a model's code that Python takes without a word: a forgotten `await`, a loop that never waits."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator

from ..interface.model import ReactorModel, handlers_of
from .bindings import parameters_of
from .findings import Finding, error, ok, warning
from .source import Function, Parsed, own_functions

_WAITED_FOR = {
    "emit": "nothing is shown",
    "send": "nothing is sent",
}
_GATE = "self.connected.is_set"


def check_code(model: type[ReactorModel]) -> Iterator[Finding]:
    """Look at every function of the model's class."""
    found = False
    functions = own_functions(model, ReactorModel)
    for name, parsed in functions.items():
        for finding in _function(model, parsed, name):
            found = True
            yield finding
    if not found:
        yield ok("code", f"{len(functions)} functions of {model.__name__} looked through")


def _function(model: type[ReactorModel], parsed: Parsed, name: str) -> Iterator[Finding]:
    waits = isinstance(parsed.node, ast.AsyncFunctionDef)
    clients = _clients(model, parsed.node, name)
    for node in _own_nodes(parsed.node):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield from _dropped(model, parsed, node.value, clients)
        if isinstance(node, ast.Call) and waits and _dotted(node.func) == "time.sleep":
            yield warning(
                "code",
                f"{parsed.place(node)}: time.sleep() in {name}() holds up every command; `await asyncio.sleep(…)`",
            )
        for test in _tests(node):
            if _dotted(test) == _GATE:
                yield error("code", f"{parsed.place(test)}: {_GATE} is a method, and always true; write `is_set()`")
    stuck = next((node for node in _own_nodes(parsed.node) if _endless(node) and not _waits_within(node)), None)
    if name == "run" and stuck is not None:
        yield error(
            "code",
            f"{parsed.place(stuck)}: this loop of run() never awaits, so no command and no client is ever seen; "
            "`await self.emit(…)` in it",
        )


def _dropped(model: type[ReactorModel], parsed: Parsed, call: ast.Call, clients: set[str]) -> Iterator[Finding]:
    """A coroutine that is made and thrown away."""
    dotted = _dotted(call.func)
    what = _lost(model, dotted, clients)
    if what is None:
        return
    mend = f"write `await {dotted}(…)`"
    if not isinstance(parsed.node, ast.AsyncFunctionDef):
        mend += ", and make the function `async def`"
        if dotted == "self.send":
            mend += "; or use self.send_threadsafe(…)"
    yield error("code", f"{parsed.place(call)}: {dotted}(…) is not awaited, so {what}; {mend}")


def _lost(model: type[ReactorModel], dotted: str, clients: set[str]) -> str | None:
    """What does not happen where a call is not awaited; None where it need not be."""
    holder, _, name = dotted.rpartition(".")
    if dotted in ("self.connected.wait", "asyncio.sleep"):
        return "it does not wait"
    if holder in clients and name == "send":
        return _WAITED_FOR[name]
    if holder.startswith("self.input.") and name == "read":
        return "nothing is read"
    if holder == "self":
        method = getattr(model, name, None)
        if name in _WAITED_FOR and method is getattr(ReactorModel, name):
            return _WAITED_FOR[name]
        if inspect.iscoroutinefunction(method):
            return "it does not run"
    return None


def _clients(model: type[ReactorModel], function: Function, name: str) -> set[str]:
    """The parameters that hold a client: those annotated so, and the one that a hook or a handler declares."""
    table = handlers_of(model)
    declared = {command.client_parameter for command in table.commands.values() if command.attribute == name}
    declared |= {hook.takes_client for hook in table.hooks.values() if hook.attribute == name}
    return {
        parameter.arg
        for parameter in parameters_of(function)
        if parameter.arg in declared or _annotated_client(parameter)
    }


def _annotated_client(parameter: ast.arg) -> bool:
    if parameter.annotation is None:
        return False
    return ast.unparse(parameter.annotation).strip("'\"").rpartition(".")[2] == "ClientInfo"


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


def _tests(node: ast.AST) -> list[ast.expr]:
    """What a node asks whether it is true."""
    if isinstance(node, (ast.While, ast.If, ast.IfExp, ast.Assert)):
        return [node.test]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return [node.operand]
    return node.ifs if isinstance(node, ast.comprehension) else []


def _endless(loop: ast.AST) -> bool:
    """Whether a node is a loop without a way out: `while True`, or `while self.connected.is_set()` or not, which only
    changes while it waits."""
    if not isinstance(loop, ast.While):
        return False
    test = loop.test
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    gate = isinstance(test, ast.Call) and _dotted(test.func) == _GATE
    if not gate and not (isinstance(loop.test, ast.Constant) and loop.test.value):
        return False
    return not any(isinstance(node, (ast.Break, ast.Return, ast.Raise)) for node in ast.walk(loop))


def _waits_within(loop: ast.AST) -> bool:
    waits = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield)
    return any(isinstance(node, waits) or getattr(node, "is_async", 0) for node in ast.walk(loop))
