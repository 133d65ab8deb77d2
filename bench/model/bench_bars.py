"""Colour bars, 640×360 at 30 fps by default, that say when they were made and what command they have seen."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from bench.drawing import Bars
from reactor_runtime import Output, ReactorModel, Video, event


@dataclass
class Picture(Output):
    main_video: Video


class BenchBars(ReactorModel):
    fps = 30

    def load(self, config: Any) -> None:
        """`step_ms`: how long a step takes, in ms; `batch`: how many frames it makes; `fps`: how many are to be shown a
        second; `idle`: it makes none; `natural`: see Bars."""
        self.step = float(config.get("step_ms", 0)) / 1000
        self.batch = int(config.get("batch", 1))
        self.output_buffer.set_fps(float(config.get("fps", self.fps)))
        self.idle = bool(config.get("idle", False))
        size = int(config.get("width", 640)), int(config.get("height", 360))
        self.bars = Bars(*size, natural=bool(config.get("natural", False)))
        self.mark = 0

    @event(name="set_mark", description="Show this number from the next frame on.")
    async def set_mark(self, mark: int) -> None:
        self.mark = mark

    async def run(self) -> None:
        if self.idle:
            await asyncio.Event().wait()
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                bars, mark, batch = self.bars, self.mark, self.batch
                picture = bars.draw(mark) if batch == 1 else bars.draw_batch(mark, batch)
                if self.step:
                    time.sleep(self.step)  # noqa: ASYNC251 - a forward pass blocks the loop just so
                await self.emit(Picture(main_video=picture))
