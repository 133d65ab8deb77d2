"""Fields of a pipeline's state that its code names, and that the state does not have."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from ..interface.commands import suggestion
from ..interface.model import ReactorModel
from ..interface.pipeline import ReactorPipeline
from ..interface.records import fields_of
from .findings import Finding, error
from .source import own_functions


def check_state_fields(model: type[ReactorModel]) -> Iterator[Finding]:
    """Look for `self.state.<name>` in every function of a pipeline's class."""
    if not issubclass(model, ReactorPipeline):
        return
    state = model.__reactor_state__
    fields = [field.name for field in fields_of(state)]
    functions = own_functions(model, ReactorModel).values()
    named = [(parsed.place(node), node) for parsed in functions for node in ast.walk(parsed.node) if _is_of_state(node)]
    known = {*fields, *(node.attr for _, node in named if not isinstance(node.ctx, ast.Load))}  # set by the code itself
    for place, node in named:
        if node.attr not in known and not hasattr(state, node.attr):
            hint = suggestion(node.attr, fields)
            yield error("state", f"{place}: {state.__name__} has no field {node.attr!r}{hint}")


def _is_of_state(node: ast.AST) -> TypeGuard[ast.Attribute]:
    """Whether it is `self.state.x`."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "state"
        and isinstance(node.value.value, ast.Name)
        and node.value.value.id == "self"
    )
