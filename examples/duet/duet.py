"""One scene, two views of it: in colour, and how far away everything is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from scene import FAR, NEAR, Camera, depth_picture, view

from reactor_runtime.interface import (
    InputField,
    Metadata,
    Output,
    ReactorModel,
    Video,
    event,
    session_started,
)


class Views(Output):
    """Two pictures of one moment: they leave together."""

    main_video: Video
    depth: Video | None = None  # left out, it keeps its last picture
    info: Metadata = None  # what a client needs to make metres of the shades of grey


class Duet(ReactorModel):
    """One scene, two views of it: in colour, and how far away everything is."""

    fps = 30

    def load(self, config: Mapping[str, Any]) -> None:
        self.begin()

    @session_started
    def begin(self) -> None:
        self.camera = Camera()
        self.pace, self.depth_every = 1.0, 1
        self.seconds, self.frames = 0.0, 0

    @event(name="look", description="Click or drag: go around the scene, and up and down.", dedupe=True)
    def look(
        self,
        x: float = InputField(ge=0.0, le=1.0, description="From the left edge to the right."),
        y: float = InputField(ge=0.0, le=1.0, description="From the top edge to the bottom."),
    ) -> None:
        self.camera = Camera(angle=2 * math.pi * x, height=5.0 - 4.6 * y)

    @event(name="set_pace", description="How fast time passes; 0 stops it.", dedupe=True)
    def set_pace(self, pace: float = InputField(default=1.0, ge=0.0, le=3.0)) -> None:
        self.pace = pace

    # What looks at pictures is often slower than what makes them; then only some of them get a second view.
    @event(name="set_depth_every", description="How many pictures there are for one of depth.")
    def set_depth_every(self, frames: int = InputField(default=1, ge=1, le=30)) -> None:
        self.depth_every = frames

    async def run(self) -> None:
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                colours, metres = view(self.seconds, self.camera)
                views = Views(
                    main_video=colours,  # floats, channels first: as they are
                    depth=depth_picture(metres) if self.frames % self.depth_every == 0 else None,
                    info={"near": NEAR, "far": FAR, "seconds": round(self.seconds, 3)},
                )
                self.advance(self.pace / self.fps)
                await self.emit(views)  # the last of a step: when it returns, another session may have begun

    def advance(self, seconds: float) -> None:
        """Let time pass in the scene."""
        self.frames += 1
        self.seconds += seconds
        self.camera.angle += 0.15 * seconds
