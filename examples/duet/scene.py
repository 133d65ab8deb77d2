"""Marbles over a chequered floor, seen by a camera that goes around them: in colour, and how far away all of it is."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WIDTH, HEIGHT = 480, 270
NEAR, FAR = 1.5, 30.0
"""What is nearer or farther than this, in metres, is shown as near or as far as this."""
MARBLES = 6

_LENS = 0.62
"""Half of the picture's width at a distance of 1."""
_ACROSS: Floats = np.linspace(-_LENS, _LENS, WIDTH, dtype=np.float32)[None, :]
_UPWARD: Floats = np.linspace(_LENS, -_LENS, HEIGHT, dtype=np.float32)[:, None] * np.float32(HEIGHT / WIDTH)
_LIGHT = np.array([0.5, 0.75, -0.43], np.float32)
_AIR, _ZENITH = np.array([[0.62, 0.7, 0.82], [0.2, 0.4, 0.75]], np.float32)[..., None, None]
_WHITE, _BLACK = np.array([[0.86, 0.84, 0.8], [0.3, 0.33, 0.4]], np.float32)[..., None, None]
_MIDDLE = np.array([0.0, 0.7, 0.0], np.float32)


@dataclass
class Camera:
    """It looks at the middle, from somewhere around it."""

    angle: float = 0.0
    height: float = 2.5
    distance: float = 7.0

    def place(self) -> Floats:
        away = [self.distance * math.sin(self.angle), self.height, -self.distance * math.cos(self.angle)]
        return np.array(away, np.float32)

    def axes(self) -> Floats:
        """To the right, up, and ahead, as rows."""
        ahead = _MIDDLE - self.place()
        ahead /= np.linalg.norm(ahead)
        right = np.array([ahead[2], 0.0, -ahead[0]]) / math.hypot(ahead[0], ahead[2])
        return np.stack((right, np.cross(ahead, right), ahead)).astype(np.float32)


@dataclass(frozen=True)
class Marble:
    centre: Floats
    radius: float
    colour: Floats


def view(seconds: float, camera: Camera) -> tuple[Floats, Floats]:
    """What the camera sees of the scene at a time.

    Returns:
        The colours, `(3, 270, 480)` float32 from 0 to a little above 1; and how many metres ahead that is,
        `(270, 480)` float32, infinite where there is sky.
    """
    place, axes = camera.place(), camera.axes()
    right, up, ahead = axes[..., None, None]
    rays = right * _ACROSS + up * _UPWARD + ahead  # how often one goes along it is how many metres one comes ahead
    colours = np.empty((3, HEIGHT, WIDTH), np.float32)
    metres = np.full((HEIGHT, WIDTH), np.inf, np.float32)
    marbles = [_marble(number, seconds) for number in range(MARBLES)]
    slope = rays[1, :, :1]  # the camera is level, so it is the same all along a row
    horizon = int(np.count_nonzero(slope > -0.01))
    colours[:, :horizon] = _AIR + np.clip(slope[:horizon], 0, 1) * (_ZENITH - _AIR)
    reach = -place[1] / slope[horizon:]
    metres[horizon:] = reach
    x, z = place[0] + reach * rays[0, horizon:], place[2] + reach * rays[2, horizon:]
    colours[:, horizon:] = _in_the_air(_floor(x, z, marbles), reach)
    for marble in marbles:
        _draw(marble, place, axes, rays, colours, metres)
    return colours, metres


def depth_picture(metres: Floats) -> Floats:
    """Depth in shades of grey, `(270, 480, 3)`: white at `NEAR`, black at `FAR`, and each step nearer is by as many
    percent."""
    grey = np.log(FAR / np.clip(metres, NEAR, FAR)) / math.log(FAR / NEAR)
    return np.repeat(grey[..., None], 3, axis=-1)


def _marble(number: int, seconds: float) -> Marble:
    """It bounces on its way around the middle."""
    radius = 0.45 + 0.12 * (number % 3)
    angle = 2 * math.pi * number / MARBLES + 0.25 * seconds * (1 if number % 2 else 0.6)
    away = 1.3 + 0.9 * (number % 2) + 0.2 * math.sin(0.7 * seconds + number)
    height = radius + 1.4 * abs(math.sin(1.7 * seconds / (1 + 0.12 * number) + 1.1 * number))
    centre = np.array([away * math.cos(angle), height, away * math.sin(angle)], np.float32)
    colour = np.array(colorsys.hsv_to_rgb(number / MARBLES, 0.7, 0.95), np.float32)
    return Marble(centre, radius, colour[:, None])


def _floor(x: Floats, z: Floats, marbles: Sequence[Marble]) -> Floats:
    light = np.ones_like(x)
    for marble in marbles:
        shadow = marble.centre - _LIGHT * (marble.centre[1] / _LIGHT[1])  # where the light through it meets the floor
        distance = ((x - shadow[0]) ** 2 + (z - shadow[2]) ** 2) / marble.radius**2
        light *= 1 - np.clip(1.5 - distance, 0, 1) * (0.6 / marble.centre[1] ** 0.3)
    tile = (np.floor(x).astype(np.int32) + np.floor(z).astype(np.int32)) & 1
    return np.where(tile, _BLACK, _WHITE) * light


def _draw(marble: Marble, place: Floats, axes: Floats, rays: Floats, colours: Floats, metres: Floats) -> None:
    """Where the marble is nearer than what there is, have it there."""
    away = marble.centre - place
    x, y, ahead = axes @ away
    if ahead < marble.radius + 0.1:
        return  # beside the camera or behind it
    wide = marble.radius / (ahead - marble.radius)  # so large it can look at most
    columns = slice(*np.searchsorted(_ACROSS[0], (x / ahead - wide, x / ahead + wide)))
    rows = slice(*np.searchsorted(-_UPWARD[:, 0], (-y / ahead - wide, -y / ahead + wide)))
    rays, metres = rays[:, rows, columns], metres[rows, columns]
    squares = (rays**2).sum(axis=0)
    along = (rays * away[:, None, None]).sum(axis=0)
    inside = along**2 - squares * ((away**2).sum() - marble.radius**2)
    reach = (along - np.sqrt(np.maximum(inside, 0))) / squares
    seen = (inside > 0) & (reach < metres)
    metres[seen] = reach[seen]
    rays, reach = rays[:, seen], reach[seen]
    normals = (rays * reach - away[:, None]) / marble.radius
    looks = rays / np.sqrt(squares[seen])
    colours[:, rows, columns][:, seen] = _in_the_air(_polished(normals, looks, marble.colour), reach)


def _polished(normals: Floats, looks: Floats, colour: Floats) -> Floats:
    """The colours of a polished surface in the light and under the sky."""
    light = _LIGHT[:, None]
    facing = (looks * normals).sum(axis=0)
    spark = np.maximum(((looks - 2 * facing * normals) * light).sum(axis=0), 0) ** 40
    lit = np.maximum((normals * light).sum(axis=0), 0)
    return colour * (0.3 + 0.75 * lit) + 0.8 * spark + 0.5 * (1 + facing) ** 3 * _AIR[:, 0]


def _in_the_air(colours: Floats, metres: Floats) -> Floats:
    """The same from so far away."""
    air = _AIR if colours.ndim == 3 else _AIR[:, 0]
    return air + (colours - air) * np.exp(-metres / 22)
