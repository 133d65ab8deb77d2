"""What leaves together: a picture and the sound of that moment, for each output track."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .frames import Picture
from .sound import Sound


@dataclass(frozen=True, slots=True)
class FrameSet:
    """One frame of every track that has one. It leaves with one capture time.

    Attributes:
        pictures: by video track.
        sounds: by audio track; as long as the frame lasts, where the author cuts it so.
        seconds: how long it lasts, where its sound alone says so; None where it is a frame at the output's rate.
    """

    pictures: Mapping[str, Picture] = field(default_factory=dict)
    sounds: Mapping[str, Sound] = field(default_factory=dict)
    seconds: float | None = None
