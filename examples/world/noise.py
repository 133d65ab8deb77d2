"""Noise: smooth random fields whose edges join."""

from __future__ import annotations

import cv2
import numpy as np
from eye import Field


def noise(random: np.random.Generator, size: int, cells: int) -> Field:
    """A `(size, size)` field, about -1..1, with `cells` hills or hollows along an edge."""
    margin = 4
    coarse = np.pad(random.uniform(-1.6, 1.6, (cells, cells)).astype(np.float32), margin, mode="wrap")
    at = (np.arange(size, dtype=np.float32) + 0.5) * np.float32(cells / size) + np.float32(margin - 0.5)
    x, y = np.meshgrid(at, at)
    return np.asarray(cv2.remap(coarse, x, y, cv2.INTER_CUBIC), np.float32)


def fractal(random: np.random.Generator, size: int, cells: int, octaves: int, share: float = 0.55) -> Field:
    """Such noise, with finer and weaker noise upon it, each octave twice as fine and `share` as strong."""
    return np.asarray(
        sum(share**octave * noise(random, size, cells << octave) for octave in range(octaves)), np.float32
    )


def tiled(tile: Field, x: Field, y: Field, into: Field | None = None, spare: Field | None = None) -> Field:
    """What `tile`, a field of `noise`, is at some places, with itself all around it. `x` and `y` are changed.

    Args:
        into, spare: arrays to put the answer into, and to work in; made where they are left out.
    """
    size = np.float32(len(tile))
    for at in (x, y):  # cv2 can go around the edges itself, but takes long where most places lie beyond them
        turns = np.multiply(at, 1 / size, out=spare)
        at -= np.multiply(np.floor(turns, out=turns), size, out=turns)
    return np.asarray(cv2.remap(tile, x, y, cv2.INTER_LINEAR, dst=into, borderMode=cv2.BORDER_WRAP), np.float32)
