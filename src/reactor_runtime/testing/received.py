"""What a client of the test kit got: frames, messages, answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..media.sound import Sound
from ..transport.memory import Shown
from ..wire.messages import Refusal, Reply


class Frame:
    """One frame of a track, as a client saw it.

    Attributes:
        at: when, in seconds since the model had loaded.
        track: of which track.
    """

    __slots__ = ("_shown", "at", "track")

    def __init__(self, shown: Shown, origin: float) -> None:
        self.at = shown.at - origin
        self.track = shown.track
        self._shown = shown

    @property
    def image(self) -> NDArray[np.uint8]:
        """The pixels, as a new `(H, W, 3)` uint8 RGB array: exactly what was emitted, no encoder stands between.

        Raises:
            LookupError: there were too many frames since: a client keeps the newest 256 MiB of them.
        """
        return self._shown.picture.rgb()

    @property
    def metadata(self) -> dict[str, Any]:
        """What travelled with it, as JSON has it; an empty dict where nothing did."""
        data = self._shown.picture.user_data
        return dict(json.loads(data)) if data else {}

    def __repr__(self) -> str:
        return f"Frame(at={self.at:.3f}, track={self.track!r})"


@dataclass(frozen=True, slots=True)
class Received:
    """One message of the model.

    Attributes:
        at: when it came, in seconds since the model had loaded.
        type: its name on the wire, such as `current_prompt`.
        data: its fields, as JSON has them.
    """

    at: float
    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """The one answer a command got.

    Attributes:
        command: its name.
        ok: whether it was carried out.
        type: the name of the message the handler returned, if it returned one.
        message: that message's fields.
        code: why it was refused, as a program reads it, such as `invalid_command`; empty where it was not.
        text: why it was refused, in words.
    """

    command: str
    ok: bool
    type: str | None = None
    message: dict[str, Any] | None = None
    code: str = ""
    text: str = ""


def joined(sounds: Sequence[Sound]) -> NDArray[np.int16]:
    """Sounds one after the other, `(channels, samples)`; where one has two channels, all have."""
    channels = max((sound.samples.shape[0] for sound in sounds), default=1)
    parts = [np.broadcast_to(sound.samples, (channels, sound.samples.shape[1])) for sound in sounds]
    return np.concatenate(parts, axis=1) if parts else np.empty((1, 0), np.int16)


def answer_of(said: Reply | Refusal) -> Answer:
    """A wire answer, as tests read it."""
    if isinstance(said, Refusal):
        return Answer(said.command, False, code=said.code, text=said.message)
    if said.message is None:
        return Answer(said.command, True)
    return Answer(said.command, True, said.message.type, dict(said.message.data))
