"""One command: the parameters of a handler, validated and turned into its arguments."""

from __future__ import annotations

import difflib
import inspect
import sys
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import DeclarationError, FieldError
from .clients import ClientInfo
from .constraints import MISSING, FieldSpec
from .fields import FieldType, UploadResolver, checked_default, field_type, limited
from .messages import ModelMessage
from .records import resolve


@dataclass(frozen=True)
class Parameter:
    """One parameter a client fills."""

    name: str
    type: FieldType
    default: Any
    description: str
    moderate: bool

    @property
    def required(self) -> bool:
        return self.default is MISSING


@dataclass(frozen=True)
class CommandDeclaration:
    """A command a model declares: the method `attribute` under the wire name `name`.

    Attributes:
        client_parameter: the parameter that gets the caller's `ClientInfo`, if there is one.
        reply: the message class the handler is annotated to return, if it is.
        reply_optional: whether it may return None beside that.
        generated: whether it was made for a field of the state of a pipeline, and by no decorator.
    """

    name: str
    attribute: str
    description: str
    dedupe: bool
    parameters: tuple[Parameter, ...]
    client_parameter: str | None
    reply: type[ModelMessage] | None
    reply_optional: bool = False
    generated: bool = False

    @property
    def parameter_names(self) -> list[str]:
        """All parameters the handler is called with, by keyword."""
        names = [parameter.name for parameter in self.parameters]
        return [*names, self.client_parameter] if self.client_parameter else names

    def arguments(self, given: Mapping[str, Any], uploads: UploadResolver) -> dict[str, Any]:
        """The keyword arguments for the handler, without the client.

        Raises:
            FieldError: an argument is unknown, missing or wrong; names its path.
        """
        known = [parameter.name for parameter in self.parameters]
        for key in given:
            if key not in known:
                raise FieldError(key, f"no such argument{suggestion(key, known)}")
        values: dict[str, Any] = {}
        for parameter in self.parameters:
            if parameter.name in given:
                values[parameter.name] = parameter.type.parse(given[parameter.name], parameter.name, uploads)
            elif parameter.required:
                raise FieldError(parameter.name, "required, and missing")
            else:
                values[parameter.name] = parameter.default
        return values


def suggestion(name: str, known: list[str]) -> str:
    """The end of an error about an unknown name: `; did you mean set_prompt?`, or what there is."""
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there is {', '.join(known)}" if known else "; there are none"


def plain_defaults(method: Callable[..., Any]) -> None:
    """Let a direct call of `method` use the plain default where the signature holds an `InputField`.

    Raises:
        DeclarationError: a required parameter stands after one with a default.
    """
    defaults: list[Any] = [_plain(value) for value in method.__defaults__ or ()]
    while defaults and defaults[0] is MISSING:
        defaults.pop(0)
    if any(value is MISSING for value in defaults):
        raise DeclarationError(f"{method.__qualname__}: a required parameter stands after one with a default; move it")
    method.__defaults__ = tuple(defaults) or None
    keywords = {name: _plain(value) for name, value in (method.__kwdefaults__ or {}).items()}
    method.__kwdefaults__ = {name: value for name, value in keywords.items() if value is not MISSING} or None


def _plain(value: Any) -> Any:
    return value.default if isinstance(value, FieldSpec) else value


def declare_command(
    cls: type,
    attribute: str,
    method: Callable[..., Any],
    signature: inspect.Signature,
    local: dict[str, Any],
    *,
    name: str,
    description: str,
    dedupe: bool,
) -> CommandDeclaration:
    """Read a handler's signature.

    Args:
        cls, attribute, method: the handler, and where it stands.
        signature: as it was written.
        local: the names visible where the class stands, for string annotations.
        name, description, dedupe: as `@event` was given them.

    Raises:
        DeclarationError: a parameter cannot come from a client; names class, method and field.
    """
    where = f"{cls.__name__}.{attribute}"
    scope = {**vars(sys.modules.get(method.__module__, sys)), **method.__globals__}
    names = {**local, **vars(cls)}
    parameters: list[Parameter] = []
    client_parameter: str | None = None
    for parameter in list(signature.parameters.values())[1:]:
        path = f"{where}: {parameter.name}"
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise DeclarationError(f"{path}: *args and **kwargs have no schema; name each parameter")
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise DeclarationError(f"{path}: a positional-only parameter has no name on the wire")
        if parameter.annotation is parameter.empty:
            if parameter.name == "client":
                client_parameter = parameter.name
                continue
            raise DeclarationError(f"{path}: has no annotation, so nothing can be checked; add one")
        annotation = resolve(parameter.annotation, scope, names)
        if annotation is ClientInfo:
            client_parameter = parameter.name
            continue
        default = MISSING if parameter.default is parameter.empty else parameter.default
        parameters.append(declare_parameter(parameter.name, annotation, default, path))
    returned = resolve(signature.return_annotation, scope, names)
    plain_defaults(method)
    return CommandDeclaration(
        name=name,
        attribute=attribute,
        description=description,
        dedupe=dedupe,
        parameters=tuple(parameters),
        client_parameter=client_parameter,
        reply=_reply_class(returned),
        reply_optional=type(None) in typing.get_args(returned),
    )


def declare_parameter(name: str, annotation: Any, default: Any, where: str) -> Parameter:
    """What a client may send under `name`.

    Args:
        name: of the parameter of a handler, or of the field of a state.
        annotation: resolved; `Annotated[T, InputField(…)]` sets limits.
        default: a plain value, an `InputField`, or `MISSING`.
        where: class, method and parameter, for the error.

    Raises:
        DeclarationError: it cannot come from a client, or the default does not fit.
    """
    type_ = field_type(annotation, where)
    extras = [extra for extra in getattr(annotation, "__metadata__", ()) if isinstance(extra, FieldSpec)]
    spec = default if isinstance(default, FieldSpec) else None
    if spec is not None:
        type_ = limited(type_, spec, where)
        default = spec.default
        extras.append(spec)
    elif default is MISSING:
        default = next((extra.default for extra in extras if extra.default is not MISSING), MISSING)
    description = next((extra.description for extra in reversed(extras) if extra.description), "")
    moderate = any(extra.moderate for extra in extras)
    return Parameter(name, type_, checked_default(type_, default, where), description, moderate)


def _reply_class(annotation: Any) -> type[ModelMessage] | None:
    members = getattr(annotation, "__args__", None) or (annotation,)
    for member in members:
        if isinstance(member, type) and issubclass(member, ModelMessage):
            return member
    return None
