"""A part of a recording, as a client is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Clip:
    """A part of a recording.

    Attributes:
        recording: its id.
        kind: the last seconds, or all of it.
        start, end, now: in seconds of the recording; `now` is where it has got to.
        ready_at_ms: when it can be had, in milliseconds since 1970.
        path: of its playlist on this server, with the query.
    """

    recording: str
    kind: Literal["snap", "recording"]
    start: float
    end: float
    now: float
    ready_at_ms: int
    path: str
