"""The effects: each turns a picture into another one, and may keep what it needs of those before.

All work on `(HEIGHT, WIDTH, 3)` uint8 RGB, in whole-array steps of numpy and OpenCV. A strength is 0..1.
"""

from __future__ import annotations

import math
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 640, 360

Picture = NDArray[np.uint8]
Field = NDArray[np.float32]

_Y, _X = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)


class Effect(Protocol):
    """One effect at work."""

    def apply(self, picture: Picture, strength: float, seconds: float) -> Picture:
        """The picture that is shown for one of the camera; `seconds` is a time, for what moves by itself."""
        ...


class Plain:
    """The picture as it is."""

    def apply(self, picture: Picture, strength: float, seconds: float) -> Picture:
        return picture


class Echo:
    """Each row is a little older than the one above it, so what moves bends. The strength is the age of the last."""

    DEPTH = 45
    """So many frames are kept."""

    def __init__(self) -> None:
        self._frames = np.empty((self.DEPTH, HEIGHT, WIDTH, 3), np.uint8)
        self._count = 0
        self._rows = np.arange(HEIGHT)

    def apply(self, picture: Picture, strength: float, seconds: float) -> Picture:
        self._frames[self._count % self.DEPTH] = picture
        self._count += 1
        # An age lies between two frames, which are mixed; else one would see steps.
        age = np.minimum(strength * (self.DEPTH - 2) * self._rows / HEIGHT, self._count - 1)
        whole = age.astype(int)
        younger = self._frames[(self._count - 1 - whole) % self.DEPTH, self._rows]
        older = self._frames[(self._count - 1 - np.minimum(whole + 1, self._count - 1)) % self.DEPTH, self._rows]
        share = np.repeat((age - whole).astype(np.float32)[:, None], WIDTH, axis=1)
        return np.asarray(cv2.blendLinear(younger, older, 1.0 - share, share), np.uint8)


