"""What a client of the test kit sends on an input track, as its engine would hand it over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ..engine.connection import Client
from ..interface.tracks import TrackInfo
from ..limits import Limits
from ..media.metadata import encode_metadata
from ..media.pictures import check_picture
from ..media.sound import Sound
from ..media.waveforms import check_waveform

_PIECE = 0.01
"""Seconds of sound that engines hand over at a time."""
_AT_ONCE = 0.2
"""What comes faster than time passes is dropped, beyond so many seconds."""


def input_track(tracks: Iterable[TrackInfo], name: str) -> TrackInfo:
    """The input track `name`.

    Raises:
        ValueError: the model has none of that name.
    """
    inputs = {track.name: track for track in tracks if track.direction == "in"}
    if name not in inputs:
        raise ValueError(f"{name!r} is no input track of this model; there is {', '.join(inputs) or 'none'}")
    return inputs[name]


def send(to: Client, track: TrackInfo, value: Any, metadata: Mapping[str, Any] | None = None) -> None:
    """Send a picture, a batch of them, or a stretch of sound at the track's rate.

    Raises:
        OutputError: it does not fit the track, or the metadata has no JSON form.
        ValueError: it is more sound than a client sends at once.
    """
    where = f"push(): track {track.name!r}"
    if track.rate is not None:
        sound = Sound(check_waveform(value, track.rate, where).samples(), track.rate)
        if sound.seconds > _AT_ONCE:
            raise ValueError(
                f"{where}: {sound.seconds:g} s of sound at once, and clients send no more than {_AT_ONCE:g} s; "
                "stream() sends it as time passes"
            )
        to.sound(track.name, sound)
        return
    pixels = check_picture(value, where)
    tags = encode_metadata(metadata, pixels.length, f"{where}: metadata", Limits().metadata_bytes)
    for picture, tag in zip(pixels.pictures(), tags, strict=True):
        to.frame(track.name, picture.tagged(tag))


def paced(track: TrackInfo, values: Any, fps: float) -> Iterator[tuple[Any, float]]:
    """What to send and how many seconds that lasts: pictures at `fps`, one alone again and again; sound in pieces.

    Raises:
        OutputError: it is an array, and no sound, for an audio track.
    """
    if track.rate is None:
        still = hasattr(values, "ndim") and values.ndim == 3
        while True:
            for value in [values] if still else values:
                yield value, 1 / fps
            if not still:
                return
    sounds = [values] if isinstance(values, np.ndarray) else values
    for value in sounds:
        samples = check_waveform(value, track.rate, f"stream(): track {track.name!r}").samples()
        size = round(track.rate * _PIECE)
        for start in range(0, samples.shape[1], size):
            piece = samples[:, start : start + size]
            yield piece, piece.shape[1] / track.rate
