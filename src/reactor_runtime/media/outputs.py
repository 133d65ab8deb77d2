"""What `emit()` was given, checked track by track, and turned into the frames that leave together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import OutputError
from ..interface.records import hints_of
from ..interface.tracks import Output, TrackInfo, metadata_field, track_fields
from ..limits import Limits
from .frames import Picture
from .frameset import FrameSet
from .metadata import encode_metadata
from .pictures import Pixels, check_picture
from .ranges import PICTURES, SOUND, Few, Ranges, Scale
from .sound import Sound
from .waveforms import Waveform, check_waveform

_SHORT = 4800
"""Samples of sound that are converted within 0.1 ms."""


class Emission:
    """What one `emit()` holds, checked.

    Attributes:
        length: how many frames its pictures are; 0 where it is sound alone.
    """

    def __init__(
        self, pixels: Mapping[str, Pixels], waveforms: Mapping[str, Waveform], user_data: Sequence[bytes], length: int
    ) -> None:
        self._pixels = pixels
        self._waveforms = waveforms
        self._user_data = user_data
        self.length = length

    @property
    def quick(self) -> bool:
        """Whether `frames` takes less time than to hand it to a worker."""
        short = all(waveform.length <= _SHORT for waveform in self._waveforms.values())
        return short and all(pixels.quick for pixels in self._pixels.values())

    def frames(self, fps: float) -> list[FrameSet]:
        """The frames in order. On a worker, unless it is quick: this is where all is converted.

        A single picture beside a batch repeats, and sound is cut evenly over the frames. Sound alone is cut into
        frames of its own, as long as those of `fps` frames a second or a little shorter.
        """
        pictures = {track: pixels.pictures() for track, pixels in self._pixels.items()}
        samples = {track: waveform.samples() for track, waveform in self._waveforms.items()}
        seconds = max(self.seconds().values(), default=0.0)
        count = self.length or max(1, math.ceil(seconds * fps - 1e-6))
        frames = []

        def place(index: int, track: str) -> int:
            """Where the part of frame `index` begins. Sounds without pictures all run at one speed."""
            length = self._waveforms[track].length
            whole = length if self.length else seconds * self._waveforms[track].rate
            return min(round(index * whole / count), length)

        for index in range(count):
            shown = {
                track: self._tagged(made[index if self._pixels[track].batched else 0], index)
                for track, made in pictures.items()
            }
            heard = {
                track: Sound(part, self._waveforms[track].rate)
                for track, whole in samples.items()
                if (part := whole[:, place(index, track) : place(index + 1, track)]).size
            }
            frames.append(FrameSet(shown, heard, None if self.length else seconds / count))
        return frames

    def _tagged(self, picture: Picture, index: int) -> Picture:
        return picture.tagged(self._user_data[index]) if self._user_data[index] else picture

    def seconds(self) -> dict[str, float]:
        """How long the sound of each audio track lasts."""
        return {track: waveform.length / waveform.rate for track, waveform in self._waveforms.items()}

    def flaws(self) -> Iterator[tuple[str, int]]:
        """The tracks that held what is no number, and how much of it. Known once `frames` has returned."""
        for track, pixels in self._pixels.items():
            if pixels.nans:
                yield track, pixels.nans
        for track, waveform in self._waveforms.items():
            if waveform.nans:
                yield track, waveform.nans

    def seen(self) -> Iterator[tuple[str, Few, Scale]]:
        """Some of the floats of the tracks that were looked at. Known once `frames` has returned."""
        for track, pixels in self._pixels.items():
            if pixels.few is not None:
                yield track, pixels.few, PICTURES
        for track, waveform in self._waveforms.items():
            if waveform.few is not None:
                yield track, waveform.few, SOUND


def check_output(
    output: Any, tracks: Mapping[str, TrackInfo], model: str, limits: Limits, ranges: Ranges | None = None
) -> Emission:
    """Check what `emit()` was given. On the model's thread: nothing is copied or converted.

    Args:
        output: an `Output`.
        tracks: the model's output tracks.
        model: the model class's name, for the error.
        limits: of the metadata.
        ranges: says which tracks are looked at for floats out of range; None is none.

    Raises:
        OutputError: it is no output, or a track holds what does not fit it; names track, dtype and shape.
    """
    if not isinstance(output, Output):
        raise OutputError(
            f"emit() takes an Output, got {type(output).__name__}; define `class MyOutput(Output)` with a Video field"
        )
    cls: type = type(output)
    pixels: dict[str, Pixels] = {}
    waveforms: dict[str, Waveform] = {}
    for name, field in track_fields(cls).items():
        if name not in tracks:
            raise OutputError(
                f"emit(): {cls.__name__}.{name} is no track of {model}; "
                f"declare it with `output: {cls.__name__}` in the class"
            )
        value = getattr(output, name)
        if value is None:
            continue
        where = f"emit(): track {name!r}"
        if field.kind == "video":
            pixels[name] = check_picture(value, where)
            pixels[name].look = ranges is not None and ranges.due(name)
        else:
            waveforms[name] = check_waveform(value, field.rate or 0, where)
            waveforms[name].look = ranges is not None and ranges.due(name)
    if not pixels and not waveforms:
        raise OutputError(f"emit(): {cls.__name__} holds no picture and no sound{_unresolved(cls)}")
    length = _length(pixels)
    return Emission(pixels, waveforms, _user_data(output, cls, length, limits), length)


def _unresolved(cls: type) -> str:
    """The fields that may be tracks, if only their annotations could be found."""
    fields = [f"{cls.__name__}.{name}: {hint}" for name, hint in hints_of(cls).items() if isinstance(hint, str)]
    if not fields:
        return ""
    return f"; {' and '.join(fields)} names what is not there: define it above {cls.__name__}, or in the module"


def check_compute_time(compute_time: float | None) -> None:
    """Check `emit(compute_time=…)`.

    Raises:
        OutputError: it is no positive number of seconds.
    """
    if compute_time is not None and not (math.isfinite(compute_time) and compute_time > 0):
        raise OutputError(f"emit(): compute_time={compute_time!r} is no positive number of seconds")


def _length(pixels: Mapping[str, Pixels]) -> int:
    batches = {name: track.length for name, track in pixels.items() if track.batched}
    if len(set(batches.values())) > 1:
        raise OutputError(
            "emit(): batches of one output have the same length, got "
            + ", ".join(f"{name!r}: {length}" for name, length in batches.items())
        )
    return next(iter(batches.values()), 1 if pixels else 0)


def _user_data(output: Output, cls: type, length: int, limits: Limits) -> Sequence[bytes]:
    name = metadata_field(cls)
    value = None if name is None else getattr(output, name)
    if value is not None and not length:
        raise OutputError(f"emit(): {cls.__name__}.{name} travels with a picture, and there is none")
    return encode_metadata(value, length, f"emit(): {cls.__name__}.{name}", limits.metadata_bytes)
