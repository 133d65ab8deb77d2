"""What a function's code comes to: two prints are equal where the function does the same, wherever it stands."""

from __future__ import annotations

import types
from collections.abc import Collection, Iterator
from typing import Any

Print = tuple[Any, ...]

_PLAIN = (int, float, complex, str, bytes, bool, tuple, frozenset, list, dict, set)
_MAKERS = ("__new__", "__init__", "__post_init__")


def fingerprint(function: Any, modules: Collection[str], owner: type | None = None) -> Print:
    """The print of a function, and of what it uses of the author's: functions, constructors of classes, constants.

    Comments, docstrings and line numbers do not count.

    Args:
        function: anything; what is no Python function has an empty print.
        modules: the names of the author's modules: what comes from others is taken as unchanging.
        owner: the class it is a method of: methods that it calls on `self` count too.
    """
    return tuple(_follow(function, modules, owner, set()))


def own_print(function: Any) -> Print:
    """The print of a function alone, and of the decorators around it."""
    return tuple(_own(layer) for layer in _layers(function))


def _own(function: types.FunctionType) -> Print:
    return (_code(function.__code__), _plain(function.__defaults__), _plain(function.__kwdefaults__))


def _layers(function: Any) -> Iterator[types.FunctionType]:
    """A function, and what it wraps (`functools.wraps`)."""
    function = getattr(function, "__func__", function)
    while isinstance(function, types.FunctionType):
        yield function
        function = getattr(function, "__wrapped__", None)


def _follow(function: Any, modules: Collection[str], owner: type | None, seen: set[Any]) -> Iterator[Any]:
    for layer in _layers(function):
        if layer not in seen and layer.__module__ in modules:
            seen.add(layer)
            yield _own(layer)
            yield from _used(layer, modules, owner, seen)


def _used(function: types.FunctionType, modules: Collection[str], owner: type | None, seen: set[Any]) -> Iterator[Any]:
    names = list(_names(function.__code__))
    if owner is not None and function.__name__ in vars(owner):  # what `super()` may call
        for base in owner.__mro__[1:]:
            yield from _follow(vars(base).get(function.__name__), modules, base, seen)
    for name in names:
        if name in function.__globals__:
            value = function.__globals__[name]
            if isinstance(value, types.ModuleType) and value.__name__ in modules:
                for inner in names:
                    yield from _value(inner, vars(value).get(inner), modules, None, seen)
            else:
                yield from _value(name, value, modules, None, seen)
        elif owner is not None:
            yield from _value(name, getattr(owner, name, None), modules, owner, seen)


def _value(name: str, value: Any, modules: Collection[str], owner: type | None, seen: set[Any]) -> Iterator[Any]:
    if type(value) in _PLAIN:
        yield name, _plain(value)
    elif isinstance(value, type):
        for maker in _MAKERS:
            yield from _follow(vars(value).get(maker), modules, value, seen)
    else:
        yield from _follow(value, modules, owner, seen)


def _code(code: types.CodeType) -> Print:
    constants: list[Any] = []
    doc = code.co_consts[0] if code.co_consts else None
    for index, constant in enumerate(code.co_consts):
        if index == 0 and isinstance(doc, str):
            continue  # its docstring, or a text as good as one
        constants.append(_code(constant) if isinstance(constant, types.CodeType) else _plain(constant))
    return (code.co_code, tuple(constants), code.co_names, code.co_varnames, code.co_freevars)


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _plain(value: Any) -> Any:
    """`value` so that equal texts mean equal values; the type counts, since 1 and 1.0 and True are not one code."""
    return f"{type(value).__name__} {value!r}"
