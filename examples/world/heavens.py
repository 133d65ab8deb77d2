"""The sky: where sun and moon stand at an hour, the colours of the air, clouds and stars."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from eye import FOCAL, HEIGHT, SIDE, WIDTH, Eye, Field, Picture, Vector
from noise import fractal, tiled

# What goes with the height of the sun: its sine, and for each the colours of the air (0..255) and of the light
# (a factor for each of red, green and blue).
_SUN = (-0.30, -0.12, -0.03, 0.05, 0.18, 0.45, 1.0)
_ZENITH = ((9, 13, 34), (20, 28, 68), (44, 60, 118), (58, 90, 156), (62, 116, 190), (52, 116, 204), (44, 108, 200))
_HORIZON = (
    (28, 38, 68), (84, 62, 92), (214, 122, 92), (246, 172, 110), (232, 210, 184), (196, 218, 236), (184, 212, 236)
)  # fmt: skip
_SUNLIGHT = (
    (0, 0, 0), (0, 0, 0), (0.22, 0.1, 0.07), (1.0, 0.55, 0.3), (1.2, 0.92, 0.66), (1.18, 1.08, 0.94), (1.2, 1.14, 1.04)
)  # fmt: skip
_AMBIENT = (
    (0.17, 0.21, 0.34), (0.24, 0.23, 0.34), (0.34, 0.28, 0.36), (0.36, 0.33, 0.4),
    (0.36, 0.39, 0.47), (0.36, 0.42, 0.52), (0.36, 0.42, 0.52)
)  # fmt: skip
_MOONLIGHT = np.array((0.42, 0.52, 0.74), np.float32)
_DUSK = -0.06
"""The sine of the sun's height at which the moon takes over."""


@dataclass(frozen=True)
class Sky:
    """The light of one hour.

    Attributes:
        hour: 0..24. The sun rises at 6 and sets at 18; at night the moon goes the same way.
        lamp: the direction of sun or moon, whichever shines.
        lamp_colour: its light on what faces it, a factor for each colour.
        ambient: the light from everywhere, likewise.
        zenith: the colour of the air overhead, 0..255.
        horizon: its colour far away.
        night: 0 by day, 1 when all stars are out.
    """

    hour: float
    lamp: Vector
    lamp_colour: Field
    ambient: Field
    zenith: Field
    horizon: Field
    night: float


def sky_at(hour: float) -> Sky:
    """The sky at an hour, 0..24."""
    angle = (hour - 6.0) / 12.0 * math.pi
    sun = _unit((math.cos(angle), 0.4, math.sin(angle)))
    zenith, horizon, sunlight, ambient = (_at(sun[2], stops) for stops in (_ZENITH, _HORIZON, _SUNLIGHT, _AMBIENT))
    night = min(max((_DUSK - sun[2]) / 0.2, 0.0), 1.0)
    moon = (-sun[0], sun[1], -sun[2])
    lamp, light = (sun, sunlight) if sun[2] > _DUSK else (moon, night * _MOONLIGHT)
    return Sky(hour, lamp, light, ambient, zenith, horizon, night)


def _unit(vector: Vector) -> Vector:
    x, y, z = (part / math.hypot(*vector) for part in vector)
    return x, y, z


def _at(sun: float, stops: tuple[tuple[float, ...], ...]) -> Field:
    return np.array([np.interp(sun, _SUN, channel) for channel in zip(*stops, strict=True)], np.float32)


def lamp_on_picture(sky: Sky, eye: Eye) -> tuple[float, float] | None:
    """The column in which sun or moon stands, and how many rows above the horizon; None where it is not ahead."""
    ahead, right = (sum(a * b for a, b in zip(axis, sky.lamp, strict=True)) for axis in (eye.ahead, eye.right))
    column = WIDTH / 2 + FOCAL * right / max(ahead, 0.05)
    return (column, FOCAL * sky.lamp[2] / ahead) if ahead > 0.05 and abs(column) < 2 * WIDTH else None


