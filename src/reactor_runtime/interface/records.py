"""Classes that are dataclasses with or without the `@dataclass` line: messages, outputs, inputs."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import typing
from typing import Any


class Record:
    """Base of classes whose annotated fields make their constructor.

    A subclass that carries no `@dataclass` line of its own becomes a dataclass when it is first used: by then the
    line, where there is one, has run, and it is not applied twice (a second run would lose field defaults).
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        resolve_local(cls, class_scope())
        for base in cls.__mro__[1:]:
            if base is not Record and issubclass(base, Record) and base.__dict__.get("__record_base__") is None:
                finish(base)

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        finish(cls)
        return super().__new__(cls)


def finish(cls: type) -> None:
    """Make `cls` a dataclass unless it is one already. Our own bases stay as they are: they hold no field, and what is
    to be frozen may not derive from a dataclass that is not."""
    if "__dataclass_fields__" not in cls.__dict__ and "__record_base__" not in cls.__dict__:
        dataclasses.dataclass(eq=getattr(cls, "__record_eq__", True))(cls)


def fields_of(cls: type) -> tuple[dataclasses.Field[Any], ...]:
    """The dataclass fields of a record class, its bases' first."""
    finish(cls)
    return dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ()


def is_required(field: dataclasses.Field[Any]) -> bool:
    """Whether the constructor needs a value for a field."""
    missing = dataclasses.MISSING
    return field.init and field.default is missing and field.default_factory is missing


def hints_of(cls: type) -> dict[str, Any]:
    """The resolved annotations of a class and its bases, with `Annotated` kept.

    A name that cannot be resolved leaves its annotation as the string it is.
    """
    hints: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        names = inspect.get_annotations(base)
        module = sys.modules.get(base.__module__)
        scope = dict(vars(module)) if module else {}
        for name, annotation in names.items():
            hints[name] = resolve(annotation, scope, dict(vars(base)))
    return hints


def class_scope() -> dict[str, Any]:
    """The names visible where a class statement stands, for the string annotations in it. For `__init_subclass__`."""
    frame = sys._getframe(1)
    # a metaclass (ABCMeta) and an `__init_subclass__` of the author's stand in between
    while frame.f_code.co_name in ("__init_subclass__", "__new__") and frame.f_back is not None:
        frame = frame.f_back
    return frame.f_locals


def resolve_local(cls: type, local: dict[str, Any]) -> None:
    """In a class that stands in a function, put classes in place of string annotations that name the function's own:
    later, nobody can look there.

    Args:
        cls: the class; its own annotations are changed.
        local: the names visible where its body stands.
    """
    annotations = vars(cls).get("__annotations__")
    if annotations is None or "<locals>" not in cls.__qualname__:
        return
    module = sys.modules.get(cls.__module__)
    for name, annotation in annotations.items():
        if isinstance(annotation, str):
            annotations[name] = resolve(annotation, dict(vars(module)) if module else {}, {**local, **vars(cls)})


def resolve(annotation: Any, scope: dict[str, Any], local: dict[str, Any]) -> Any:
    """The object an annotation stands for; the annotation itself where it is a string with unknown names."""
    holder = type("_Holder", (), {"__annotations__": {"it": annotation}})
    try:
        return typing.get_type_hints(holder, scope, local, include_extras=True)["it"]
    except (NameError, AttributeError, SyntaxError, TypeError):
        return annotation
