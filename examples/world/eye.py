"""Where one looks from, and the picture's geometry: which way each pixel looks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 640, 360
FOCAL = 420.0
"""What is one unit wide at this distance in units is one pixel wide."""

Field = NDArray[np.float32]
Picture = NDArray[np.uint8]
Vector = tuple[float, float, float]
"""East, south and up."""

T = TypeVar("T", float, Field)

SIDE: Field = ((np.arange(WIDTH) + 0.5 - WIDTH / 2) / FOCAL).astype(np.float32)
"""How far each column looks to the right, as a part of how far ahead it looks."""


@dataclass(frozen=True)
class Eye:
    """A place and a direction. Lengths are in cells of the land, angles in radians.

    Attributes:
        x, y, z: east, south, and above the water.
        heading: 0 looks north, and a quarter of a turn more east.
        pitch: above 0 looks up. It only shifts the picture, so that upright things stay upright.
        roll: above 0 leans to the right.
    """

    x: float
    y: float
    z: float
    heading: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    @property
    def ahead(self) -> Vector:
        """The way it looks, level."""
        return math.sin(self.heading), -math.cos(self.heading), 0.0

    @property
    def right(self) -> Vector:
        return math.cos(self.heading), math.sin(self.heading), 0.0

    @property
    def horizon(self) -> Field:
        """The row of the horizon in each column."""
        return np.asarray(self.horizon_at(np.arange(WIDTH, dtype=np.float32)), np.float32)

    def horizon_at(self, column: T) -> T:
        """The row of the horizon in one column, or in each of several."""
        return HEIGHT / 2 + FOCAL * math.tan(self.pitch) - (column - (WIDTH - 1) / 2) * math.tan(self.roll)
