"""The whole picture: the sky, before it the land in its haze, and the water, which mirrors both."""

from __future__ import annotations

import cv2
import numpy as np
from eye import HEIGHT, WIDTH, Eye, Picture
from heavens import Heavens, Sky
from land import Land
from noise import fractal, tiled
from raycast import SIGHT, Caster, Hits
from water import Water


class Scenery:
    """Draws what an eye sees. Its arrays are made once, for fresh ones cost more than what is computed in them."""

    def __init__(self) -> None:
        self._caster, self._heavens, self._water = Caster(), Heavens(), Water()
        self._grain = fractal(np.random.default_rng(3), 256, cells=16, octaves=4, share=0.8)
        self._lit = np.empty((HEIGHT, WIDTH, 4), np.uint8)
        self._haze = np.empty((HEIGHT, WIDTH, 3), np.uint8)
        self._fields = [np.empty((HEIGHT, WIDTH), np.float32) for _ in range(4)]

    def draw(self, land: Land, sky: Sky, eye: Eye, time: float) -> Picture:
        """The picture, `(HEIGHT, WIDTH, 3)` RGB. `time` is in seconds: clouds and waves move with it."""
        picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
        hits = self._caster.cast(land, eye)
        open_rows = np.flatnonzero(~hits.mask.all(axis=1))  # those in which there still is sky beside the land
        sky_rows = hits.top + (int(open_rows[-1]) + 1 if open_rows.size else 0)
        if sky_rows:
            self._heavens.draw(sky, eye, picture[:sky_rows], time)
        if hits.top == HEIGHT:
            return picture

        seen = self._lit[hits.top :]
        cv2.remap(land.lit, hits.x, hits.y, cv2.INTER_LINEAR, dst=seen, borderMode=cv2.BORDER_WRAP)
        ground = np.asarray(cv2.cvtColor(seen, cv2.COLOR_RGBA2RGB), np.uint8)
        self._roughen(ground, eye, hits)
        self._veil(ground, sky, eye, hits)
        cv2.copyTo(ground, hits.mask, picture[hits.top :])

        wet = cv2.bitwise_and(cv2.bitwise_not(cv2.extractChannel(seen, 3)), hits.mask)
        self._water.draw(sky, eye, hits, np.asarray(wet, np.uint8), picture, time)
        return picture

    def _roughen(self, ground: Picture, eye: Eye, hits: Hits) -> None:
        """Give what is near a grain finer than the land's cells. On a slope it follows the height too."""
        x, y, height, work = (field[hits.top :] for field in self._fields)
        np.subtract(np.float32(eye.z), np.multiply(hits.drop, hits.depth, out=height), out=height)
        np.multiply(hits.x, 6.0, out=x)
        np.multiply(hits.y, 6.0, out=y)
        x += np.multiply(height, 4.1, out=work)
        y -= np.multiply(height, 5.3, out=work)
        grain = tiled(self._grain, x, y, into=height, spare=work)
        np.square(np.multiply(hits.depth, 1 / 70, out=work), out=work)
        grain /= np.add(work, 1.0, out=work)  # farther away it would flicker
        grey = cv2.cvtColor(cv2.convertScaleAbs(grain, alpha=36.0, beta=128.0), cv2.COLOR_GRAY2RGB)
        cv2.multiply(ground, grey, dst=ground, scale=1 / 128)

    def _veil(self, ground: Picture, sky: Sky, eye: Eye, hits: Hits) -> None:
        """Let it fade into the air with the distance."""
        clear, thick = (field[hits.top :] for field in self._fields[:2])
        np.square(np.multiply(hits.depth, 1.55 / SIGHT, out=clear), out=clear)
        np.exp(np.negative(clear, out=clear), out=clear)
        np.subtract(1.0, clear, out=thick)
        haze = self._haze[hits.top :]
        haze[:] = self._heavens.haze(sky, eye)
        cv2.blendLinear(ground, haze, clear, thick, dst=ground)
