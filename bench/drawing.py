"""The picture that every server under `bench/` shows: colour bars that carry their own measure. Needs numpy alone."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

BLOCK = 16
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


class Bars:
    """Bars that move 4 pixels a frame, and three rows of 32 blocks, white for 1, the highest bit first: the frame's
    number, the Unix time in ms at which it was drawn, and the number of the last mark."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.frame = 0
        row = np.array(COLOURS, np.uint8)[np.arange(2 * width) % width * len(COLOURS) // width]
        # Twice as wide as the picture, which is a window on it: a frame is one copy, whatever its place.
        self._strip = np.repeat(row[None], height, axis=0)

    def draw(self, mark: int) -> NDArray[np.uint8]:
        """The next frame, in an array of its own."""
        self.frame += 1
        left = -self.frame * 4 % self.width
        picture = self._strip[:, left : left + self.width].copy()
        for row, number in enumerate((self.frame, int(time.time() * 1000), mark)):
            bits = [(number >> (31 - i)) & 1 for i in range(32)]
            blocks = np.repeat(np.array(bits, np.uint8) * 255, BLOCK)
            picture[row * BLOCK : (row + 1) * BLOCK, : blocks.size] = blocks[None, :, None]
        return picture
