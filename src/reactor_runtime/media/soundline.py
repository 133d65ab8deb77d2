"""Sounds, each with the moment it begins, laid on one line of samples without gaps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .resampling import Resampler
from .sound import Sound

BEHIND = 0.04
"""A sound that begins so many seconds after the end of the one before follows it at once: that much is jitter. After
a longer gap there is silence, and the sound begins when it should."""
AHEAD = 0.1
"""A sound may begin so many seconds late, where the one before has lasted longer than the time until it; what is
beyond is cut from its beginning."""


class SoundLine:
    """A stereo line of int16 samples at one rate.

    Args:
        rate: of the line, in Hz. Sounds of other rates are resampled.

    Attributes:
        position: how many samples there are so far.
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.position = 0
        self._resampler = Resampler(rate, 2)

    def place(self, sound: Sound, at: float) -> Iterator[NDArray[np.int16]]:
        """What follows on the line when `sound` begins at `at` seconds: `(2, n)` pieces, silence first where there is
        a gap."""
        samples = self._resampler.feed(sound)
        start = round(at * self.rate)
        if start - self.position > BEHIND * self.rate:
            yield from self.silence(at)
        excess = self.position - start
        if excess > AHEAD * self.rate:
            samples = samples[:, excess:]
        if samples.shape[1]:
            self.position += samples.shape[1]
            yield samples

    def silence(self, until: float) -> Iterator[NDArray[np.int16]]:
        """Silence until `until` seconds, in pieces of a second at most; nothing where the line is there already."""
        end = round(until * self.rate)
        while self.position < end:
            count = min(self.rate, end - self.position)
            self.position += count
            yield np.zeros((2, count), np.int16)
