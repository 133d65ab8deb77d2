"""The decorators, and the table of a class's handlers and hooks that they make."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Never, TypeVar

from ..errors import DeclarationError
from .commands import CommandDeclaration, declare_command, plain_defaults
from .uploads import UploadedFile

F = TypeVar("F", bound=Callable[..., Any])

_MARK = "__reactor_mark__"
HOOKS = ("connected", "disconnected", "file_uploaded", "session_started", "session_ended")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a decorator says of a method: `hook` is a name of `HOOKS`, or "" for a command.

    The signature is kept as it was written: the method's own defaults become plain ones.
    """

    hook: str
    signature: inspect.Signature
    name: str = ""
    description: str = ""
    dedupe: bool = False


def event(*bare: Never, name: str = "", description: str = "", dedupe: bool = False) -> Callable[[F], F]:
    """Make a method a command that clients can send. Its signature is the command's schema.

    Args:
        bare: nothing. What stands there without a keyword is told what to write.
        name: the command's name on the wire; it has to be given.
        description: what it does, for the published schema.
        dedupe: commands of this name that one client sent and that still wait collapse to the newest.

    Raises:
        DeclarationError: at class definition, for a parameter that cannot come from a client.
    """
    if bare:
        raise DeclarationError(_without_name(bare[0]))
    if not isinstance(name, str) or not name:
        raise DeclarationError(f"@event: name must be a string that is not empty, got {name!r}")
    if name in ("connected", "disconnected"):
        raise DeclarationError(f"@event(name={name!r}): that name is reserved; use the @{name} hook")
    return lambda method: _marked(method, "", name, description, dedupe)


def _without_name(given: Any) -> str:
    """What to write instead of a bare `@event`, or of `@event("set_prompt")`."""
    if isinstance(given, str):
        return f'@event({given!r}): the name is given by keyword; write @event(name="{given}")'
    where = f" above {given.__qualname__.rpartition('<locals>.')[2]}()" if inspect.isfunction(given) else ""
    name = getattr(given, "__name__", "set_prompt")
    return f'@event{where} names no command; write @event(name="{name}")'


def connected(method: F) -> F:
    """Run when a client connects, before `self.connected` is set. May take `client: ClientInfo`."""
    return _marked(method, "connected")


def disconnected(method: F) -> F:
    """Run when a client has left. May take `client: ClientInfo`."""
    return _marked(method, "disconnected")


def file_uploaded(method: F) -> F:
    """Run once per uploaded file, before the command that refers to it. Takes `uploaded_file: UploadedFile`."""
    return _marked(method, "file_uploaded")


def session_started(method: F) -> F:
    """Run once per session, before its first client connects."""
    return _marked(method, "session_started")


def session_ended(method: F) -> F:
    """Run once per session, after its last client has left."""
    return _marked(method, "session_ended")


def _marked(method: F, hook: str, name: str = "", description: str = "", dedupe: bool = False) -> F:
    if not inspect.isfunction(method):
        raise DeclarationError(f"@{hook or 'event'} decorates a method, got {method!r}")
    setattr(method, _MARK, Mark(hook, inspect.signature(method), name, description, dedupe))
    return method


@dataclass(frozen=True, slots=True)
class HookDeclaration:
    """A lifecycle hook: the method `attribute`, called with the client where `takes_client`."""

    attribute: str
    takes_client: str | None = None


@dataclass(frozen=True)
class HandlerTable:
    """All a class declares: commands by their name on the wire, hooks by their kind."""

    commands: dict[str, CommandDeclaration] = field(default_factory=dict)
    hooks: dict[str, HookDeclaration] = field(default_factory=dict)


