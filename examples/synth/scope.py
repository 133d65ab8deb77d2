"""An oscilloscope: a beam that sound moves over a screen that glows on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Light = NDArray[np.float32]

WIDTH, HEIGHT = 640, 360
TRACE = 800
"""Samples across a trace. It begins where its voice crosses zero, so it stands still."""

_FINE = 6
"""Places of the beam for each sample."""
_BEAM = 0.05
_HAZE = np.float32(0.4)
_AFTERGLOW = np.float32(0.72)
"""What is left of the light a frame later."""


def _phosphor(*colour: int) -> Picture:
    """The colour of each brightness, from dark over `colour` to white."""
    level = np.linspace(0, 1, 256)[:, None]
    return np.array(np.minimum(255, np.array(colour) * 1.6 * level + 255 * level**3), np.uint8)


_COLOURS = (
    (np.s_[:, :360], _phosphor(60, 200, 140)),
    (np.s_[:180, 360:], _phosphor(60, 150, 230)),
    (np.s_[180:, 360:], _phosphor(230, 140, 60)),
)
"""Of each part of the screen: the figure, the left voice, the right one."""


def _screen() -> Picture:
    """What is seen of the screen without a beam: a grid."""
    screen = np.full((HEIGHT, WIDTH, 3), (10, 13, 18), np.uint8)
    screen[::30], screen[:, ::30] = (18, 24, 32), (18, 24, 32)
    for axis in (np.s_[180, :360], np.s_[:, 180], np.s_[90, 360:], np.s_[270, 360:]):
        screen[axis] = (30, 40, 52)
    screen[:, 359:361] = screen[179:181, 360:] = (48, 58, 72)
    return screen


class Scope:
    """Left a figure, for which the left voice moves the beam sideways and the right one up and down; beside it both
    over time."""

    def __init__(self) -> None:
        self._light: Light = np.zeros((HEIGHT, WIDTH), np.float32)
        self._end = np.zeros((2, 1), np.float32)
        self._screen = _screen()

    def draw(self, sound: NDArray[np.float32]) -> Picture:
        """The `(360, 640, 3)` picture of `(2, samples)` of sound that follow those of the last call."""
        left, right = _finely(np.concatenate((self._end, sound), axis=1))
        self._end = sound[:, -1:]
        x, y = [180 + 165 * left], [180 - 165 * right]
        for voice, samples, middle in ((left, sound[0], 90), (right, sound[1], 270)):
            start = _FINE * _rising(samples[:-TRACE])
            x.append(np.linspace(361, WIDTH, TRACE * _FINE, endpoint=False))
            y.append(middle - 80 * voice[start : start + TRACE * _FINE])
        self._light *= _AFTERGLOW
        self._light += _beam(np.concatenate(x), np.concatenate(y))
        brightness = (255 * (1 - np.exp(-_haze(self._light)))).astype(np.uint8)
        picture = np.empty_like(self._screen)
        for part, colours in _COLOURS:
            picture[part] = colours[brightness[part]]
        return np.maximum(picture, self._screen)


def _beam(x: NDArray[np.float64], y: NDArray[np.float64]) -> Light:
    """The light of a beam that is at each of these places for a moment, and shines on the four pixels around it."""
    x, y = np.clip(x, 0, WIDTH - 1.001), np.clip(y, 0, HEIGHT - 1.001)
    column, row = x.astype(np.int64), y.astype(np.int64)
    right, down = x - column, y - row
    upper, lower = _BEAM * (1 - down), _BEAM * down
    shares = np.concatenate((upper * (1 - right), upper * right, lower * (1 - right), lower * right))
    corner = row * WIDTH + column
    places = np.concatenate((corner, corner + 1, corner + WIDTH, corner + WIDTH + 1))
    return np.bincount(places, shares, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH).astype(np.float32)


def _haze(light: Light) -> Light:
    """The light with what the glass scatters of it."""
    hazy = light.copy()
    for shifted, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        hazy[shifted] += _HAZE * light[other]
        hazy[other] += _HAZE * light[shifted]
    return hazy


def _finely(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """The same with places between its samples."""
    samples = np.arange(sound.shape[1])
    places = np.arange((sound.shape[1] - 1) * _FINE) / _FINE
    return np.stack([np.interp(places, samples, voice) for voice in sound])


def _rising(voice: NDArray[np.float32]) -> int:
    """The first sample at which it crosses zero upwards; 0 where it does not."""
    return int(np.argmax((voice[:-1] < 0) & (voice[1:] >= 0)))
