"""Dust in a current: twenty thousand specks, and the light they leave behind."""

from __future__ import annotations

import colorsys

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]

WIDTH, HEIGHT = 640, 360
SPECKS = 20_000
CELL = 5
"""The current is the same within so many pixels."""
SWIFT = 110.0
"""About how fast it is, in pixels a second."""

_SIZE = np.array([[WIDTH], [HEIGHT]], np.float32)


def _palette(hue: float, spread: float, saturation: float) -> Floats:
    """The light of a speck for each of 64 directions."""
    turns = np.arange(64) / 64
    hues = hue + spread * np.sin(2 * np.pi * turns)
    return np.array([colorsys.hsv_to_rgb(h % 1, saturation, 1.0) for h in hues], np.float32)


PALETTES = {
    "ice": _palette(0.56, 0.09, 0.75),
    "ember": _palette(0.04, 0.06, 0.85),
    "moss": _palette(0.32, 0.1, 0.65),
    "opal": _palette(0.5, 0.5, 0.6),
}


class Dust:
    """Specks that drift, and their light, which fades."""

    def __init__(self, seed: int = 0) -> None:
        self._random = np.random.default_rng(seed)
        self._places = self._anywhere(SPECKS)
        self._moved, self._pushes = np.zeros_like(self._places), np.zeros_like(self._places)
        self._heading = np.zeros(SPECKS, np.int64)
        self._light = np.zeros((HEIGHT * WIDTH, 3), np.float32)
        waves = 7
        angles = self._random.uniform(0, 2 * np.pi, waves)
        self._ways = np.stack((np.cos(angles), np.sin(angles)))
        self._lengths = self._random.uniform(0.5, 1.8, waves)
        self._phases = self._random.uniform(0, 2 * np.pi, waves)
        self._paces = self._random.uniform(-1.5, 1.5, waves)

    def drift(self, seconds: float, whirls: float, unrest: float) -> None:
        """Let them drift for so long in a current with so many whirls across the picture."""
        self._phases += self._paces * unrest * seconds
        column, row = (self._places / CELL).astype(np.int64)
        moved = self._current(whirls)[:, row, column] * np.float32(seconds)
        self._heading = (np.arctan2(moved[1], moved[0]) * (32 / np.pi)).astype(np.int64) % 64
        moved += self._pushes * np.float32(seconds)
        self._pushes *= np.float32(0.9)
        self._places += moved
        # Those that leave are replaced, and some others: so nowhere does it get empty.
        left = ((self._places < 0) | (self._places >= _SIZE)).any(axis=0)
        gone = left | (self._random.random(SPECKS) < 0.01)
        self._places[:, gone], moved[:, gone] = self._anywhere(int(gone.sum())), 0
        self._moved = moved

    def stir(self, x: float, y: float) -> None:
        """Let those near a place, 0 to 1 from the upper left, fly away from it."""
        away = self._places - np.array([[x * WIDTH], [y * HEIGHT]], np.float32)
        distance = np.hypot(*away) + 1
        self._pushes += away / distance * (900 * np.exp(-distance / 40))

    def picture(self, trail: float, palette: Floats) -> Picture:
        """A `(360, 640, 3)` picture of their light now, and of so much of that before."""
        self._light *= np.float32(trail)
        # A speck shines all along its way since the last picture.
        places = np.concatenate([self._places - share * self._moved for share in np.float32([0, 1 / 3, 2 / 3])], axis=1)
        column, row = places.astype(np.int64)
        where, heading = row * WIDTH + column, np.tile(self._heading, 3)
        glow = 0.1 + 0.25 * (1 - trail)
        for channel in range(3):
            shares = palette[heading, channel]
            self._light[:, channel] += np.bincount(where, shares, HEIGHT * WIDTH) * glow
        return (255 * (1 - np.exp(-self._light))).astype(np.uint8).reshape(HEIGHT, WIDTH, 3)

    def _anywhere(self, count: int) -> Floats:
        return self._random.random((2, count), np.float32) * _SIZE

    def _current(self, whirls: float) -> Floats:
        """Where it goes in each cell, `(2, rows, columns)` in pixels a second.

        It goes along the contours of a landscape of waves, so that nothing piles up anywhere.
        """
        y, x = np.mgrid[0:HEIGHT:CELL, 0:WIDTH:CELL] * (2 * np.pi * whirls / WIDTH)
        along = self._lengths * (x[..., None] * self._ways[0] + y[..., None] * self._ways[1]) + self._phases
        slopes = np.cos(along)
        return np.stack((slopes @ self._ways[1], -slopes @ self._ways[0])).astype(np.float32) * np.float32(SWIFT / 2)
