"""What a model that can be served may still lack: said once, after it has loaded."""

from __future__ import annotations

from collections.abc import Sequence

from ..interface.model import ReactorModel, handlers_of
from ..interface.tracks import TrackInfo


def advice(model: type[ReactorModel], tracks: Sequence[TrackInfo]) -> str | None:
    """Why nothing would be seen of `model`; None where something may be."""
    name = model.__name__
    runs = hasattr(model, "run")
    if not runs and not handlers_of(model).commands:
        return f"{name} has no run() and no @event method: there is nothing to watch, and nothing to do"
    if runs and not any(track.direction == "out" for track in tracks):
        return f"{name} declares no Output with a Video or Audio field: there is nothing to see or hear"
    return None
