"""A model whose step blocks, and tells what it was made of."""

import asyncio
import itertools
import time

import numpy as np

from reactor_runtime.interface import InputField, ModelMessage, Output, ReactorModel, Video, connected, event


class Picture(Output):
    main_video: Video


class Step(ModelMessage):
    """One step has begun."""

    number: int
    value: int
    visit: int


class Steps(ReactorModel):
    """Blocks for `duration` seconds a step; still while `duration` is 0."""

    fps = 30

    def load(self, config):
        self.duration = 0.0
        self.visits = itertools.count(1)
        self.numbers = itertools.count(1)
        self.visit = 0
        self.value = 0

    @connected
    def on_connect(self):
        self.visit = next(self.visits)
        self.value = self.visit

    @event(name="set_value")
    def set_value(self, value: int = InputField(ge=0, le=255)):
        self.value = value

    @event(name="block")
    def block(self, seconds: float = InputField(ge=0, le=10)):
        self.duration = seconds

    @event(name="draw")
    async def draw(self, value: int):
        await self.emit(self.picture(value))

    def picture(self, value: int) -> Picture:
        return Picture(main_video=np.full((180, 320, 3), value, np.uint8))

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                if not self.duration:
                    await asyncio.sleep(0.01)
                    continue
                value = self.value
                await self.send(Step(number=next(self.numbers), value=value, visit=self.visit))
                time.sleep(self.duration)  # noqa: ASYNC251 - what a forward pass does
                await self.emit(self.picture(value))
