"""A living picture to paint in: what you touch grows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from colour import PALETTES
from living import FPS, LivingPicture
from numpy.typing import NDArray

from reactor_runtime.interface import (
    ClientInfo,
    CommandError,
    InputField,
    MessageField,
    ModelMessage,
    Output,
    ReactorModel,
    UploadedFile,
    Video,
    connected,
    event,
    session_started,
)


@dataclass
class PaintOutput(Output):
    main_video: Video


@dataclass
class Look(ModelMessage):
    """How the picture is set, in answer to a change of it and for whoever joins."""

    palette: str
    speed: float
    seed: int = MessageField(description="Give it to reset to get this picture again.")


@dataclass
class Planted(ModelMessage):
    """The image that the picture now grows along."""

    file_name: str
    width: int
    height: int


@dataclass
class Progress(ModelMessage):
    """Once a second, to everyone."""

    step: int = MessageField(description="Frames since the session began.")
    coverage: float = MessageField(description="How much of the picture is grown over, 0..1.")


class Paint(ReactorModel):
    """A living picture to paint in: what you touch grows."""

    fps = FPS

    def load(self, config: Mapping[str, Any]) -> None:
        cv2.setNumThreads(1)  # one core is plenty here; the others are for the video encoder
        self.picture = LivingPicture(palette=config.get("palette", "reef"))
        self.picture.speed = float(config.get("speed", 1.0))
        self.frames = 0

    @session_started
    def begin(self) -> None:
        self.picture.reset()
        self.frames = 0

    @connected
    async def greet(self, client: ClientInfo) -> None:
        await client.send(self.look())

    @event(name="paint", description="Let growth start at a point. Drag across the picture to draw.")
    def paint(
        self,
        x: float = InputField(ge=0.0, le=1.0, description="From the left edge to the right."),
        y: float = InputField(ge=0.0, le=1.0, description="From the top edge to the bottom."),
        radius: float = InputField(default=0.04, ge=0.005, le=0.3, description="As a part of the height."),
    ) -> None:
        self.picture.paint(x, y, radius)

    @event(name="set_palette", description="Change the colours.")
    def set_palette(self, palette: str = InputField(choices=list(PALETTES))) -> Look:
        self.picture.set_palette(palette)
        return self.look()

    # A slider sends more values than are worth applying: with dedupe, only the newest of those that wait.
    @event(name="set_speed", description="How fast time passes; 0 stops it.", dedupe=True)
    def set_speed(self, speed: float = InputField(default=1.0, ge=0.0, le=3.0)) -> Look:
        self.picture.speed = speed
        return self.look()

    @event(name="reset", description="Start afresh.")
    def reset(
        self,
        seed: int | None = InputField(default=None, ge=0, description="The same seed gives the same picture."),
    ) -> Look:
        self.picture.reset(seed)
        return self.look()

    @event(name="plant_image", description="Let the picture grow along an image.")
    def plant_image(self, image: UploadedFile) -> Planted:
        rgb = decode(image)
        self.picture.plant(rgb)
        return Planted(file_name=image.name, width=rgb.shape[1], height=rgb.shape[0])

    async def run(self) -> None:
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                await self.emit(PaintOutput(main_video=self.picture.step()))
                self.frames += 1
                if self.frames % FPS == 0:
                    await self.send(Progress(step=self.frames, coverage=round(self.picture.coverage, 3)))

    def look(self) -> Look:
        return Look(palette=self.picture.palette, speed=self.picture.speed, seed=self.picture.seed)


def decode(file: UploadedFile) -> NDArray[np.uint8]:
    """The pixels of an uploaded image, `(height, width, 3)` RGB.

    Raises:
        CommandError: it cannot be read as an image.
    """
    try:
        bgr = cv2.imdecode(np.frombuffer(file.data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # such as an empty file, or far too many pixels
        bgr = None
    if bgr is None:
        raise CommandError("bad_image", f"{file.name!r} cannot be read as an image; send a PNG, JPEG or WebP file")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
