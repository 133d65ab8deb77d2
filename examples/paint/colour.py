"""Colour and light: from fields of numbers to a picture that looks wet.

Colours are mixed in OKLab, a space where equal steps look equal, so gradients have no dull or jumping stretches.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
"""One number for each cell of the simulation, float32."""

WIDTH, HEIGHT = 640, 360
BRIGHTEST = 0.36
"""The tone that the last colour of a gradient stands for."""

# Two gradients each, from bare water to the brightest growth; the picture wanders between the two.
PALETTES: dict[str, tuple[list[str], list[str]]] = {
    "reef": (
        ["#03101c", "#053f52", "#0f9590", "#5fe0b2", "#f6ffdc"],
        ["#0b0b2e", "#2c2074", "#8038b4", "#f56fa6", "#ffe9d2"],
    ),
    "ember": (
        ["#0c0709", "#3a0d16", "#a3261f", "#f27b21", "#fff0b8"],
        ["#0b0a18", "#2d1440", "#8b1f5c", "#e85a4f", "#ffd8a0"],
    ),
    "aurora": (
        ["#050b1a", "#0b2f4f", "#12807a", "#6fe08a", "#f2ffd6"],
        ["#080a20", "#2a1f66", "#6a3fc4", "#4fb7f0", "#e6fbff"],
    ),
    "orchid": (
        ["#120819", "#43124f", "#a52a7f", "#f58ab0", "#fff0ee"],
        ["#0a0d24", "#1f2f78", "#4f6fe0", "#a5b8ff", "#f5f2ff"],
    ),
    "gold": (
        ["#08090b", "#1c1d24", "#5c4a33", "#d0a04a", "#fff4cf"],
        ["#060b0c", "#12292b", "#2f5a52", "#a8b070", "#fbf7d8"],
    ),
    "porcelain": (
        ["#f4efe4", "#dcd9cf", "#7fa0b5", "#2d5a8c", "#0d2350"],
        ["#f7efe6", "#e6d6c8", "#c99a86", "#8c4a4a", "#381a2c"],
    ),
}


class Shader:
    """Makes a picture of fields.

    The arrays it works in are made once: to get fresh ones from the system for each frame takes longer than to compute
    what goes into them.
    """

    def __init__(self, palette: str) -> None:
        self.set_palette(palette)
        half = (HEIGHT // 2, WIDTH // 2)
        self._half, self._half_2 = np.empty(half, np.float32), np.empty(half, np.float32)
        self._relief, self._slope, self._work = (np.empty((HEIGHT, WIDTH), np.float32) for _ in range(3))
        self._tone, self._dye, self._light = (np.empty((HEIGHT, WIDTH), np.uint8) for _ in range(3))
        self._index = np.empty((HEIGHT, WIDTH, 2), np.uint8)
        self._rgba = np.empty((HEIGHT, WIDTH), np.uint32)
        self._flat, self._lit = (np.empty((HEIGHT, WIDTH, 3), np.uint8) for _ in range(2))

    def set_palette(self, palette: str) -> None:
        """Use the colours of `PALETTES[palette]`."""
        self._colours = colour_table(palette)

    def shade(self, growth: Field, glow: Field, dye: Field, angle: float) -> NDArray[np.uint8]:
        """The picture, `(HEIGHT, WIDTH, 3)` RGB. The fields have half its size.

        Args:
            growth: how high the growth stands, 0 to about 0.5; its slopes catch the light.
            glow: extra brightness, 0..1.
            dye: -1..1, the way from the palette's first gradient to its second.
            angle: where the light comes from, in radians.
        """
        relief, slope, work = self._relief, self._slope, self._work
        cv2.GaussianBlur(_enlarge(growth, work), (5, 5), 1.2, dst=relief)  # linear and blurred: smoother than bicubic
        self._paint_flat(growth, glow, dye)

        east, south = 2.4 * math.cos(angle), 2.4 * math.sin(angle)
        cv2.Sobel(relief, cv2.CV_32F, 1, 0, dst=slope)
        cv2.Sobel(relief, cv2.CV_32F, 0, 1, dst=work)
        cv2.addWeighted(slope, east, work, south, 0.0, dst=slope)
        cv2.convertScaleAbs(np.clip(slope, -0.8, 0.55, out=work), dst=self._light, alpha=128, beta=128)
        cv2.cvtColor(self._light, cv2.COLOR_GRAY2RGB, dst=self._lit)
        cv2.multiply(self._flat, self._lit, dst=self._flat, scale=1 / 128)

        shine = np.clip(slope, 0.25, 1.45, out=slope)
        shine -= 0.25
        shine *= shine
        shine *= np.add(relief, 0.3, out=work)
        cv2.cvtColor(cv2.convertScaleAbs(shine, dst=self._light, alpha=260), cv2.COLOR_GRAY2RGB, dst=self._lit)
        return np.asarray(cv2.add(self._flat, self._lit), np.uint8)

    def _paint_flat(self, growth: Field, glow: Field, dye: Field) -> None:
        """The colours without light and shade, from the palette."""
        # Growth lights up the water around it.
        small = cv2.resize(growth, (WIDTH // 8, HEIGHT // 8), interpolation=cv2.INTER_AREA)
        haze = _enlarge(np.asarray(cv2.GaussianBlur(small, (0, 0), 3.0), np.float32), self._half)
        glare = np.multiply(glow, glow, out=self._half_2)
        cv2.addWeighted(haze, 0.5, glare, 0.2, 0.0, dst=haze)
        tone = cv2.addWeighted(self._relief, 0.55, _enlarge(haze, self._work), 1.0, 0.0, dst=self._work)
        cv2.convertScaleAbs(tone, dst=self._tone, alpha=255 / BRIGHTEST)

        mix = np.clip(np.multiply(dye, 1.7, out=self._half), -1.0, 1.0, out=self._half)
        cv2.convertScaleAbs(_enlarge(mix, self._work), dst=self._dye, alpha=127.5, beta=127.5)

        # Tone and dye, a byte each, make one 16 bit index into the table of all colours of the palette.
        cv2.merge([self._dye, self._tone], dst=self._index)
        np.take(self._colours, self._index.view(np.uint16)[..., 0], out=self._rgba, mode="wrap")
        rgba = self._rgba.view(np.uint8).reshape(HEIGHT, WIDTH, 4)
        cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB, dst=self._flat)


def colour_table(palette: str) -> NDArray[np.uint32]:
    """All colours of a palette as RGBA pixels: entry `256 * tone + dye`, both 0..255."""
    along = np.linspace(0.0, 1.0, 256)
    first, second = (_gradient(colours, along)[:, None] for colours in PALETTES[palette])
    across = along[None, :, None]
    rgb = _to_srgb(first * (1.0 - across) + second * across)
    return np.ascontiguousarray(np.insert(rgb, 3, 255, axis=2)).view(np.uint32).ravel()


def _enlarge(field: Field, into: Field) -> Field:
    """`field` at the size of `into`, written there."""
    return np.asarray(cv2.resize(field, into.shape[::-1], dst=into), np.float32)


def _gradient(colours: list[str], along: NDArray[np.float64]) -> NDArray[np.float64]:
    stops = np.array([_to_oklab(colour) for colour in colours])
    places = np.linspace(0.0, 1.0, len(colours))
    return np.stack([np.interp(along, places, stops[:, axis]) for axis in range(3)], axis=-1)


# OKLab by Björn Ottosson: linear sRGB to cone responses, and their cube roots to lightness and two colour axes.
_TO_CONES = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929],
     [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468],
     [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip


def _to_oklab(colour: str) -> NDArray[np.float64]:
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(_TO_LAB @ np.cbrt(_TO_CONES @ linear), np.float64)


def _to_srgb(oklab: NDArray[np.float64]) -> NDArray[np.uint8]:
    linear = np.clip((oklab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_CONES).T, 0.0, 1.0)
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(srgb * 255), np.uint8)
