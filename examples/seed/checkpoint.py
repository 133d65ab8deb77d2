"""Stands in for a generative model: `forward(prompt, step)` draws hills under a sun, different ones for each prompt."""

from __future__ import annotations

import colorsys
import hashlib

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 640, 360

Image = NDArray[np.float32]


class Pipe:
    """A prompt in, a picture out."""

    def __init__(self, checkpoint: str) -> None:
        self.checkpoint = checkpoint
        self._prompt: str | None = None

    def forward(self, prompt: str, step: int) -> NDArray[np.uint8]:
        """The picture of `prompt` at `step`: `(360, 640, 3)` uint8 RGB."""
        if prompt != self._prompt:
            self._prompt = prompt
            self._encode(prompt)
        t = step / 24
        picture = self._sky.copy()
        sun = (self._sun[0] + 30 * np.sin(0.2 * t), self._sun[1] + 12 * np.cos(0.2 * t))
        distance = np.hypot(self._x - np.float32(sun[0]), self._y - np.float32(sun[1]))
        halo = np.exp(-distance / 70) * 0.7 + (distance < 26)
        picture += np.minimum(halo, 1)[..., None] * (self._light - picture)
        for index, colour in enumerate(self._hills):  # from the farthest to the nearest
            ridge = self._ridge(index, t)
            below = slice(int(ridge.min()), HEIGHT)
            picture[below] += np.clip(self._y[below] - ridge, 0, 1)[..., None] * (colour - picture[below])
        return np.asarray(np.clip(picture * 255, 0, 255), np.uint8)

    def _encode(self, prompt: str) -> None:
        """Everything about the picture comes from one hash of the prompt."""
        digest = hashlib.sha256(f"{self.checkpoint}: {prompt}".encode()).digest()
        random = np.random.default_rng(int.from_bytes(digest[:8], "big"))
        hue = float(random.random())
        self._y, self._x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        top, horizon = _colour(hue, 0.65, 0.45), _colour(hue + 0.1, 0.4, 1.0)
        self._sky = top + (self._y / HEIGHT)[..., None] * (horizon - top)
        self._light = _colour(hue + 0.18, 0.2, 1.0)
        self._sun = (random.uniform(100, WIDTH - 100), random.uniform(60, 150))
        near = _colour(hue + 0.06, 0.8, 0.12)
        self._hills = [horizon + share * (near - horizon) for share in (0.35, 0.6, 0.8, 1.0)]  # mist
        self._phases = random.uniform(0, 6.28, (4, 3))
        self._lengths = random.uniform(0.6, 1.4, (4, 3)) * np.array([150.0, 63.0, 27.0])

    def _ridge(self, index: int, t: float) -> Image:
        along = self._x[0] + 14 * (index + 1) * t  # near hills pass faster than far ones
        waves = [
            height * np.sin(along / length + phase)
            for height, length, phase in zip((22, 9, 3), self._lengths[index], self._phases[index], strict=True)
        ]
        return np.asarray(185 + 45 * index + sum(waves), np.float32)


def load_checkpoint(checkpoint: str) -> Pipe:
    """A real one would read weights here."""
    return Pipe(checkpoint)


def _colour(hue: float, saturation: float, value: float) -> Image:
    return np.array(colorsys.hsv_to_rgb(hue % 1.0, saturation, value), np.float32)
