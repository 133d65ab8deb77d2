"""`InputState`: what the clients of a pipeline may set, one command for each field."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import typing
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, dataclass_transform

from ..errors import DeclarationError
from .commands import CommandDeclaration, Parameter, declare_parameter
from .constraints import MISSING, FieldSpec, InputField
from .records import Record, class_scope, fields_of, resolve

S = TypeVar("S", bound="InputState")


@dataclass_transform(field_specifiers=(InputField, dataclasses.field))
class InputState(Record):
    """Base of the state of a `ReactorPipeline`. Subclass it with annotated fields; `@dataclass` may stand above or not.

    Each field is a command `set_<field>` with one parameter of that name and type, within the limits of its
    `InputField`. Fields that begin with an underscore are plain data. Every field has a default, since each session
    begins with a fresh state.

    Raises:
        DeclarationError: at class definition, for a field that cannot come from a client, that has no default, or
            whose default is mutable or does not fit; names class and field.
    """

    __record_base__ = True
    __reactor_parameters__: ClassVar[Mapping[str, Parameter]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__dataclass_fields__" not in vars(cls):  # @dataclass(slots=True) makes the class anew, out of what was read
            cls.__reactor_parameters__ = _read(cls, class_scope())


def setters(state: type[InputState], attribute: str) -> list[CommandDeclaration]:
    """The commands of a state class, one for each public field; `attribute` is the method that carries them out."""
    return [
        CommandDeclaration(
            name=f"set_{parameter.name}",
            attribute=attribute,
            description=parameter.description,
            dedupe=False,
            parameters=(parameter,),
            client_parameter=None,
            reply=None,
            generated=True,
        )
        for parameter in state.__reactor_parameters__.values()
    ]


def declared_state(cls: type, local: dict[str, Any]) -> type[InputState] | None:
    """The class that a model's own annotation `state: MyState` names, None where it has none.

    Args:
        cls: a model class, or a base of one.
        local: the names visible where its body stands.

    Raises:
        DeclarationError: it is no InputState, or one whose fields cannot be set.
    """
    annotation = inspect.get_annotations(cls).get("state")
    if annotation is None and "state" not in vars(cls):
        return None
    where = f"{cls.__name__}.state"
    if "state" in vars(cls):
        raise DeclarationError(f"{where}: is set in the class; write `state: MyState` alone; each session has its own")
    state = resolve(annotation, _module_of(cls), {**local, **vars(cls)})
    if not (isinstance(state, type) and issubclass(state, InputState)):
        named = getattr(state, "__name__", state)
        raise DeclarationError(f"{where}: {named} is no InputState; define `class MyState(InputState)` with the fields")
    if (parameters := getattr(state, "__dataclass_params__", None)) is not None and parameters.frozen:
        raise DeclarationError(f"{where}: {state.__name__} is frozen, so its set_… commands could not set it")
    return state


def carried_over(old: Any, state: type[S]) -> S:
    """A fresh state that takes over what `old` holds of its fields, such as one whose code has been replaced."""
    fresh: S = state()
    for field in fields_of(state):
        if hasattr(old, field.name):
            setattr(fresh, field.name, getattr(old, field.name))
    return fresh


def _read(cls: type, local: dict[str, Any]) -> dict[str, Parameter]:
    """The public fields of a state class; leaves plain defaults where `InputField`s stood."""
    parameters: dict[str, Parameter] = {}
    for base in reversed(cls.__mro__[1:]):
        parameters.update(vars(base).get("__reactor_parameters__") or {})
    annotations = inspect.get_annotations(cls)
    for name, value in vars(cls).items():
        if name not in annotations and (isinstance(value, FieldSpec) or name in parameters):
            raise DeclarationError(f"{cls.__name__}.{name}: has no annotation, so it is no field; add one")
    scope, names = _module_of(cls), {**local, **vars(cls)}
    for name, unresolved in annotations.items():
        annotation = resolve(unresolved, scope, names)
        if annotation in (ClassVar, dataclasses.KW_ONLY) or typing.get_origin(annotation) is ClassVar:
            continue
        where = f"{cls.__name__}.{name}"
        if name.startswith("_"):
            _keep_plain(cls, name, where)
        else:
            parameters[name] = _public(cls, name, annotation, where)
    return parameters


def _public(cls: type, name: str, annotation: Any, where: str) -> Parameter:
    given = vars(cls).get(name, MISSING)
    made = given if isinstance(given, dataclasses.Field) else None
    if made is not None:
        if made.default_factory is not dataclasses.MISSING:
            raise DeclarationError(f"{where}: a default that is made for each use cannot be published; give a value")
        given = MISSING if made.default is dataclasses.MISSING else made.default
    parameter = declare_parameter(name, annotation, given, where)
    if parameter.required:
        raise DeclarationError(f"{where}: has no default; a session begins with a fresh state, so each field needs one")
    _check_immutable(parameter.default, where, "use None, and Optional")
    if made is not None:
        made.default = parameter.default
    else:
        setattr(cls, name, parameter.default)
    return parameter


def _keep_plain(cls: type, name: str, where: str) -> None:
    given = vars(cls).get(name, MISSING)
    if isinstance(given, FieldSpec):
        given = given.default
        setattr(cls, name, given)
    if isinstance(given, dataclasses.Field):
        if given.default_factory is not dataclasses.MISSING:
            return
        given = MISSING if given.default is dataclasses.MISSING else given.default
    if given is MISSING:
        raise DeclarationError(f"{where}: has no default; a session begins with a fresh state, so each field needs one")
    _check_immutable(given, where, "use dataclasses.field(default_factory=…)")


def _check_immutable(default: Any, where: str, instead: str) -> None:
    if type(default).__hash__ is None:  # as dataclasses tell it
        raise DeclarationError(f"{where}: a mutable default is shared between sessions; {instead}")


def _module_of(cls: type) -> dict[str, Any]:
    return dict(vars(sys.modules.get(cls.__module__, sys)))
