"""A living picture: growth feeds on what the water carries (Gray-Scott), while a slow current stirs both.

All of it is computed at half the picture's size, in float32: a frame takes 3 to 7 ms of one CPU core.
"""

from __future__ import annotations

import cv2
import numpy as np
from colour import HEIGHT, WIDTH, Field, Shader
from numpy.typing import NDArray

COLUMNS, ROWS = WIDTH // 2, HEIGHT // 2
FPS = 30
REACTIONS = 8
"""Steps of the reaction in a frame, at speed 1."""

# Spreading is a 3x3 filter: the cell itself plus a share of the difference to its neighbours.
_LAPLACE = np.array([[0.05, 0.2, 0.05], [0.2, -1.0, 0.2], [0.05, 0.2, 0.05]], np.float32)
_SELF = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], np.float32)
_SPREAD_FOOD = _SELF + 0.8 * _LAPLACE
_SPREAD_GROWTH = _SELF + 0.4 * _LAPLACE

# Feed and kill rates of the two climates that the picture lies between: lonely spots, and dense coral.
_SPARSE = (0.030, 0.0625)
_DENSE = (0.058, 0.0612)

# Every fourth cell, in units of the height: the drifting noise is so smooth that this is enough.
_Y, _X = np.mgrid[0:ROWS:4, 0:COLUMNS:4].astype(np.float32) / np.float32(ROWS)
_HERE_Y, _HERE_X = np.mgrid[0:ROWS, 0:COLUMNS].astype(np.float32)


