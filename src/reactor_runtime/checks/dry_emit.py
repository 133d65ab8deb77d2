"""A grey frame and a moment of silence through each Output class of a model, as far as the encoders."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..interface.model import ReactorModel
from ..interface.records import fields_of, is_required
from ..interface.tracks import Output, output_classes, track_fields, tracks_of
from ..limits import Limits
from ..media.outputs import check_output
from .findings import Finding, error, ok, warning

_SIZE = (36, 64)
_SAMPLES = 1024


def dry_emit(model: type[ReactorModel]) -> Iterator[Finding]:
    """Emit a grey frame through each Output class, with None in its required fields of data.

    A `__post_init__` of the author's may need other values, or another size: what fails then is no mistake.
    """
    tracks = {track.name: track for track in tracks_of(model) if track.direction == "out"}
    for cls in output_classes(model):
        fields = track_fields(cls)
        if not fields:
            yield warning("emit", f"{cls.__name__} has no Video or Audio field, so emitting it shows nothing")
            continue
        grey, silence = np.full((*_SIZE, 3), 128, np.uint8), np.zeros(_SAMPLES, np.int16)
        media = {name: grey if field.kind == "video" else silence for name, field in fields.items()}
        others = {field.name: None for field in fields_of(cls) if is_required(field) and field.name not in fields}
        try:
            output: Output = cls(**media, **others)
            frames = check_output(output, tracks, model.__name__, Limits()).frames(model.fps)
        except Exception as problem:
            if hasattr(cls, "__post_init__"):
                yield ok("emit", f"{cls.__name__} is not tried: its __post_init__ takes no frame of {_given(others)}")
            else:
                yield error("emit", f"{cls.__name__}: {type(problem).__name__}: {problem}")
        else:
            shown = [f"{track} {picture.width}x{picture.height}" for track, picture in frames[0].pictures.items()]
            heard = [f"{track} at {sound.rate} Hz" for track, sound in frames[0].sounds.items()]
            yield ok("emit", f"a small grey {cls.__name__}: {', '.join([*shown, *heard])}")


def _given(others: dict[str, None]) -> str:
    size = f"{_SIZE[1]}x{_SIZE[0]}"
    return f"{size} with {', '.join(f'{name}=None' for name in others)}" if others else size
