"""Water: ripples, what it mirrors, and the glitter of sun and moon."""

from __future__ import annotations

import cv2
import numpy as np
from eye import WIDTH, Eye, Field, Picture
from heavens import Sky, lamp_on_picture
from noise import fractal, tiled
from raycast import Hits

_TILE = 256


class Water:
    """Draws water into a picture of all else. It does so at half the size, for what moves need not be sharp."""

    def __init__(self) -> None:
        self._tile = fractal(np.random.default_rng(9), _TILE, cells=12, octaves=4, share=0.8)

    def draw(self, sky: Sky, eye: Eye, hits: Hits, wet: Picture, into: Picture, time: float) -> None:
        """Let the water mirror what stands above it.

        Args:
            hits: what the pixels of the rows from `hits.top` down show.
            wet: how much of each of those is water, 0..255.
            into: the whole picture; the bed of the water is there already.
            time: in seconds, for the waves to move.
        """
        rows_with_water = np.flatnonzero(wet.any(axis=1))
        if not rows_with_water.size:
            return
        first = int(rows_with_water[0])
        top, rows = hits.top + first, len(wet) - first
        small = (WIDTH // 2, (rows + 1) // 2)
        row = top + 2.0 * np.arange(small[1], dtype=np.float32)[:, None]
        column = 2.0 * np.arange(small[0], dtype=np.float32)
        horizon = eye.horizon[::2]

        def half(field: Field) -> Field:
            return np.asarray(cv2.resize(field[first:], small, interpolation=cv2.INTER_NEAREST), np.float32)

        calm = 1.0 / (1.0 + np.float32(0.012) * half(hits.depth))  # far waves are too small to be seen one by one
        waves = calm * self._waves_at(half(hits.x), half(hits.y), time)

        # A smooth lake shows what is as high above the horizon as the line of sight is below it.
        mirror_x, mirror_y = column + 7.0 * waves, 2.0 * horizon - row - 14.0 * np.abs(waves)
        mirrored = cv2.remap(into, mirror_x, mirror_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        slant = 1.0 - np.minimum(half(hits.drop) + 0.1 * np.abs(waves), 1.0)
        share = np.square(np.square(slant)) * slant * np.float32(0.86) + np.float32(0.07)

        place = lamp_on_picture(sky, eye)
        if place is not None and place[1] > 0.0:
            # The path of light that leads to sun or moon, on the waves that happen to lean the right way.
            across = np.exp(-np.square((column - np.float32(place[0])) / np.float32(34.0 + 0.3 * place[1])))
            along = np.exp(-np.abs(row - horizon - np.float32(place[1])) / np.float32(150.0))
            glitter = np.clip(1.6 * waves + 0.25 * calm - 0.2, 0.0, 1.0) * along * across
            glitter *= np.float32(_open(hits, place[0], eye.horizon_at(place[0]) - place[1]))
            light = [cv2.convertScaleAbs(glitter, alpha=255.0 * min(float(colour), 1.0)) for colour in sky.lamp_colour]
            mirrored = cv2.add(mirrored, cv2.merge(light))
            share = np.minimum(share + glitter, 1.0)

        full = (WIDTH, 2 * small[1])
        share = np.asarray(cv2.resize(share, full)[:rows], np.float32)
        share *= wet[first:]
        share *= np.float32(1 / 255)
        low = into[top:]
        cv2.blendLinear(low, cv2.resize(mirrored, full)[:rows], 1.0 - share, share, dst=low)

    def _waves_at(self, x: Field, y: Field, time: float) -> Field:
        """Two trains of waves that cross each other, about -1..1. A whole number of tiles of each covers the land."""
        total = np.zeros_like(x)
        for ahead, aside, east, south in ((2.5, 0.75, 5.0, 3.0), (1.75, 0.75, -4.0, 3.5)):
            u = np.asarray(ahead * x + (aside * y + east * time % _TILE), np.float32)
            v = np.asarray(ahead * y - (aside * x - south * time % _TILE), np.float32)
            total += tiled(self._tile, u, v)
        return total


def _open(hits: Hits, x: float, y: float) -> float:
    """How much of the sun, or of the moon, at a point of the picture stands free of the mountains: 0..1."""
    row, column = round(y) - hits.top, round(x)
    around = hits.mask[max(row - 8, 0) : max(row + 9, 0), max(column - 8, 0) : max(column + 9, 0)]
    return 1.0 - float(around.mean()) / 255 if around.size else 1.0
