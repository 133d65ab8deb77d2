"""MyModel: a picture that moves, steered by commands."""

import numpy as np

from reactor_runtime.interface import (
    InputField,
    ModelMessage,
    Output,
    ReactorModel,
    Video,
    connected,
    event,
    session_started,
)


class Frame(Output):
    main_video: Video


class Look(ModelMessage):
    """How the picture is set."""

    hue: float
    speed: float


class MyModel(ReactorModel):
    """A picture that moves, steered by commands."""

    fps = 30

    def load(self, config):
        """Called once, before any client. Load weights here; keys of config.yml are attributes."""
        rows = np.linspace(0, 1, config.height, dtype=np.float32)[:, None]
        columns = np.linspace(0, 1, config.width, dtype=np.float32)[None, :]
        self.field = 6 * np.hypot(columns - 0.5, (rows - 0.5) * config.height / config.width)

    @session_started
    def begin(self):
        """A session begins with the same picture, whatever the one before it left behind."""
        self.hue, self.speed, self.time = 0.6, 1.0, 0.0

    @connected
    async def greet(self):
        await self.send(Look(hue=self.hue, speed=self.speed))

    @event(name="set_hue", description="The colour, once around the circle.", dedupe=True)
    def set_hue(self, hue: float = InputField(default=0.6, ge=0, le=1)) -> Look:
        self.hue = hue
        return Look(hue=self.hue, speed=self.speed)

    @event(name="set_speed", description="How fast time passes; 0 stops it.", dedupe=True)
    def set_speed(self, speed: float = InputField(default=1.0, ge=0, le=5)) -> Look:
        self.speed = speed
        return Look(hue=self.hue, speed=self.speed)

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                self.time += self.speed / self.fps
                await self.emit(Frame(main_video=self.picture()))

    def picture(self):
        """The frame of this moment, (H, W, 3) uint8 RGB. With `reactor run --reload`: change a line, save, and look."""
        waves = np.sin(self.field * 4 - 3 * self.time) * np.cos(self.field - self.time)
        light = np.cos(2 * np.pi * (self.hue + 0.08 * waves[..., None] + np.float32([0.0, 0.33, 0.67])))
        return (127 + 127 * light * (0.55 + 0.45 * waves[..., None])).astype(np.uint8)
