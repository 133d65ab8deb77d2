"""The picture that every server under `bench/` shows: colour bars that carry their own measure. Needs numpy alone."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

BITS = 32
BLOCK = 16
"""Pixels across, where the picture is wide enough for a row of them."""
RING = 24
"""Arrays to draw in, in turn: more than the frames that any server here keeps waiting. A new array for each frame can
cost page faults, which would be the model's and not the server's."""
COLOURS = [
    (255, 255, 255),
    (255, 255, 0),
    (0, 255, 255),
    (0, 255, 0),
    (255, 0, 255),
    (255, 0, 0),
    (0, 0, 255),
    (0, 0, 0),
]


def block_size(width: int) -> int:
    """How many pixels across a block is, of a picture so wide: a row of `BITS` has to fit."""
    return min(BLOCK, width // BITS)


class Bars:
    """Bars that move 4 pixels a frame, and three rows of 32 blocks, white for 1, the highest bit first: the frame's
    number, the Unix time in ms at which it was drawn, and the number of the last mark."""

    def __init__(self, width: int, height: int, *, natural: bool = False) -> None:
        """`natural`: a texture with detail of every size lies on the bars, as flat colours cost an encoder nothing."""
        self.width = width
        self.frame = 0
        self._block = block_size(width)
        self._ring: list[NDArray[np.uint8]] = []
        row = np.array(COLOURS, np.uint8)[np.arange(width) * len(COLOURS) // width]
        picture = np.repeat(row[None], height, axis=0)
        if natural:
            picture = (picture // 2 + _texture(width, height)[..., None]).astype(np.uint8)
        # Twice as wide as the picture, which is a window on it: a frame is one copy, whatever its place.
        self._strip = np.concatenate((picture, picture), axis=1)

    def draw(self, mark: int) -> NDArray[np.uint8]:
        """The next frame; its array is drawn in again `RING` frames later."""
        self.frame += 1
        left = -self.frame * 4 % self.width
        if len(self._ring) < RING:
            self._ring.append(np.empty((self._strip.shape[0], self.width, 3), np.uint8))
        picture = self._ring[(self.frame - 1) % RING]
        picture[:] = self._strip[:, left : left + self.width]
        for row, number in enumerate((self.frame, int(time.time() * 1000), mark)):
            bits = [(number >> (BITS - 1 - i)) & 1 for i in range(BITS)]
            blocks = np.repeat(np.array(bits, np.uint8) * 255, self._block)
            picture[row * self._block : (row + 1) * self._block, : blocks.size] = blocks[None, :, None]
        return picture

    def draw_batch(self, mark: int, count: int) -> NDArray[np.uint8]:
        """The next `count` frames, as one new array."""
        return np.stack([self.draw(mark) for _ in range(count)])


def _texture(width: int, height: int) -> NDArray[np.uint8]:
    """Noise from 0 to 127, as strong in coarse detail as in fine; the same each time."""
    dice = np.random.default_rng(1)
    sizes = (2, 4, 8, 16, 32, 64)
    total = np.zeros((height, width), np.float32)
    for size in sizes:
        cells = dice.random((height // size + 1, width // size + 1), np.float32)
        total += np.repeat(np.repeat(cells, size, axis=0), size, axis=1)[:height, :width]
    return (total / len(sizes) * 127).astype(np.uint8)
