"""Which classes a model uses, read from its own code: nothing is registered anywhere."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Any

_OURS = __name__.partition(".")[0] + "."
_DEPTH = 2


def classes_used_by(model: type, base: type, *, whole_module: bool) -> list[type]:
    """The proper subclasses of `base` that the methods of `model` name, in the order of their appearance.

    Args:
        model: a model class; its bases count too.
        base: such as `ModelMessage`.
        whole_module: also those that the modules of `model` and its bases define or import.
    """
    found: dict[type, None] = {}
    seen: set[types.FunctionType] = set()
    for cls in model.__mro__:
        if cls.__module__.startswith(_OURS):
            continue
        for member in list(vars(cls).values()):
            for function in _functions(member):
                _follow(function, base, found, seen, _DEPTH)
        if whole_module:
            for value in list(vars(sys.modules.get(cls.__module__, types)).values()):
                _note(value, base, found)
    return list(found)


def _follow(
    function: types.FunctionType, base: type, found: dict[type, None], seen: set[types.FunctionType], depth: int
) -> None:
    """Note what `function` names, and what the functions it names do: a helper may build the output."""
    if function in seen or function.__module__.startswith(_OURS):
        return
    seen.add(function)
    for value in _named_values(function):
        _note(value, base, found)
        if depth and isinstance(value, types.FunctionType):
            _follow(value, base, found, seen, depth - 1)


def _note(value: Any, base: type, found: dict[type, None]) -> None:
    if isinstance(value, type) and issubclass(value, base) and "__record_base__" not in vars(value):
        found.setdefault(value)


def _functions(member: Any) -> Iterator[types.FunctionType]:
    if isinstance(member, (staticmethod, classmethod)):
        member = member.__func__
    if isinstance(member, property):
        yield from (f for f in (member.fget, member.fset) if isinstance(f, types.FunctionType))
    if isinstance(member, types.FunctionType):
        yield member


def _named_values(function: types.FunctionType) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not filled yet: the class statement is still running
            continue
    for name in _names(function.__code__):
        if name in function.__globals__:
            yield function.__globals__[name]
    yield from function.__annotations__.values()


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