class LivingPicture:
    """The picture and its brush. Positions run 0..1 from the top left corner, radii are parts of the height."""

    def __init__(self, palette: str = "reef", seed: int | None = None) -> None:
        self.speed = 1.0
        self.palette = palette
        self._shader = Shader(palette)
        self._spare, self._eaten = (np.empty((ROWS, COLUMNS), np.float32) for _ in range(2))
        self.reset(seed)

    def set_palette(self, palette: str) -> None:
        """Show it in the colours of `colour.PALETTES[palette]`."""
        self.palette = palette
        self._shader.set_palette(palette)

    def reset(self, seed: int | None = None) -> None:
        """Start afresh. The same seed gives the same picture; without one, another each time."""
        self.seed = int(np.random.default_rng().integers(1_000_000)) if seed is None else seed
        self._random = np.random.default_rng(self.seed)
        self._time = self._random.uniform(0.0, 1000.0)
        self._due = 0.0  # reaction steps not taken yet
        self.food: Field = np.ones((ROWS, COLUMNS), np.float32)
        self.growth: Field = np.zeros((ROWS, COLUMNS), np.float32)
        self.glow: Field = np.zeros((ROWS, COLUMNS), np.float32)
        self.dye: Field = self._noise(3.3, 200.0)
        self.image: Field | None = None
        for x, y, radius in self._random.uniform((0.0, 0.0, 0.02), (1.0, 1.0, 0.06), (60, 3)):
            self.paint(x, y, radius, glow=0.0)
        self._react(300)

    def paint(self, x: float, y: float, radius: float, glow: float = 1.0) -> None:
        """Put growth at a point. It glows for a moment, and spreads from there."""
        dot = np.zeros((ROWS, COLUMNS), np.float32)
        centre = (round(x * (COLUMNS - 1)), round(y * (ROWS - 1)))
        cv2.circle(dot, centre, max(1, round(radius * ROWS)), 1.0, cv2.FILLED)
        dot = np.asarray(cv2.GaussianBlur(dot, (5, 5), 0), np.float32)
        self.growth = np.maximum(self.growth, 0.5 * dot)
        self.food = np.minimum(self.food, 1.0 - 0.6 * dot)
        self.glow = np.maximum(self.glow, glow * dot)

    def plant(self, rgb: NDArray[np.uint8]) -> None:
        """Let it grow along an image, until the next reset: dense where that is light, sparse where it is dark."""
        grey = cv2.GaussianBlur(cv2.cvtColor(_cover(rgb), cv2.COLOR_RGB2GRAY), (5, 5), 0).astype(np.float32)
        dark, light = np.percentile(grey, (2, 98))
        self.image = np.clip((grey - dark) / max(light - dark, 1.0), 0.0, 1.0).astype(np.float32)
        self.growth *= 0.2 + 0.8 * self.image
        self.glow = self.image.copy()

    @property
    def coverage(self) -> float:
        """How much of the picture is grown over, 0..1."""
        return float(np.mean(self.growth > 0.15))

    def step(self) -> NDArray[np.uint8]:
        """One frame later: the picture, `(360, 640, 3)` RGB."""
        self._time += self.speed / FPS
        self._due += self.speed * REACTIONS
        steps, self._due = divmod(self._due, 1.0)
        self._stir()
        if self._random.random() < 0.1 * self.speed:  # a drop now and then, so that it never dies out
            x, y = self._random.random(2)
            self.paint(x, y, radius=0.02, glow=0.3)
        self._react(int(steps))
        return self._shader.shade(self.growth, self.glow, self.dye, angle=0.25 * self._time)

    def _stir(self) -> None:
        # The current is the curl of a stream function, so that nothing piles up anywhere.
        strength = 22.0 if self.image is None else 5.0
        stream = self._noise(4.0, 0.0) * np.float32(strength * self.speed)
        from_x = _HERE_X - cv2.Sobel(stream, cv2.CV_32F, 0, 1, scale=1 / 8)
        from_y = _HERE_Y + cv2.Sobel(stream, cv2.CV_32F, 1, 0, scale=1 / 8)

        def carried(field: Field) -> Field:
            moved, self._spare = self._spare, field
            cv2.remap(field, from_x, from_y, cv2.INTER_LINEAR, dst=moved, borderMode=cv2.BORDER_REFLECT)
            return moved

        self.food, self.growth, self.dye = carried(self.food), carried(self.growth), carried(self.dye)
        self.dye += 0.01 * self.speed * (1.3 * self._noise(3.3, 200.0) - self.dye)
        self.glow = 0.993 * carried(self.glow)
        if self.image is not None:
            self.glow = np.maximum(self.glow, 0.5 * self.image)

    def _react(self, steps: int) -> None:
        climate = 0.5 + 0.5 * self._noise(2.6, 50.0)
        if self.image is not None:
            climate = 0.1 * climate + 1.1 * self.image - 0.2  # below 0: barren
        climate = np.minimum(climate + self.glow, 1.2)  # what was painted lately is fertile
        feed, kill = (sparse + (dense - sparse) * climate for sparse, dense in zip(_SPARSE, _DENSE, strict=True))
        food_left, growth_left = 1.0 - feed, 1.0 - feed - kill
        food, growth, eaten = self.food, self.growth, self._eaten
        for _ in range(steps):
            np.multiply(growth, growth, out=eaten)
            eaten *= food
            food = self._filtered(food, _SPREAD_FOOD)
            growth = self._filtered(growth, _SPREAD_GROWTH)
            food *= food_left
            food += feed
            food -= eaten
            growth *= growth_left
            growth += eaten
        self.food, self.growth = food, growth

    def _filtered(self, field: Field, kernel: Field) -> Field:
        made, self._spare = self._spare, field  # each result goes where the field before it was
        cv2.filter2D(field, -1, kernel, dst=made)
        return made

    def _noise(self, waves: float, shift: float) -> Field:
        """A smooth field, -1..1, that drifts with time: waves that bend each other."""
        x, y, t = waves * _X, waves * _Y, self._time + shift
        x = x + 0.8 * np.sin(1.3 * y + 0.21 * t) + 0.3 * np.sin(2.9 * y - 0.13 * t)
        field = np.sin(1.7 * x + 0.17 * t) * np.cos(1.9 * y + 0.6 * np.sin(1.1 * x - 0.19 * t) - 0.11 * t)
        return np.asarray(cv2.resize(field, (COLUMNS, ROWS), interpolation=cv2.INTER_CUBIC), np.float32)


def _cover(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The middle of an image, scaled so that it covers the picture."""
    height, width = rgb.shape[:2]
    scale = max(COLUMNS / width, ROWS / height)
    size = (max(COLUMNS, round(width * scale)), max(ROWS, round(height * scale)))
    scaled = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    left, top = (size[0] - COLUMNS) // 2, (size[1] - ROWS) // 2
    return np.asarray(scaled[top : top + ROWS, left : left + COLUMNS], np.uint8)
