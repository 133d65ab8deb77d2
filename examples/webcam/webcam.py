"""Your camera's picture, made into another one as you move."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

import cv2
from effects import EFFECTS
from stage import PATIENCE, Stage, caption, empty_stage, fitted

from reactor_runtime.interface import (
    BufferClosed,
    ClientInfo,
    Input,
    InputField,
    InputFrame,
    MessageField,
    ModelMessage,
    Output,
    ReactorModel,
    Video,
    connected,
    disconnected,
    event,
    session_started,
)


class Camera(Input):
    webcam: Video


class WebcamOutput(Output):
    main_video: Video


class Look(ModelMessage):
    """How the picture is made, in answer to a change of it and for whoever joins."""

    effect: str
    strength: float
    mirror: bool


class Watching(ModelMessage):
    """Whose camera is shown, once a second and whenever that changes."""

    client: int | None = MessageField(description="Their id; null while no camera sends.")
    width: int = MessageField(description="Of the frames that they send.")
    height: int
    frames: int = MessageField(description="How many of theirs were shown since the last such message.")


class Webcam(ReactorModel):
    """Your camera's picture, made into another one as you move."""

    input: Camera
    fps = 30

    def load(self, config: Mapping[str, Any]) -> None:
        cv2.setNumThreads(1)  # the arrays are too small to share out; it holds for the whole process
        self.config = look_of(config)
        self.begin()

    # A session begins with what the config says, whatever the one before it left behind.
    @session_started
    def begin(self) -> None:
        self.strength, self.mirror = self.config.strength, self.config.mirror
        self.use(self.config.effect)
        self.stage = Stage()

    @connected
    async def greet(self, client: ClientInfo) -> None:
        await client.send(self.look())

    @disconnected
    def leave(self, client: ClientInfo) -> None:
        self.stage.leave(client.id)

    @event(name="set_effect", description="Choose what is made of the picture.")
    def set_effect(self, effect: str = InputField(choices=list(EFFECTS))) -> Look:
        self.use(effect)
        return self.look()

    # A slider sends more values than are worth applying: with dedupe, only the newest of those that wait.
    @event(name="set_strength", description="How much of it.", dedupe=True)
    def set_strength(self, strength: float = InputField(default=0.5, ge=0.0, le=1.0)) -> Look:
        self.strength = strength
        return self.look()

    @event(name="set_mirror", description="Show left and right as a mirror does.")
    def set_mirror(self, mirror: bool = True) -> Look:
        self.mirror = mirror
        return self.look()

    async def run(self) -> None:
        clock = asyncio.get_running_loop()
        while True:
            await self.connected.wait()
            told, told_at, shown = None, clock.time(), 0
            while self.connected.is_set():
                frame = await self.newest_frame()
                now = clock.time()
                if frame is None and self.stage.client is not None:
                    continue  # the next one is on its way
                picture = empty_stage(now) if frame is None else fitted(frame.data, self.mirror)
                picture = self.effect.apply(picture, self.strength, now)
                height, width = (0, 0) if frame is None else frame.shape[:2]
                watched = (self.stage.client, width, height)
                await self.emit(WebcamOutput(main_video=caption(picture) if frame is None else picture))
                shown += frame is not None
                if watched != told or (shown and now - told_at >= 1.0):
                    await self.send(Watching(*watched, shown))
                    told, told_at, shown = watched, now, 0

    async def newest_frame(self) -> InputFrame | None:
        """The newest frame of whoever is shown, as soon as it is there; None where none came for a while."""
        webcam = self.input.webcam
        waiting = max(1, webcam.available)
        frames = webcam.try_read(waiting)
        if frames is None and self.stage.client is not None:
            with contextlib.suppress(TimeoutError, BufferClosed):  # closed: everyone has left
                frames = await webcam.read(timeout=PATIENCE / 4)
        return self.stage.pick(frames or [], asyncio.get_running_loop().time())

    def use(self, effect: str) -> None:
        self.name, self.effect = effect, EFFECTS[effect]()

    def look(self) -> Look:
        return Look(effect=self.name, strength=self.strength, mirror=self.mirror)


def look_of(config: Mapping[str, Any]) -> Look:
    """The look that a config asks for.

    Raises:
        ValueError: something in it is none that a client could ask for.
    """
    effect, strength, mirror = (config.get(*item) for item in (("effect", "neon"), ("strength", 0.5), ("mirror", True)))
    if effect not in list(EFFECTS):
        raise ValueError(f"config: effect: {effect!r} is not one of {', '.join(EFFECTS)}")
    if isinstance(strength, bool) or not isinstance(strength, int | float) or not 0.0 <= strength <= 1.0:
        raise ValueError(f"config: strength: {strength!r} is no number from 0 to 1")
    if not isinstance(mirror, bool):
        raise ValueError(f"config: mirror: {mirror!r} is neither true nor false")
    return Look(effect=effect, strength=float(strength), mirror=mirror)
