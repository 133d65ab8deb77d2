"""What a model's document says, in the words the code writers share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Scalar:
    """A plain value; `any` is whatever JSON has."""

    kind: Literal["any", "null", "boolean", "integer", "number", "string"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some JSON values.

    Attributes:
        values: in the order of the document; null is none of them.
        names: what the choice may be called, the best first.
    """

    values: tuple[Any, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was uploaded."""


@dataclass(frozen=True, slots=True)
class ListOf:
    item: Shape


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object with any keys."""

    item: Shape


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least two shapes, each once."""

    members: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """An object with named fields: `Document.objects[key]`."""

    key: str


Shape = Scalar | Choice | Upload | ListOf | MapOf | AnyOf | ObjectRef

NULL = Scalar("null")
ANY = Scalar("any")


class _Unset:
    def __repr__(self) -> str:
        return "UNSET"


UNSET: Any = _Unset()
"""The document names no default."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object, or an argument of a command.

    Attributes:
        name: on the wire.
        default: as JSON, `UNSET` where there is none or the field is required.
        limits: what a value must keep to, as a sentence; empty where that is nothing.
    """

    name: str
    shape: Shape
    required: bool
    default: Any
    description: str
    limits: str

    @property
    def may_lack(self) -> bool:
        """Whether a message need not have the field, and null stands for that."""
        return not self.required and self.default in (None, UNSET)

    @property
    def left_out(self) -> bool:
        """Whether a client says the default by leaving the field out: it is null, or nothing a literal could be."""
        return not self.required and (self.default is UNSET or isinstance(self.default, (type(None), list, dict)))


@dataclass(slots=True)
class ObjectType:
    """An object with named fields.

    Attributes:
        names: what it may be called, the best first.
    """

    names: tuple[str, ...]
    description: str
    fields: list[Field] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Command:
    """A command.

    Attributes:
        reply: the name of the message it is answered with, None where that is an empty acknowledgement.
        always: whether that message always comes, so that the answer is never an empty acknowledgement.
    """

    name: str
    description: str
    fields: list[Field]
    reply: str | None
    always: bool


@dataclass(frozen=True, slots=True)
class Message:
    """A message the model sends: its name on the wire, and what its `data` is."""

    name: str
    description: str
    body: ObjectRef


@dataclass(frozen=True, slots=True)
class Track:
    """A media track; `out` leaves the model."""

    name: str
    kind: str
    direction: Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class Document:
    """All that a client can know of a model. `objects` holds each object type once, the inner ones first."""

    title: str
    version: str
    description: str
    commands: list[Command]
    messages: list[Message]
    tracks: list[Track]
    objects: dict[str, ObjectType]

    def message(self, name: str) -> Message:
        """The message of that name."""
        return next(message for message in self.messages if message.name == name)

    def within(self, shapes: list[Shape]) -> list[str]:
        """The keys of the objects that `shapes` hold, however deep, in the order of `objects`."""
        found: set[str] = set()
        rest = list(shapes)
        while rest:
            shape = rest.pop()
            if isinstance(shape, ObjectRef) and shape.key not in found:
                found.add(shape.key)
                rest += [inner.shape for inner in self.objects[shape.key].fields]
            rest += parts_of(shape)
        return [key for key in self.objects if key in found]

    def holds_upload(self, shape: Shape) -> bool:
        """Whether there is a file in it, however deep."""
        shapes = [shape, *(inner.shape for key in self.within([shape]) for inner in self.objects[key].fields)]
        return any(_is_upload(each) for each in shapes)


def parts_of(shape: Shape) -> list[Shape]:
    """The shapes `shape` is made of directly; the fields of an object are not among them."""
    if isinstance(shape, (ListOf, MapOf)):
        return [shape.item]
    return list(shape.members) if isinstance(shape, AnyOf) else []


def _is_upload(shape: Shape) -> bool:
    return isinstance(shape, Upload) or any(_is_upload(part) for part in parts_of(shape))


def takes_null(shape: Shape) -> bool:
    """Whether null fits."""
    return shape in (NULL, ANY) or (isinstance(shape, AnyOf) and any(map(takes_null, shape.members)))


def nullable(shape: Shape) -> Shape:
    """`shape`, or null."""
    if takes_null(shape):
        return shape
    return AnyOf((*(shape.members if isinstance(shape, AnyOf) else (shape,)), NULL))


def without_null(shape: Shape) -> Shape:
    """What else than null fits, where that is one shape; otherwise `shape`."""
    rest = [part for part in parts_of(shape) if part != NULL] if isinstance(shape, AnyOf) else []
    return rest[0] if len(rest) == 1 else shape