def build_table(cls: type, local: dict[str, Any]) -> HandlerTable:
    """The table of a class, inherited declarations included.

    Args:
        cls: a model class.
        local: the names visible where its body stands, for string annotations.

    Raises:
        DeclarationError: a declaration cannot work; names class, method and field.
    """
    table = HandlerTable()
    for base in cls.__mro__[1:]:
        inherited = base.__dict__.get("__reactor_handlers__")
        if inherited is None:
            _take_mixin(cls, base, table, local)
        else:
            for declaration in inherited.commands.values():
                if not declaration.generated and not _redeclared(cls, declaration.attribute):
                    table.commands.setdefault(declaration.name, declaration)
            for kind, hook in inherited.hooks.items():
                table.hooks.setdefault(kind, hook)
    own_commands: dict[str, str] = {}
    own_hooks: dict[str, str] = {}
    for attribute, member in list(vars(cls).items()):
        mark = getattr(member, _MARK, None)
        where = f"{cls.__name__}.{attribute}"
        if mark is None:
            if inspect.isfunction(member):
                _check_override(cls, attribute, member, table)
            continue
        if mark.hook:
            _only_one(own_hooks, mark.hook, attribute, cls, f"@{mark.hook}")
            table.hooks[mark.hook] = _hook(mark.hook, attribute, member, where)
            continue
        _only_one(own_commands, mark.name, attribute, cls, f"command {mark.name!r}")
        inherited_as = table.commands.get(mark.name)
        if inherited_as is not None and inherited_as.attribute != attribute:
            raise DeclarationError(
                f"{where}: the command {mark.name!r} is inherited as {inherited_as.attribute}(); override that one"
            )
        table.commands[mark.name] = _command(cls, attribute, member, local, mark)
    return table


def _take_mixin(cls: type, mixin: type, table: HandlerTable, local: dict[str, Any]) -> None:
    """The declarations of a base that is no model of its own."""
    for attribute, member in list(vars(mixin).items()):
        mark = getattr(member, _MARK, None)
        if mark is None or _redeclared(cls, attribute):
            continue
        if mark.hook:
            table.hooks.setdefault(mark.hook, _hook(mark.hook, attribute, member, f"{mixin.__name__}.{attribute}"))
        else:
            table.commands.setdefault(mark.name, _command(cls, attribute, member, local, mark))


def _command(
    cls: type, attribute: str, member: Callable[..., Any], local: dict[str, Any], mark: Mark
) -> CommandDeclaration:
    return declare_command(
        cls,
        attribute,
        member,
        mark.signature,
        local,
        name=mark.name,
        description=mark.description,
        dedupe=mark.dedupe,
    )


def is_marked(member: object) -> bool:
    """Whether one of the decorators stands above a member of a class."""
    return hasattr(member, _MARK)


def _redeclared(cls: type, attribute: str) -> bool:
    return is_marked(cls.__dict__.get(attribute))


def _only_one(seen: dict[str, str], key: str, attribute: str, cls: type, what: str) -> None:
    if key in seen:
        raise DeclarationError(f"{cls.__name__}: {what} twice, as {seen[key]}() and {attribute}(); keep one")
    seen[key] = attribute


def _check_override(cls: type, attribute: str, member: Any, table: HandlerTable) -> None:
    """An override without the decorator runs under the inherited declaration, so it must take the same arguments."""
    for declaration in table.commands.values():
        if declaration.attribute != attribute:
            continue
        plain_defaults(member)
        signature = inspect.signature(member)
        try:
            signature.bind(None, **dict.fromkeys(declaration.parameter_names))
        except TypeError as error:
            raise DeclarationError(
                f"{cls.__name__}.{attribute}: overrides the command {declaration.name!r} but {error}; "
                "take the same parameters, or declare it anew with @event"
            ) from None


def _hook(kind: str, attribute: str, method: Callable[..., Any], where: str) -> HookDeclaration:
    parameters = list(inspect.signature(method).parameters.values())[1:]
    names = [parameter.name for parameter in parameters]
    if kind == "file_uploaded":
        if names != ["uploaded_file"]:
            raise DeclarationError(
                f"{where}: @file_uploaded takes exactly one parameter named uploaded_file: {UploadedFile.__name__}, "
                f"got {', '.join(names) or 'none'}"
            )
        return HookDeclaration(attribute)
    required = [p for p in parameters if p.default is p.empty]
    if kind in ("connected", "disconnected") and len(required) <= 1 and len(parameters) <= 1:
        if not names:
            return HookDeclaration(attribute)
        annotation = parameters[0].annotation
        if names == ["client"] or getattr(annotation, "__name__", annotation) == "ClientInfo":
            return HookDeclaration(attribute, takes_client=names[0])
    if required or names:
        allowed = "no parameter, or client: ClientInfo" if kind in ("connected", "disconnected") else "no parameter"
        raise DeclarationError(f"{where}: @{kind} takes {allowed}, got {', '.join(names)}")
    return HookDeclaration(attribute)
