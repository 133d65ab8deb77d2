"""A living picture to paint in: what you touch grows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
from colour import PALETTES
from images import decode
from living import FPS, LivingPicture

from reactor_runtime.interface import (
    ClientInfo,
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

FASTEST = 3.0


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
        # Arrays of this size are too small to share out: with two threads a frame takes as long, and 1.5 to 2 times
        # the CPU, which the video encoder needs. It holds for the whole process.
        cv2.setNumThreads(1)
        self.palette, self.speed = look_of(config)
        self.picture = LivingPicture(self.palette)
        self.begin()

    # A session begins with what the config says, whatever the one before it left behind.
    @session_started
    def begin(self) -> None:
        self.picture.set_palette(self.palette)
        self.picture.speed = self.speed
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
    def set_speed(self, speed: float = InputField(default=1.0, ge=0.0, le=FASTEST)) -> Look:
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
    async def plant_image(self, image: UploadedFile) -> Planted:
        rgb = await asyncio.to_thread(decode, image)  # the picture goes on meanwhile
        self.picture.plant(rgb)
        return Planted(file_name=image.name, width=rgb.shape[1], height=rgb.shape[0])

    async def run(self) -> None:
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                frame = self.picture.step()
                self.frames += 1  # before emit(): when that returns another session may have begun, and counts anew
                if self.frames % FPS == 0:
                    await self.send(Progress(step=self.frames, coverage=round(self.picture.coverage, 3)))
                await self.emit(PaintOutput(main_video=frame))

    def look(self) -> Look:
        return Look(palette=self.picture.palette, speed=self.picture.speed, seed=self.picture.seed)


def look_of(config: Mapping[str, Any]) -> tuple[str, float]:
    """Palette and speed of a config.

    Raises:
        ValueError: one is none that a client could ask for.
    """
    palette, speed = config.get("palette", "reef"), config.get("speed", 1.0)
    if palette not in list(PALETTES):
        raise ValueError(f"config: palette: {palette!r} is not one of {', '.join(PALETTES)}")
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0.0 <= speed <= FASTEST:
        raise ValueError(f"config: speed: {speed!r} is no number from 0 to {FASTEST:g}")
    return palette, float(speed)
