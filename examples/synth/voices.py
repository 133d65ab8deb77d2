"""Two voices, one to each ear, that never click: whatever changes, glides, and every sound goes on from the last."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]

RATE = 48_000
PARTIALS = np.arange(1, 25)
GLIDE = 0.03
"""Seconds until a change is two thirds done."""
DRIFT = 0.15
"""The right voice is so many Hz above its interval, so that the figure that the two draw turns."""

_HIGHEST = 20_000
"""Partials end here, in Hz: those above half the rate would come back as other tones."""


def _smooth(amplitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without the ringing that a row of partials has where it is cut off, and with a peak of 1."""
    amplitudes = amplitudes * np.sinc(PARTIALS / (len(PARTIALS) + 1))
    period = np.arange(1024) / 1024
    return amplitudes / np.abs(amplitudes @ np.sin(2 * np.pi * np.outer(PARTIALS, period))).max()


WAVEFORMS: dict[str, NDArray[np.float64]] = {
    name: _smooth(amplitudes)
    for name, amplitudes in {
        "sine": np.where(PARTIALS == 1, 1.0, 0.0),
        "triangle": np.sin(PARTIALS * np.pi / 2) / PARTIALS**2,
        "square": (PARTIALS % 2) / PARTIALS,
        "saw": 1 / PARTIALS,
        "organ": np.isin(PARTIALS, (1, 2, 3, 4, 6, 8)) / np.sqrt(PARTIALS),
    }.items()
}
"""How loud each partial is; the peak of the whole is 1."""

INTERVALS = {"unison": 1.0, "third": 5 / 4, "fourth": 4 / 3, "fifth": 3 / 2, "sixth": 5 / 3, "octave": 2.0}


class Voices:
    """What sounds, from one call of `play` to the next."""

    def __init__(self) -> None:
        self._phases = np.zeros(2)  # in turns
        self._settings: NDArray[np.float64] | None = None

    def play(self, samples: int, pitch: float, waveform: str, interval: str, volume: float) -> Sound:
        """The next `(2, samples)` of sound at `RATE`, in -1 to 1: left `pitch`, right the interval above it.

        What differs from the last call is reached by gliding there from where that one ended.
        """
        wanted = np.array([np.log2(pitch), np.log2(INTERVALS[interval]), volume, *WAVEFORMS[waveform]])
        if self._settings is None:
            self._settings = wanted * [1, 1, 0, *np.ones(len(PARTIALS))]  # it comes out of silence
        fading = np.exp(-np.arange(1, samples + 1) / (GLIDE * RATE))
        settings = wanted[:, None] + (self._settings - wanted)[:, None] * fading
        self._settings = settings[:, -1]
        left, above, volumes, amplitudes = settings[0], settings[1], settings[2], settings[3:]
        pitches = 2 ** np.stack((left, left + above)) + [[0.0], [DRIFT]]
        phases = self._phases[:, None] + np.cumsum(pitches, axis=1) / RATE
        self._phases = phases[:, -1] % 1.0
        voices = [volumes * _voice(*one, amplitudes) for one in zip(pitches, phases, strict=True)]
        return np.asarray(voices, np.float32)


def _voice(
    pitches: NDArray[np.float64], phases: NDArray[np.float64], amplitudes: NDArray[np.float64]
) -> NDArray[np.float64]:
    heard = amplitudes * np.clip((_HIGHEST - np.outer(PARTIALS, pitches)) / 2000, 0, 1)
    return (heard * np.sin(np.outer(2 * np.pi * PARTIALS, phases))).sum(axis=0)
