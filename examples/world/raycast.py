"""Which place of the land each pixel shows.

Along each column of the picture the land is cut by a vertical plane, and its heights there, near to far, make a skyline
that only ever rises: what does not rise above all before it is hidden. So one running minimum over the rows finds
what is seen, for all columns at once, and nothing is traced pixel by pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from eye import FOCAL, HEIGHT, SIDE, WIDTH, Eye, Field
from land import FAR, SIZE, Land
from numpy.typing import NDArray

NEAR, SIGHT = 1.5, 900.0
"""From where to where the land is drawn."""


def _distances() -> Field:
    """Where it is cut: the steps grow with the distance, as what they stand for gets smaller."""
    distances = [NEAR]
    while distances[-1] < SIGHT:
        distances.append(distances[-1] + max(1.2, 0.018 * distances[-1]))
    return np.array(distances, np.float32)


@dataclass
class Hits:
    """What the pixels of the rows from `top` down show. All arrays are `(HEIGHT - top, WIDTH)`.

    Attributes:
        top: the first row with land in it.
        mask: 255 where there is land, 0 where there is sky.
        depth: how far ahead it is.
        x, y: the place.
        drop: how far the line of sight falls over each unit ahead.
    """

    top: int
    mask: NDArray[np.uint8]
    depth: Field
    x: Field
    y: Field
    drop: Field


class Caster:
    """Casts all rays of a picture. Its arrays are made once, for fresh ones cost more than what is computed in them."""

    def __init__(self) -> None:
        self._distance = _distances()[:, None]
        self._step = np.diff(self._distance, axis=0)
        self._cuts = len(self._distance)
        self._coarse = int(np.searchsorted(self._distance[:, 0], 200.0))
        cuts = (self._cuts, WIDTH)
        self._x, self._y, self._height, self._skyline, self._slope, self._rise = (
            np.empty(cuts, np.float32) for _ in range(6)
        )
        self._slope[0] = 0.0
        self._seen = np.empty(cuts, np.bool_)
        self._cut = np.empty((HEIGHT + 1, WIDTH), np.int16)
        self._column = np.arange(WIDTH, dtype=np.int32)
        self._index = np.empty((HEIGHT, WIDTH), np.int32)
        self._fields = [np.empty((HEIGHT, WIDTH), np.float32) for _ in range(5)]

    def cast(self, land: Land, eye: Eye) -> Hits:
        """What `eye` sees of `land`. The arrays of the answer hold until the next call."""
        horizon = eye.horizon
        ahead_x, ahead_y = (np.float32(ahead) + SIDE * np.float32(right) for ahead, right in _level(eye))
        here_x, here_y = np.float32(eye.x % SIZE), np.float32(eye.y % SIZE)
        np.add(np.multiply(self._distance, ahead_x, out=self._x), here_x, out=self._x)
        np.add(np.multiply(self._distance, ahead_y, out=self._y), here_y, out=self._y)
        self._sample(land)

        # The row at which each cut ends: the lower its number, the higher up. What is seen of it begins there.
        np.subtract(np.float32(eye.z), self._height, out=self._skyline)
        self._skyline *= np.float32(FOCAL) / self._distance
        self._skyline += horizon
        np.clip(np.ceil(self._skyline, out=self._skyline), 0, HEIGHT, out=self._skyline)
        ends = self._skyline.astype(np.int16)
        np.minimum.accumulate(ends, axis=0, out=ends)
        np.less(ends[1:], ends[:-1], out=self._seen[1:])
        np.less(ends[0], HEIGHT, out=self._seen[0])

        # Each cut that is seen is noted where it ends, and fills the rows below, down to where a nearer one ends.
        seen = np.flatnonzero(self._seen)
        cut, column = np.divmod(seen.astype(np.int32), np.int32(WIDTH))
        self._cut.fill(self._cuts)
        self._cut[ends.ravel()[seen], column] = cut
        top = int(ends[-1].min())
        shown = self._cut[top:HEIGHT]
        np.minimum.accumulate(shown, axis=0, out=shown)
        mask = np.less(shown, self._cuts).astype(np.uint8) * np.uint8(255)

        # Between two cuts the ground is a straight line, and so is the line of sight: they meet at `depth`.
        np.divide(self._height[1:] - self._height[:-1], self._step, out=self._slope[1:])
        np.multiply(self._slope, self._distance, out=self._rise)
        self._rise -= self._height
        self._rise += np.float32(eye.z)
        depth, x, y, drop, work = (field[top:] for field in self._fields)
        index = np.minimum(shown, self._cuts - 1, out=self._index[top:], casting="unsafe")
        index *= WIDTH
        index += self._column
        np.subtract(np.arange(top, HEIGHT, dtype=np.float32)[:, None], horizon, out=drop)
        drop /= np.float32(FOCAL)
        np.take(self._slope, index, out=work, mode="clip")
        work += drop
        np.take(self._rise, index, out=depth, mode="clip")
        depth /= np.maximum(work, np.float32(1e-4), out=work)
        np.clip(depth, 0.0, SIGHT, out=depth)
        np.add(np.multiply(depth, ahead_x, out=x), here_x, out=x)
        np.add(np.multiply(depth, ahead_y, out=y), here_y, out=y)
        return Hits(top, mask, depth, x, y, drop)

    def _sample(self, land: Land) -> None:
        """The heights at all cuts: the distant ones of a coarser map, in which nothing is too small to be met twice."""
        near, far = slice(0, self._coarse), slice(self._coarse, None)
        _look_up(land.heights, self._x[near], self._y[near], self._height[near])
        shift = np.float32(0.5 / FAR - 0.5)  # the middle of the first coarse cell is the corner of four fine ones
        x, y = (np.add(part[far] / np.float32(FAR), shift) for part in (self._x, self._y))
        _look_up(land.far_heights, x, y, self._height[far])


def _level(eye: Eye) -> list[tuple[float, float]]:
    return list(zip(eye.ahead[:2], eye.right[:2], strict=True))


def _look_up(field: Field, x: Field, y: Field, into: Field) -> None:
    cv2.remap(field, x, y, cv2.INTER_LINEAR, dst=into, borderMode=cv2.BORDER_WRAP)
