"""The tracks of a model: `Output` and `Input` classes whose `Video` and `Audio` fields are media tracks."""

from __future__ import annotations

import dataclasses
import numbers
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    TypeAlias,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
)

from ..errors import DeclarationError
from .discovery import classes_used_by
from .once import OnceEach
from .records import Record, fields_of, hints_of

_LAYOUT = "__reactor_tracks__"

RATES = range(8_000, 192_001)
"""Sample rates an audio track may have, in Hz."""

_RATE_NAMES = {"rate", "samplerate", "samplingrate", "audiorate", "framerate", "frequency", "sr", "fs", "hz"}
"""What a sample rate is called elsewhere, and in a hurry."""

if TYPE_CHECKING:
    Video: TypeAlias = Any
    Audio: TypeAlias = Any
    Metadata: TypeAlias = Any
else:

    class Video:
        """Annotates a field that is a video track.

        In an `Output`: an RGB picture, `(H, W, 3)` or `(3, H, W)`, or a batch of consecutive ones, `(N, H, W, 3)` or
        `(N, 3, H, W)`. It is a numpy array or a torch tensor on any device; uint8, or floats in `[0, 1]`.
        In an `Input`: the model finds an `InputBuffer` there.
        """

    class Audio:
        """Annotates a field that is an audio track.

        In an `Output`: samples that follow those of the last `emit()`, `(samples,)` or `(channels, samples)` with one
        or two channels; int16, or floats in `[-1, 1]`; a numpy array or a torch tensor.
        In an `Input`: the model finds an `InputBuffer` there, whose frames are `(1, samples)` int16.

        Attributes:
            sample_rate: in Hz, 48000. A subclass sets another: `class Voice(Audio): sample_rate = 24_000`.
        """

        sample_rate: ClassVar[int] = 48_000

        def __init_subclass__(cls, **kwargs: Any) -> None:
            super().__init_subclass__(**kwargs)
            _check_rate_name(cls)

    class Metadata:
        """Annotates a field of an `Output` that travels with its pictures: a dict that JSON can say, or None; for a
        batch also a list of them, one for each frame. Clients that ask for metadata get it with the frame."""


@dataclass_transform(field_specifiers=(dataclasses.field,))
class Output(Record, metaclass=OnceEach):
    """Base of what a model emits. Fields annotated `Video` and `Audio` are tracks, named like the field; one annotated
    `Metadata` goes with the pictures; the others are the model's own."""

    __record_base__ = True
    __record_eq__ = False


@dataclass_transform(field_specifiers=(dataclasses.field,))
class Input(Record, metaclass=OnceEach):
    """Base of what a model receives. Fields annotated `Video` and `Audio` are tracks; `model.input.<field>` is an
    `InputBuffer`."""

    __record_base__ = True
    __record_eq__ = False


@dataclass(frozen=True, slots=True)
class TrackInfo:
    """One media track, seen from the model: `out` is what it emits, `in` what it receives.

    `rate` is that of an audio track, in Hz.
    """

    name: str
    kind: Literal["video", "audio"]
    direction: Literal["in", "out"]
    rate: int | None = None


@dataclass(frozen=True, slots=True)
class TrackField:
    """What an `Output` or `Input` class says of one of its tracks."""

    kind: Literal["video", "audio"]
    rate: int | None = None


@dataclass(frozen=True, slots=True)
class _Layout:
    tracks: Mapping[str, TrackField]
    metadata: str | None


def track_fields(cls: type) -> Mapping[str, TrackField]:
    """The track fields of an `Output` or `Input` class, by name, in order.

    Raises:
        DeclarationError: an audio track has no rate that can be played.
    """
    return _layout(cls).tracks


def metadata_field(cls: type) -> str | None:
    """The name of the field of an `Output` class that travels with its pictures."""
    return _layout(cls).metadata


def _layout(cls: type) -> _Layout:
    """Kept with the class: `emit()` asks for every frame, and resolving annotations takes longer than the rest."""
    kept: _Layout | None = vars(cls).get(_LAYOUT)
    if kept is None:
        hints = {name: _plain(hint) for name, hint in hints_of(cls).items()}
        names = [field.name for field in fields_of(cls)]
        tracks = {name: track for name in names if (track := _track(cls, name, hints.get(name))) is not None}
        metadata = [name for name in names if _is(hints.get(name), Metadata)]
        if len(metadata) > 1:
            raise DeclarationError(
                f"{cls.__name__}: {' and '.join(metadata)} are both Metadata; a frame has one, so put all into it"
            )
        kept = _Layout(types.MappingProxyType(tracks), metadata[0] if metadata else None)
        setattr(cls, _LAYOUT, kept)
    return kept