class Neon:
    """Edges are tubes of light that glow on for a while, coloured by the way they run. The strength is the light."""

    def __init__(self) -> None:
        self._light = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        hues = np.stack([np.arange(256) * 180 // 256, np.full(256, 190), np.full(256, 255)], axis=1).astype(np.uint8)
        self._hues = cv2.cvtColor(hues[None], cv2.COLOR_HSV2RGB)[0]

    def apply(self, picture: Picture, strength: float, seconds: float) -> Picture:
        grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (5, 5), 0)
        across, down = (cv2.Sobel(grey, cv2.CV_32F, *order, scale=1 / 4) for order in ((1, 0), (0, 1)))
        edge, angle = cv2.cartToPolar(across, down)
        tube = cv2.convertScaleAbs(edge, alpha=2.0 + 6.0 * strength, beta=-24.0)
        np.copyto(tube, 0, where=edge * (2.0 + 6.0 * strength) < 24.0)
        turn = np.float32(256 / (2.0 * math.pi))
        hue = (angle * turn + np.float32(40.0 * seconds % 256)).astype(np.int32) & 255
        lines = cv2.multiply(self._hues[hue], cv2.cvtColor(tube, cv2.COLOR_GRAY2RGB), scale=1 / 255)
        self._light = np.asarray(cv2.max(lines, cv2.convertScaleAbs(self._light, alpha=0.82)), np.uint8)

        small = cv2.resize(self._light, (WIDTH // 4, HEIGHT // 4), interpolation=cv2.INTER_AREA)
        glow = cv2.resize(cv2.GaussianBlur(small, (0, 0), 4.0), (WIDTH, HEIGHT))
        dim = cv2.addWeighted(picture, 0.12, glow, 1.3, 0.0)
        return np.asarray(cv2.add(dim, self._light), np.uint8)


class Kaleidoscope:
    """Mirrors around the middle. The strength is how many."""

    def __init__(self) -> None:
        self._mirrors = 0

    def apply(self, picture: Picture, strength: float, seconds: float) -> Picture:
        mirrors = 3 + round(9 * strength)
        if mirrors != self._mirrors:
            self._mirrors = mirrors
            x, y = _X - np.float32(WIDTH / 2 - 0.5), _Y - np.float32(HEIGHT / 2 - 0.5)
            wedge = math.pi / mirrors
            folded = np.abs((np.arctan2(y, x) + np.float32(math.pi)) % np.float32(2 * wedge) - np.float32(wedge))
            distance = np.hypot(x, y)
            self._along, self._aside = distance * np.cos(folded), distance * np.sin(folded)
        # What lies between two mirrors is always the same; it is only looked at through the picture as that turns.
        zoom = 0.85 + 0.12 * math.sin(0.5 * seconds)
        cos, sin = (np.float32(zoom * part(0.25 * seconds)) for part in (math.cos, math.sin))
        x = self._along * cos - self._aside * sin + np.float32(WIDTH / 2 + 60.0 * math.sin(0.31 * seconds))
        y = self._along * sin + self._aside * cos + np.float32(HEIGHT / 2)
        return np.asarray(cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.uint8)


class Halftone:
    """Dots of four inks on paper, each on a grid of its own angle. The strength is the size of the dots."""

    PAPER = (250, 243, 228)
    INKS = (((0, 148, 198), 15.0), ((236, 62, 121), 75.0), ((255, 205, 40), 0.0), ((38, 34, 54), 45.0))
    """Cyan, magenta, yellow and black: a colour, and an angle in degrees."""

    def __init__(self) -> None:
        self._pitch = 0.0
        self._screens: list[Picture] = []

    def apply(self, picture: Picture, strength: float, seconds: float) -> Picture:
        pitch = 4.0 + 8.0 * strength
        if pitch != self._pitch:
            self._pitch = pitch
            self._screens = [_screen(pitch, angle) for _, angle in self.INKS]
        soft = cv2.blur(picture, (3, 3))
        missing = cv2.bitwise_not(soft)
        black = cv2.convertScaleAbs(
            cv2.subtract(missing.min(axis=2), np.full((HEIGHT, WIDTH), 90, np.uint8)), alpha=1.5
        )
        tones = [cv2.addWeighted(channel, 1.0, black, -0.7, 0.0) for channel in cv2.split(missing)] + [black]
        planes = [np.full((HEIGHT, WIDTH), level, np.uint8) for level in self.PAPER]
        for (colour, _), screen, tone in zip(self.INKS, self._screens, tones, strict=True):
            dots = cv2.addWeighted(tone, 4.0, screen, -4.0, 128.0)  # where the tone is above the screen, with soft rims
            for plane, level in zip(planes, colour, strict=True):
                left = cv2.convertScaleAbs(dots, alpha=level / 255 - 1.0, beta=255.0)  # of the light that falls there
                cv2.multiply(plane, left, dst=plane, scale=1 / 255)
        return np.asarray(cv2.merge(planes), np.uint8)


def _screen(pitch: float, angle: float) -> Picture:
    """How dark it has to be for ink: hills on a grid of lines `pitch` apart."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turn = np.float32(2.0 * math.pi / pitch)
    hills = np.cos((_X * np.float32(cos) + _Y * np.float32(sin)) * turn)
    hills += np.cos((_Y * np.float32(cos) - _X * np.float32(sin)) * turn)
    # Evenly spread, so that a tone of 30 % covers 30 %; and within what leaves white without and black full of ink.
    even = cv2.equalizeHist(cv2.convertScaleAbs(hills, alpha=63.0, beta=127.0))
    return np.asarray(cv2.convertScaleAbs(even, alpha=0.74, beta=33.0), np.uint8)


class Melt:
    """Runs of pixels in a column are sorted by their light, so that it drips. The strength is how much of it does."""

    def __init__(self) -> None:
        self._place = np.arange(HEIGHT, dtype=np.uint32)
        self._column = np.arange(WIDTH)[:, None]

    def apply(self, picture: Picture, strength: float, seconds: float) -> Picture:
        columns = np.ascontiguousarray(picture.transpose(1, 0, 2))
        light = cv2.cvtColor(columns, cv2.COLOR_RGB2GRAY)
        # A run is what is lighter than a part of the picture, between two pixels that are not.
        still = light < np.percentile(light[::8, ::8], 100.0 - 100.0 * strength)
        starts = still.copy()
        starts[:, 1:] |= still[:, :-1]
        run = np.cumsum(starts, axis=1, dtype=np.uint32)
        # Run, light and place in one number: to sort numbers is much faster than to sort by three keys.
        order = np.sort(run << 17 | light.astype(np.uint32) << 9 | self._place, axis=1) & 511
        return np.ascontiguousarray(columns[self._column, order].transpose(1, 0, 2))


class Tunnel:
    """The picture comes from afar, and those before it fly past on all sides. The strength is how many one sees."""

    AFAR = 0.62
    """The size of the newest one."""

    def __init__(self) -> None:
        self._before = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        middle = np.zeros((HEIGHT, WIDTH), np.float32)
        cv2.rectangle(middle, (12, 12), (WIDTH - 13, HEIGHT - 13), 1.0, cv2.FILLED)
        self._middle = cv2.GaussianBlur(middle, (0, 0), 4.0)
        # Turning colours about the axis of the greys, 9 degrees for each frame.
        axis = np.full((3, 1), math.radians(9.0) / math.sqrt(3.0))
        self._hues_on = cv2.Rodrigues(axis)[0].astype(np.float32)

    def apply(self, picture: Picture, strength: float, seconds: float) -> Picture:
        swing = math.sin(0.5 * seconds)
        nearer = _around_middle(1.05 + 0.55 * (1.0 - strength) ** 2, -2.0 * swing)
        afar = _around_middle(self.AFAR, 4.0 * swing)
        past = cv2.warpAffine(self._before, nearer, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        past = cv2.transform(past, self._hues_on)  # the longer ago, the farther the colours have gone round
        newest = cv2.warpAffine(picture, afar, (WIDTH, HEIGHT))
        share = cv2.warpAffine(self._middle, afar, (WIDTH, HEIGHT))
        self._before = np.asarray(cv2.blendLinear(past, newest, 1.0 - share, share), np.uint8)
        return self._before


def _around_middle(scale: float, degrees: float) -> NDArray[np.float64]:
    return np.asarray(cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, scale), np.float64)


EFFECTS: dict[str, type[Effect]] = {
    "neon": Neon,
    "echo": Echo,
    "kaleidoscope": Kaleidoscope,
    "halftone": Halftone,
    "melt": Melt,
    "tunnel": Tunnel,
    "plain": Plain,
}
