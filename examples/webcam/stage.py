"""Who is in the picture, and what is in it while nobody is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from effects import HEIGHT, WIDTH, Picture
from numpy.typing import NDArray

from reactor_runtime.interface import InputFrame

PATIENCE = 1.0
"""Seconds without a frame after which somebody has left the stage."""


class Stage:
    """Shows one camera at a time: of several clients, the first one's until it falls silent.

    Attributes:
        client: the id of the client that is shown; None where nobody is.
    """

    def __init__(self) -> None:
        self.client: int | None = None
        self._seen = 0.0

    def pick(self, frames: Sequence[InputFrame], now: float) -> InputFrame | None:
        """The newest frame of who is shown, of those that came; None where there is none among them."""
        if now - self._seen > PATIENCE:
            self.client = None
        if frames and self.client is None:
            self.client = frames[-1].client
        theirs = [frame for frame in frames if frame.client == self.client]
        if not theirs:
            return None
        self._seen = now
        return theirs[-1]

    def leave(self, client: int) -> None:
        """A client is gone: the stage is free, if it was theirs."""
        if client == self.client:
            self.client = None


def fitted(frame: NDArray[np.uint8], mirror: bool) -> Picture:
    """A frame of any size as a picture: its middle, scaled so that it fills it, and mirrored or not."""
    height, width = frame.shape[:2]
    scale = max(WIDTH / width, HEIGHT / height)
    # Cut first, so that no more is scaled than is seen.
    wide, high = max(1, min(width, round(WIDTH / scale))), max(1, min(height, round(HEIGHT / scale)))
    left, top = (width - wide) // 2, (height - high) // 2
    middle = frame[top : top + high, left : left + wide]
    picture = cv2.resize(middle, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR)
    return np.asarray(cv2.flip(picture, 1) if mirror else picture, np.uint8)


_SMALL_Y, _SMALL_X = np.mgrid[0:HEIGHT:8, 0:WIDTH:8].astype(np.float32)
_LAMPS = (
    ((255, 96, 64), 0.31, 0.0),
    ((64, 140, 255), 0.23, 2.1),
    ((190, 80, 255), 0.27, 4.2),
    ((60, 220, 170), 0.19, 5.5),
)


def empty_stage(seconds: float) -> Picture:
    """Coloured lamps that wander about, for the effects to play with while no camera does."""
    light = np.full((*_SMALL_X.shape, 3), 16.0, np.float32)
    places = []
    for colour, pace, phase in _LAMPS:
        x = WIDTH * (0.5 + 0.36 * math.sin(1.7 * pace * seconds + phase))
        y = HEIGHT * (0.5 + 0.32 * math.sin(2.3 * pace * seconds + 1.3 * phase))
        near = np.exp(np.hypot(_SMALL_X - np.float32(x), _SMALL_Y - np.float32(y)) * np.float32(-1 / 65))
        light += near[..., None] * np.array(colour, np.float32)
        places.append((round(16 * x), round(16 * y)))  # in sixteenths of a pixel, so that they glide
    soft = cv2.convertScaleAbs(np.minimum(light, 255.0))
    picture = cv2.resize(soft, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    for (colour, _, _), place in zip(_LAMPS, places, strict=True):
        for radius, width in ((54, 2), (36, 3), (16, cv2.FILLED)):
            rim = [min(255, level // 2 + 110) for level in colour]
            cv2.circle(picture, place, 16 * radius, rim, width, cv2.LINE_AA, 4)
    return np.asarray(picture, np.uint8)


def caption(picture: Picture) -> Picture:
    """The picture with the words that a camera is missing."""
    picture = picture.copy()
    picture[248:340] //= 4  # readable on anything
    for text, size, row in (("Waiting for a camera", 1.2, 292), ("Publish it as the track webcam", 0.6, 324)):
        (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, size, 1)
        place = ((WIDTH - width) // 2, row)
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_DUPLEX, size, (250, 250, 250), 1, cv2.LINE_AA)
    return picture
