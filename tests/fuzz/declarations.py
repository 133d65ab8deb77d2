"""Random model classes: a command whose parameters are of any type that a client can fill, with any limits on them."""

from __future__ import annotations

import dataclasses
import enum
import itertools
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Optional

from hypothesis import strategies as st

from reactor_runtime.interface import InputField, ReactorModel, UploadedFile, event
from reactor_runtime.interface.commands import CommandDeclaration
from reactor_runtime.interface.model import handlers_of
from reactor_runtime.interface.schema import openapi

_numbers = st.integers(-4, 4) | st.sampled_from([-0.5, 0.0, 0.5, 1.0, 2.5])
_words = st.sampled_from(["a", "ab", "red", "", "é", "\U0001f600", "1"])
_fresh = itertools.count()


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 3


class Mood(enum.StrEnum):
    CALM = "a"
    WILD = "ab"


class Odd(enum.Enum):
    NOTHING = None
    FLAG = True
    ONE = 1
    FLAGS = (True, False)
    SHAPE = {"a": [1]}  # noqa: RUF012


def _limits(lengths: bool, numbers: bool, choices: st.SearchStrategy[Any] | None) -> st.SearchStrategy[dict[str, Any]]:
    optional: dict[str, st.SearchStrategy[Any]] = {}
    if numbers:
        optional |= {"ge": _numbers, "le": _numbers}
    if lengths:
        optional |= {"min_length": st.integers(0, 3), "max_length": st.integers(0, 3)}
    if choices is not None:
        optional |= {"choices": st.lists(choices, min_size=1, max_size=3)}
    return st.fixed_dictionaries({}, optional=optional).map(_in_order)


def _in_order(limits: dict[str, Any]) -> dict[str, Any]:
    for low, high in (("ge", "le"), ("min_length", "max_length")):
        if low in limits and high in limits:
            limits[low], limits[high] = sorted((limits[low], limits[high]))
    return limits


def _with_limits(annotation: Any, limits: st.SearchStrategy[dict[str, Any]], optional: bool) -> st.SearchStrategy[Any]:
    """`annotation` with limits once, twice or not at all, inside its Optional or around it."""

    def put(sets: list[dict[str, Any]], maybe: bool, within: bool) -> Any:
        bare = Optional[annotation] if maybe and not within else annotation  # noqa: UP045
        limited = bare
        for each in sets:
            limited = Annotated[limited, InputField(**each)]
        return Optional[limited] if maybe and within else limited  # noqa: UP045

    return st.builds(put, st.lists(limits, max_size=2), st.booleans() if optional else st.just(False), st.booleans())


def _structure(fields: dict[str, tuple[Any, bool]]) -> type:
    made = [
        (name, Optional[kind], dataclasses.field(default=None)) if has_default else (name, kind)  # noqa: UP045
        for name, (kind, has_default) in fields.items()
    ]
    return dataclasses.make_dataclass(f"Part{next(_fresh)}", made, kw_only=True)


_plain = st.one_of(
    _with_limits(int, _limits(False, True, _numbers), True),
    _with_limits(float, _limits(False, True, _numbers), True),
    _with_limits(str, _limits(True, False, _words), True),
    st.sampled_from([bool, Optional[bool], Any, object, list, dict, UploadedFile, Optional[UploadedFile]]),  # noqa: UP045
    _with_limits(Literal["a", "ab", "red"], _limits(True, False, _words), True),
    _with_limits(Literal[1, 3, -2], _limits(False, True, _numbers), True),
    st.sampled_from([Literal[True], Literal[1, "a", None], Literal[0, False], Literal[Mood.CALM, "x"], Odd]),
    _with_limits(Colour, _limits(True, False, st.sampled_from(["red", "no", Colour.BLUE])), True),
    _with_limits(Level, _limits(False, True, st.sampled_from([1, 3, Level.HIGH])), True),
    _with_limits(Mood, _limits(True, False, st.sampled_from(["a", Mood.WILD])), True),
)


def _compound(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lengths = _limits(True, False, None)
    lists = inner.flatmap(lambda item: _with_limits(list[item], lengths, True))  # type: ignore[valid-type]
    dicts = inner.flatmap(lambda item: _with_limits(dict[str, item], lengths, True))  # type: ignore[valid-type]
    parts = st.dictionaries(
        st.sampled_from(["x", "y", "z"]), st.tuples(inner, st.booleans()), min_size=1, max_size=3
    ).map(_structure)
    return lists | dicts | parts


_shallow = _plain | _compound(_plain)
annotations: st.SearchStrategy[Any] = _plain | _compound(_shallow)


@dataclass(frozen=True)
class Declared:
    """A command `go` as a model declares it, and as the model's document says it."""

    command: CommandDeclaration
    schema: dict[str, Any]
    document: dict[str, Any]


def declare(parameters: dict[str, tuple[Any, bool]]) -> Declared:
    """A model whose one command takes `parameters`: of each its annotation, and whether it may be left out.

    Raises:
        DeclarationError: the class cannot work.
    """
    takes = ", ".join(f"{name}: {name}_type" + (" = None" if left else "") for name, (_, left) in parameters.items())
    scope: dict[str, Any] = {"event": event, "ReactorModel": ReactorModel, "__name__": __name__}
    for name, (annotation, left) in parameters.items():
        scope[f"{name}_type"] = Optional[annotation] if left else annotation  # noqa: UP045
    exec(f"class Random(ReactorModel):\n    @event(name='go')\n    def go(self, *, {takes}): ...", scope)
    model = scope["Random"]
    document = openapi(model, "random")
    body = document["paths"]["/events/go"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return Declared(handlers_of(model).commands["go"], body, document)