class Heavens:
    """Draws skies. It does so at half the size of the picture: air and clouds are soft."""

    CEILING = 230.0
    """How far above the eye the clouds are."""

    def __init__(self) -> None:
        random = np.random.default_rng(4)
        self._clouds = np.clip(0.95 * fractal(random, 256, cells=3, octaves=6) - 0.12, 0.0, 1.0)
        stars = random.normal(size=(1200, 3))
        self._stars = stars / np.linalg.norm(stars, axis=1, keepdims=True)
        self._brightness = 100.0 + 155.0 * random.random(len(stars)) ** 3
        self._side: Field = 0.5 * (SIDE[0::2] + SIDE[1::2])
        self._rows = 2.0 * np.arange(HEIGHT // 2, dtype=np.float32)[:, None] + 1.0

    def draw(self, sky: Sky, eye: Eye, into: Picture, time: float) -> None:
        """Fill rows with sky.

        Args:
            into: the picture from its top row down, `(rows, WIDTH, 3)`, as many rows as are wanted.
            time: in seconds, for the clouds to drift.
        """
        rows = (len(into) + 1) // 2
        horizon = eye.horizon
        up = np.asarray((0.5 * (horizon[0::2] + horizon[1::2]) - self._rows[:rows]) / FOCAL, np.float32)
        air, glow = self._air(sky, eye, up)

        # A quarter of a point of the tile for each cell: the tile is as wide as the land, and repeats where that does.
        distance = np.float32(self.CEILING) / np.maximum(up, np.float32(0.03))
        x, y = (
            np.asarray(0.25 * (here + wind * time + distance * self._towards(eye, axis)), np.float32)
            for axis, here, wind in ((0, eye.x, 9.0), (1, eye.y, 3.0))
        )
        cloud = tiled(self._clouds, x, y)
        cover = np.asarray(cloud * np.clip(6.0 * up - 0.25, 0.0, 1.0), np.float32)  # they fade towards the horizon
        for channel, plane in enumerate(air):
            light, ambient = float(sky.lamp_colour[channel]), float(sky.ambient[channel])
            lit = np.square(cloud) * np.float32(-150.0 * ambient)
            lit += np.float32(210.0 * ambient + 160.0 * light)
            lit += glow * np.float32(150.0 * min(light, 1.0))
            lit -= plane
            lit *= cover
            plane += lit

        half = cv2.merge([cv2.convertScaleAbs(plane) for plane in air])
        into[:] = cv2.resize(half, (WIDTH, 2 * rows))[: len(into)]
        if sky.night > 0.0:
            self._draw_stars(sky, eye, into, cover)
        self._draw_lamp(sky, eye, into)

    def haze(self, sky: Sky, eye: Eye) -> Picture:
        """What one sees of something very far away, in each column: `(WIDTH, 3)`."""
        air, _ = self._air(sky, eye, np.full((1, WIDTH // 2), 0.02, np.float32))
        return np.asarray(cv2.resize(cv2.merge([cv2.convertScaleAbs(plane) for plane in air]), (WIDTH, 1))[0], np.uint8)

    def _towards(self, eye: Eye, axis: int) -> Field:
        """How far east (axis 0) or south (1) each column looks, for each unit ahead."""
        return np.asarray(eye.ahead[axis] + self._side * eye.right[axis], np.float32)

    def _air(self, sky: Sky, eye: Eye, up: Field) -> tuple[list[Field], Field]:
        """The air's red, green and blue, where one looks up by `up` for each unit ahead; and the glow of the lamp."""
        far = 1.0 / np.sqrt(1.0 + self._side**2 + up**2)
        east, south, height = sky.lamp
        level = east * self._towards(eye, 0) + south * self._towards(eye, 1)
        near = np.clip((level + up * np.float32(height)) * far, 0.0, 1.0)  # the cosine of the angle to the lamp
        glow = near * near
        glow *= glow * glow
        halo = np.square(np.square(np.square(glow)))  # to the 48th power
        glow = 0.35 * glow + 0.5 * halo
        blue = 1.0 - np.exp(np.maximum(up * far, 0.0) * np.float32(-3.2))
        air = []
        for channel in range(3):
            plane = blue * (sky.zenith[channel] - sky.horizon[channel])
            plane += sky.horizon[channel]
            plane += glow * np.float32(min(float(sky.lamp_colour[channel]), 1.0) * (170.0 - 60.0 * sky.night))
            air.append(np.minimum(plane, 255.0))
        return air, glow

    def _draw_stars(self, sky: Sky, eye: Eye, into: Picture, cover: Field) -> None:
        turn = (sky.hour - 12.0) / 12.0 * math.pi  # they turn as the sun does, about south
        spin = np.array([[math.cos(turn), 0, math.sin(turn)], [0, 1, 0], [-math.sin(turn), 0, math.cos(turn)]])
        ahead, right, up = (self._stars @ spin @ np.array([eye.ahead, eye.right, (0.0, 0.0, 1.0)]).T).T
        front = ahead > 0.2
        column = (WIDTH / 2 + FOCAL * right[front] / ahead[front]).astype(int)
        inside = (column >= 0) & (column < WIDTH)
        column, shine = column[inside], self._brightness[front][inside]
        row = (eye.horizon[column] - FOCAL * (up[front] / ahead[front])[inside]).astype(int)
        inside = (row >= 0) & (row < len(into))
        row, column, shine = row[inside], column[inside], shine[inside]
        shine = sky.night * shine * (1.0 - cover[row // 2, column // 2])
        into[row, column] = np.maximum(into[row, column], shine[:, None].astype(np.uint8))

    def _draw_lamp(self, sky: Sky, eye: Eye, into: Picture) -> None:
        place = lamp_on_picture(sky, eye)
        if place is None:
            return
        column, row = place[0], eye.horizon_at(place[0]) - place[1]
        by_day = np.clip(120.0 + 190.0 * sky.lamp_colour, 0.0, 255.0)
        size, colour = (9, np.full(3, 60.0 + 170.0 * sky.night)) if sky.night else (13, by_day)
        centre = (round(16 * column), round(16 * row))  # in sixteenths of a pixel, so that it glides
        cv2.circle(into, centre, 16 * size, colour.tolist(), cv2.FILLED, cv2.LINE_AA, 4)
