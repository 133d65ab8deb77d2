"""Whether floats are in the range that is shown and played: a few values of a track, and what they tell of a mistake.

A mistake of scale is no error: floats in 0 to 255 are a white picture, those in -1 to 1 one with black shadows, and
sound in the range of int16 is noise. A little beyond the range is none either: what a model makes overshoots, and lamps
are brighter than white.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Few = NDArray[np.floating[Any]]
"""Some values of a track, as they were given; NaN may be among them."""

_SHARE = 0.1
"""From this share of values on that lie far outside of the range, it is a mistake."""

_FRAMES, _ROWS = 4, 18
"""At most so many frames of a batch are looked at, and so many of the rows and columns of each: 972 values a frame."""

_SAMPLES = 1_000
"""At least so many samples of a channel are looked at, where there are as many."""

_FIRST, _EVERY = 32, 32
"""A session's first emissions of a track are looked at, and then one in so many."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What floats of a kind of track are to be.

    Attributes:
        low, high: the range.
        slack: how far outside of it a value is far outside.
        likely: other scales, as their lowest and highest value, with the code that makes the right one of them.
        done: what becomes of values outside.
    """

    low: float
    high: float
    slack: float
    likely: tuple[tuple[float, float, str], ...]
    done: str


PICTURES = Scale(0, 1, 0.25, ((-1, 1, "(x + 1) / 2"), (0, 255, "x / 255")), "clamped")
SOUND = Scale(-1, 1, 1.0, ((-32_768, 32_767, "x / 32768"),), "cut")

_CLOSE = 16
"""A scale is likely whose ends are no more than so many times as far out as the values are."""


def some(length: int, most: int) -> slice:
    """At most `most` of `length` places, spread evenly."""
    step = -(-length // most)
    return slice(step // 2, None, step)


def grid(frames: int, height: int, width: int) -> tuple[slice, slice, slice]:
    """The frames, rows and columns whose values are looked at."""
    return some(frames, _FRAMES), some(height, _ROWS), some(width, _ROWS)


def some_samples(length: int) -> slice:
    """The samples that are looked at."""
    return slice(None, None, max(1, length // _SAMPLES))


def problem(few: Few, scale: Scale) -> str | None:
    """What is wrong with floats of which `few` are some, where more than a few are far outside of their range: the
    range that was seen, the share outside, and what to give instead. None where nothing is."""
    values = few[~np.isnan(few)].astype(np.float64)
    if not values.size:
        return None
    far = (values < scale.low - scale.slack) | (values > scale.high + scale.slack)
    if np.count_nonzero(far) < _SHARE * values.size:
        return None
    lowest, highest = float(values.min()), float(values.max())
    outside = np.count_nonzero((values < scale.low) | (values > scale.high)) / values.size
    code = _code(lowest, highest, scale)
    looks = f"they look like {code}" if code else f"scale them into {scale.low:g} to {scale.high:g}"
    return (
        f"floats from {lowest:.4g} to {highest:.4g}, {outside:.0%} of them outside of {scale.low:g} to {scale.high:g} "
        f"and {scale.done}; {looks}, or x.clip({scale.low:g}, {scale.high:g}) where that is meant"
    )


def _code(lowest: float, highest: float, scale: Scale) -> str | None:
    """The first scale that the values fit, with some overshoot, and that they are not too small for."""
    for low, high, code in scale.likely:
        over = (high - low) / 8
        fits = low - over <= lowest and highest <= high + over
        if fits and max(-lowest, highest) * _CLOSE >= max(-low, high):
            return f"{low:g} to {high:g}: give {code}"
    return None


class Ranges:
    """Which tracks of a session are looked at still, and what was found. On one thread."""

    def __init__(self) -> None:
        self._session: object = None
        self._emissions: dict[str, int] = {}
        self._told: set[str] = set()

    def begin(self, session: object) -> None:
        """What is emitted now belongs to `session`; nothing of another one counts."""
        if session is not self._session:
            self._session = session
            self._emissions.clear()
            self._told.clear()

    def due(self, track: str) -> bool:
        """Whether the values of this emission of a track are to be looked at."""
        if track in self._told:
            return False
        number = self._emissions.get(track, 0)
        self._emissions[track] = number + 1
        return number < _FIRST or number % _EVERY == 0

    def problems(self, seen: Iterable[tuple[str, Few, Scale]]) -> Iterator[tuple[str, str]]:
        """The tracks with a mistake that was not told yet, and what it is."""
        for track, few, scale in seen:
            if track not in self._told and (found := problem(few, scale)) is not None:
                self._told.add(track)
                yield track, found
