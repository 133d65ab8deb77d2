"""Class bodies that name each field once. Python itself lets the last one win, and says nothing."""

from __future__ import annotations

import abc
import sys
from collections.abc import MutableMapping
from typing import Any

from ..errors import DeclarationError


class _Annotations(dict[str, Any]):
    """The annotations of a class body while it runs."""

    def __init__(self, cls: str) -> None:
        super().__init__()
        self._class = cls
        self._lines: dict[str, int] = {}

    def __setitem__(self, name: str, annotation: Any) -> None:
        line = sys._getframe(1).f_lineno
        if name in self:
            raise DeclarationError(
                f"{self._class}.{name}: is there twice, in lines {self._lines[name]} and {line}; the second would take "
                "the place of the first, so rename one"
            )
        self._lines[name] = line
        super().__setitem__(name, annotation)


class OnceEach(abc.ABCMeta):
    """Makes classes whose body annotates each name once. A kind of `ABCMeta`, so that they may be abstract too; with
    another kind of class, a `Protocol` among them, they do not mix.

    From Python 3.14 on, annotations that are no strings are out of sight until they are asked for: there the last one
    wins without `from __future__ import annotations`.

    Raises:
        DeclarationError: a name is annotated twice; says in which lines.
    """

    @classmethod
    def __prepare__(cls, name: str, bases: tuple[type, ...], /, **kwargs: Any) -> MutableMapping[str, object]:
        return {"__annotations__": _Annotations(name)}

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /, **kwargs: Any) -> Any:
        annotations = namespace.get("__annotations__")
        if isinstance(annotations, _Annotations):
            del namespace["__annotations__"]
            if annotations:  # an empty one would stand in front of those that Python makes later
                namespace["__annotations__"] = dict(annotations)
        return super().__new__(cls, name, bases, namespace, **kwargs)
