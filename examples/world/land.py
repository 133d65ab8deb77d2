"""A land from a seed: heights, what covers them, and the light that lies on them.

It is a square map whose edges join, so that nobody comes to an end of it. One cell is one unit of length; the water
stands at height 0.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from eye import Field, Picture
from heavens import Sky
from noise import noise
from numpy.typing import NDArray

SIZE = 1024
PEAK = 120.0
"""About how high the highest mountains are."""
SEABED = -22.0
FAR = 4
"""So many cells are one in the heights that the distance is drawn from; the finer ones would flicker there."""

_REACH = 320
"""How far a shadow is followed, in cells."""
_STRIPS = 32
"""While the sun moves on, the light of one strip is renewed in each frame."""


class Land:
    """Heights, colours and light of one seed. Making it takes about a second, and cv2 and numpy let go of the GIL.

    Attributes:
        seed: what it is made from.
        heights: `(SIZE, SIZE)` float32, the water's surface included: never below 0. Rows are y, columns x.
        lit: `(SIZE, SIZE, 4)` uint8, what one sees from above: red, green, blue, and how much of it is dry (255) or
            under water (0).
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        bed = _heights(np.random.default_rng(seed))
        self.heights: Field = np.maximum(bed, 0.0)
        coarse = cv2.resize(self.heights, (SIZE // FAR, SIZE // FAR), interpolation=cv2.INTER_AREA)
        self.far_heights = np.asarray(coarse, np.float32)
        self.outlook = _outlook(self.heights)
        self._cover, self._normals = _cover(bed, np.random.default_rng(seed)), _normals(bed)
        self.lit: Picture = np.empty((SIZE, SIZE, 4), np.uint8)
        self.lit[..., 3] = np.clip(bed * 90.0 + 130.0, 0.0, 255.0)
        self._next = 0

    def height(self, x: float, y: float) -> float:
        """The height of the ground or the water at a place."""
        return float(self.heights[int(y) % SIZE, int(x) % SIZE])

    def light(self, sky: Sky) -> None:
        """Lay the light of the hour on the whole map, which takes about as long as a frame."""
        self._light(slice(0, SIZE), sky)

    def light_on(self, sky: Sky) -> None:
        """Do so for the strip whose turn it is: for a sun that moves little from one round to the next."""
        rows = SIZE // _STRIPS
        self._light(slice(self._next * rows, (self._next + 1) * rows), sky)
        self._next = (self._next + 1) % _STRIPS

    def _light(self, rows: slice, sky: Sky) -> None:
        east, _, up = sky.lamp
        facing = cv2.transform(self._normals[rows], np.array([sky.lamp], np.float32))
        facing = np.maximum(facing, 0.0) * _sunny(self.heights[rows], east > 0.0, max(up, 0.03) / max(abs(east), 1e-3))
        # Open sky lights what looks up more than what stands upright.
        open_sky = 0.55 + 0.45 * self._normals[rows, :, 2]
        for channel in range(3):
            light = facing * sky.lamp_colour[channel]
            light += open_sky * sky.ambient[channel]
            light *= self._cover[rows, :, channel]
            np.minimum(light, 255.0, out=light)
            self.lit[rows, :, channel] = light


def _sunny(heights: Field, from_east: bool, slope: float) -> Field:
    """Where the light comes to along the rows, 0..1, falling by `slope` a cell: it is 0 behind what stands higher."""
    if not from_east:
        return np.ascontiguousarray(_sunny(heights[:, ::-1], True, slope)[:, ::-1])
    ground = np.concatenate([heights, heights[:, :_REACH]], axis=1)  # the edges join
    ground -= np.arange(ground.shape[1], dtype=np.float32) * np.float32(slope)  # tilted, so that the light falls level
    skyline = np.maximum.accumulate(ground[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(np.clip(1.0 - 0.4 * (skyline - ground)[:, :SIZE], 0.0, 1.0), np.float32)


# ---- how the land comes about


def _heights(random: np.random.Generator) -> Field:
    """Where the ground is, below the water too: broad plains and seas, and mountains that water has worn."""
    bend_x, bend_y = (22.0 * noise(random, SIZE, cells) for cells in (6, 6))
    broad = _bent(noise(random, SIZE, 4) + 0.5 * noise(random, SIZE, 9), bend_x, bend_y)
    mountains = _bent(_worn(random), bend_x, bend_y)
    where = np.clip(0.5 + 1.1 * _bent(noise(random, SIZE, 5), bend_x, bend_y), 0.0, 1.0) ** 2
    ground = 13.0 * broad + (PEAK * where + 8.0) * mountains
    ground -= np.percentile(ground, 27.0)  # as much is sea in every land
    # A beach is flatter than what lies above and below it.
    high = np.maximum(ground, 0.0)
    ground = high * high / (high + 5.0) + np.minimum(ground, 0.0)
    return np.asarray(np.maximum(ground, SEABED), np.float32)


def _worn(random: np.random.Generator) -> Field:
    """Mountains, 0..1. Ridges upon ridges; the steeper the ground is, the less of the finer ones is left on it."""
    total = np.zeros((SIZE, SIZE), np.float32)
    slope_x, slope_y = np.zeros_like(total), np.zeros_like(total)
    share = 1.0
    for cells in (5, 10, 21, 42, 85, 170, 341):
        ridge = np.asarray(1.0 - np.sqrt(np.square(noise(random, SIZE, cells)) + 0.04), np.float32)
        slope_x += 16.0 * share * _ahead(ridge, 1)
        slope_y += 16.0 * share * _ahead(ridge, 0)
        total += share * ridge / (1.0 + slope_x**2 + slope_y**2)
        share *= 0.5
    total -= total.min()
    return np.asarray((total / total.max()) ** 1.5, np.float32)


_Y, _X = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)


def _bent(field: Field, by_x: Field, by_y: Field) -> Field:
    return np.asarray(cv2.remap(field, _X + by_x, _Y + by_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32)


def _ahead(field: Field, axis: int) -> Field:
    return np.asarray(np.roll(field, -1, axis) - np.roll(field, 1, axis), np.float32)


def _outlook(heights: Field) -> tuple[tuple[float, float], float]:
    """Where to look at the highest mountain from over the lowest land, and the heading in which that lies."""
    peak_y, peak_x = np.unravel_index(int(np.argmax(heights)), heights.shape)
    headings = np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
    back = np.arange(60.0, 300.0, 4.0)  # the way back from the mountain
    x, y = peak_x - back * np.sin(headings)[:, None], peak_y + back * np.cos(headings)[:, None]
    ground = heights[y.astype(int) % SIZE, x.astype(int) % SIZE]
    best = int(np.argmin(ground.mean(axis=1) + ground[:, -1]))
    return (float(x[best, -1]) % SIZE, float(y[best, -1]) % SIZE), float(headings[best])


def _normals(bed: Field) -> Field:
    """The way the ground faces, `(SIZE, SIZE, 3)`: unit vectors east, south, up."""
    normals = np.dstack([-0.5 * _ahead(bed, 1), -0.5 * _ahead(bed, 0), np.full_like(bed, 0.9)])
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    return np.asarray(normals, np.float32)


def _cover(bed: Field, random: np.random.Generator) -> Field:
    """What colour the ground is by white light, `(SIZE, SIZE, 3)`, 0..255."""
    steep = 1.0 - _normals(bed)[..., 2]
    patches, speckle = noise(random, SIZE, 40) + 0.6 * noise(random, SIZE, 110), random.uniform(-1.0, 1.0, bed.shape)
    fine = noise(random, SIZE, 340)
    height = bed + 4.5 * patches + 2.5 * fine

    cover = np.empty((*bed.shape, 3), np.float32)
    cover[:] = (104, 116, 52)  # grass
    _lay(cover, (146, 138, 74), patches - 0.2)  # dry grass
    _lay(cover, (44, 70, 36), 3.0 * (patches + 0.6 * fine) * (height > 4.0) - (height - 34.0) / 9.0)  # woods
    _lay(cover, (132, 126, 92), (height - 44.0) / 12.0)  # what grows above the woods
    _lay(cover, (116, 104, 94), (steep - 0.2 + 0.04 * fine) * 12.0)  # rock
    _lay(cover, (240, 244, 250), (height - 62.0) / 5.0 - 12.0 * np.maximum(steep - 0.3, 0.0))  # snow
    _lay(cover, (212, 194, 146), (1.7 + 0.7 * fine - bed) * 1.6)  # sand
    cover *= (1.0 + 0.07 * speckle + 0.06 * fine)[..., None]
    depth = np.clip(-bed / 16.0, 0.0, 1.0)[..., None] ** 0.6
    cover += np.where(bed[..., None] < 0.0, 1.0, 0.0) * depth * (np.array((10, 62, 82), np.float32) - cover)
    return np.clip(cover, 0.0, 255.0)


def _lay(cover: Field, colour: tuple[int, int, int], amount: NDArray[np.floating[Any]]) -> None:
    cover += np.clip(amount, 0.0, 1.0)[..., None] * (np.array(colour, np.float32) - cover)
