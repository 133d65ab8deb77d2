"""A live encoder of PyAV's: how it is held to a bit rate."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..live import Encoded
from .opened import RATE, Opened
from .recipes import Recipe

_PAUSE = 1.0
"""Seconds from one picture to the next that say nothing of how many there are a second."""
_LONGEST = 0.1
"""No picture is given what may be spent in more seconds than that."""
_LESS, _MUCH_LESS, _MORE = 0.9, 0.5, 1.3
"""How far what is wanted may be from what is had. What is too much until then is made up for by pictures left out."""
_LESS_AFTER, _MORE_AFTER = 0.3, 3.0
"""Seconds between two changes at least: each of them is a key frame, or makes one."""
_FULL = 0.8
"""Nothing is changed where less than so much is used: to have more would be of no use, to have less would save none."""
_FAR = 2.0
"""Beyond such a factor another encoder is opened in any case: the room for key frames is that of the rate it began
with."""
_BUCKET = 0.5
"""Seconds of the target that may be spent ahead of time."""


class AvEncoder:
    """Encodes pictures of one size, without delay.

    Args:
        recipe: the encoder.
        follows: whether it takes another bit rate while it runs; else another one is opened.

    Raises:
        EncoderError: it cannot be opened.
    """

    def __init__(self, recipe: Recipe, width: int, height: int, bits_per_second: int, *, follows: bool = False) -> None:
        self._recipe = recipe
        self._size = width, height
        self._follows = follows
        self._target = max(1000, bits_per_second)
        self._interval = 1 / RATE
        self._at = self._changed = -math.inf
        self._debt = 0.0
        self._bits = 0.0
        self._began = self._rate = self._target
        self._opened = Opened(recipe, width, height, self._target)

    @property
    def name(self) -> str:
        """PyAV's."""
        return self._recipe.name

    def aim_at(self, bits_per_second: int) -> None:
        """Change the target. The encoder follows with the next pictures."""
        self._target = max(1000, bits_per_second)
        self._debt = min(self._debt, self._target * _BUCKET)  # what was spent at a higher one halts nothing

    def encode(self, planes: NDArray[np.uint8], at: float, *, key: bool = False) -> Encoded | None:
        """See `LiveEncoder`."""
        since, self._at = at - self._at, max(at, self._at)
        if 0 <= since < _PAUSE:
            self._interval += (since - self._interval) / 16
        self._debt = max(0.0, self._debt - self._target * max(0.0, since))
        self._change(at)
        if self._debt > self._target * _BUCKET and not key:
            return None
        encoded = self._opened.encode(planes, key=key)
        bits = 8 * len(encoded.data)
        self._debt += bits
        if encoded.key:
            # Else an encoder that sets no bound to key frames would have many pictures left out after each of them.
            self._debt = min(self._debt, self._target * _BUCKET / 2)
        else:
            self._bits += (bits - self._bits) / 16
        return encoded

    def close(self) -> None:
        """Free it. May be called more than once."""
        self._opened.close()

    def _change(self, at: float) -> None:
        """Give it another bit rate where it is far from what is wanted."""
        # It gives each picture its share of a second at 30 a second, whatever their number.
        wanted = round(self._target * min(self._interval, _LONGEST) * RATE)
        waited, used = at - self._changed, self._bits * RATE
        much = wanted < self._rate * _MUCH_LESS
        less = wanted < self._rate * _LESS and waited >= _LESS_AFTER and (much or used > wanted * _FULL)
        more = wanted > self._rate * _MORE and waited >= _MORE_AFTER and used > self._rate * _FULL
        if not (less or more):
            return
        self._changed, self._rate = at, wanted
        if self._follows and 1 / _FAR <= wanted / self._began <= _FAR:
            self._opened.retarget(wanted)
            return
        self._opened.close()
        self._began = wanted
        self._opened = Opened(self._recipe, *self._size, wanted)