def _check_rate_name(cls: type) -> None:
    """Refuse a rate of an `Audio` class under another name, which would leave it at 48000 Hz.

    Raises:
        DeclarationError: there is one, and no `sample_rate`.
    """
    said = vars(cls)
    named = [name for name in said if name.replace("_", "").lower() in _RATE_NAMES and _is_rate(said[name])]
    if named and not any("sample_rate" in vars(base) for base in cls.__mro__ if base is not Audio):
        raise DeclarationError(
            f"{cls.__name__}.{named[0]}: the rate of an Audio class is its sample_rate; "
            f"write `sample_rate = {said[named[0]]!r}`"
        )


def _is_rate(value: Any) -> bool:
    return isinstance(value, int) and value in RATES


def _plain(hint: Any) -> Any:
    """An annotation without `Annotated` and without `| None`: a track may be left out of an emission."""
    if get_origin(hint) is Annotated:
        return _plain(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        members = [member for member in get_args(hint) if member is not types.NoneType]
        return _plain(members[0]) if len(members) == 1 else hint
    return hint


def _is(hint: Any, base: type) -> bool:
    return isinstance(hint, type) and issubclass(hint, base)


def _track(cls: type, name: str, hint: Any) -> TrackField | None:
    if _is(hint, Video):
        return TrackField("video")
    if not _is(hint, Audio):
        return None
    rate = hint.sample_rate
    if isinstance(rate, numbers.Integral) and not isinstance(rate, bool):
        rate = int(rate)  # numpy's too
    if not isinstance(rate, int) or isinstance(rate, bool) or rate not in RATES:
        raise DeclarationError(
            f"{cls.__name__}.{name}: {hint.__name__}.sample_rate is {rate!r}; "
            f"a rate is a whole number of Hz, {RATES.start} to {RATES.stop - 1}"
        )
    return TrackField("audio", rate)


def output_classes(model: type) -> list[type]:
    """The `Output` classes a model emits.

    An annotation `output: MyOutput` says so outright; else they are those its methods name; else those of its module.
    """
    declared = hints_of(model).get("output")
    if declared is not None:
        members = getattr(declared, "__args__", None) or (declared,)
        wrong = [member for member in members if not (isinstance(member, type) and issubclass(member, Output))]
        if wrong:
            raise DeclarationError(f"{model.__name__}: output: {_no_class(wrong[0], Output)}")
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
        raise DeclarationError(f"{model.__name__}: input: {_no_class(declared, Input)}")
    return declared


def _no_class(hint: Any, base: type) -> str:
    if isinstance(hint, str):
        return (
            f"there is no {hint} where the class stands; define `class {hint}({base.__name__})` above it, "
            "or at the level of the module"
        )
    return f"{hint!r} is no {base.__name__} class"


def tracks_of(model: type) -> tuple[TrackInfo, ...]:
    """All tracks of a model class, inputs first.

    Raises:
        DeclarationError: one name is two tracks, an audio track has no rate that can be played, or an `Input` has
            metadata.
    """
    taken = input_class(model)
    if taken is not None and (named := metadata_field(taken)) is not None:
        raise DeclarationError(
            f"{taken.__name__}.{named}: metadata comes with each frame, as frame.metadata; leave the field out"
        )
    tracks = {
        name: TrackInfo(name, field.kind, "in", field.rate)
        for name, field in (track_fields(taken) if taken else {}).items()
    }
    for cls in output_classes(model):
        for name, field in track_fields(cls).items():
            info = TrackInfo(name, field.kind, "out", field.rate)
            other = tracks.setdefault(name, info)
            if other.direction == "in":
                raise DeclarationError(f"{model.__name__}: the track {name!r} is an input and an output; rename one")
            if other != info:
                raise DeclarationError(
                    f"{model.__name__}: the track {name!r} is {_described(other)} in one Output and {_described(info)} "
                    f"in {cls.__name__}; rename one"
                )
    return tuple(tracks.values())


def _described(track: TrackInfo) -> str:
    return f"{track.kind} at {track.rate} Hz" if track.rate else track.kind
