"""The tracks of a model: `Output` and `Input` classes whose `Video` fields are media tracks."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, dataclass_transform

from ..errors import DeclarationError
from .discovery import classes_used_by
from .records import Record, fields_of, hints_of

_FIELDS = "__reactor_tracks__"

if TYPE_CHECKING:
    Video = Any
else:

    class Video:
        """Annotates a field that is a video track.

        In an `Output`: a `(H, W, 3)` uint8 RGB array, or a batch `(N, H, W, 3)` of consecutive frames.
        In an `Input`: the model finds an `InputBuffer` there.
        """


@dataclass_transform(field_specifiers=(dataclasses.field,))
class Output(Record):
    """Base of what a model emits. Fields annotated `Video` are tracks, named like the field."""

    __record_base__ = True
    __record_eq__ = False


@dataclass_transform(field_specifiers=(dataclasses.field,))
class Input(Record):
    """Base of what a model receives. Fields annotated `Video` are tracks; `model.input.<field>` is an `InputBuffer`."""

    __record_base__ = True
    __record_eq__ = False


@dataclass(frozen=True, slots=True)
class TrackInfo:
    """One media track, seen from the model: `out` is what it emits, `in` what it receives."""

    name: str
    kind: Literal["video", "audio"]
    direction: Literal["in", "out"]


def track_fields(cls: type) -> Mapping[str, Literal["video", "audio"]]:
    """The track fields of an `Output` or `Input` class, by name, in order.

    Kept with the class: `emit()` asks for every frame, and resolving annotations takes longer than the rest of it.
    """
    kept: Mapping[str, Literal["video", "audio"]] | None = vars(cls).get(_FIELDS)
    if kept is None:
        hints = hints_of(cls)
        kept = types.MappingProxyType(
            {field.name: "video" for field in fields_of(cls) if hints.get(field.name) is Video}
        )
        setattr(cls, _FIELDS, kept)
    return kept


def output_classes(model: type) -> list[type]:
    """The `Output` classes a model emits.

    An annotation `output: MyOutput` says so outright; else they are those its methods name; else those of its module.
    """
    declared = hints_of(model).get("output")
    if declared is not None:
        members = getattr(declared, "__args__", None) or (declared,)
        wrong = [member for member in members if not (isinstance(member, type) and issubclass(member, Output))]
        if wrong:
            raise DeclarationError(f"{model.__name__}: output: {wrong[0]!r} is no Output class")
        return list(members)
    return classes_used_by(model, Output, whole_module=False) or classes_used_by(model, Output, whole_module=True)


def input_class(model: type) -> type | None:
    """The `Input` class of a model (its annotation `input: MyInput`), if it has one.

    Raises:
        DeclarationError: the annotation is no Input class.
    """
    declared = hints_of(model).get("input")
    if declared is None:
        return None
    if not (isinstance(declared, type) and issubclass(declared, Input)):
        raise DeclarationError(f"{model.__name__}: input: {declared!r} is no Input class")
    return declared


def tracks_of(model: type) -> tuple[TrackInfo, ...]:
    """All tracks of a model class, inputs first.

    Raises:
        DeclarationError: one name is an input and an output track.
    """
    taken = input_class(model)
    tracks = [TrackInfo(name, kind, "in") for name, kind in (track_fields(taken) if taken else {}).items()]
    for cls in output_classes(model):
        for name, kind in track_fields(cls).items():
            info = TrackInfo(name, kind, "out")
            if TrackInfo(name, kind, "in") in tracks:
                raise DeclarationError(f"{model.__name__}: the track {name!r} is an input and an output; rename one")
            if info not in tracks:
                tracks.append(info)
    return tuple(tracks)
