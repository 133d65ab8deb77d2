"""640×360 colour bars at 30 fps. The picture says which frame it is, when it was made, and what command it has seen."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from reactor_runtime import Output, ReactorModel, Video, event

WIDTH, HEIGHT, BLOCK = 640, 360, 16
COLOURS = [
    (255, 255, 255),
    (255, 255, 0),
    (0, 255, 255),
    (0, 255, 0),
    (255, 0, 255),
    (255, 0, 0),
    (0, 0, 255),
    (0, 0, 0),
]


@dataclass
class Picture(Output):
    main_video: Video


class BenchBars(ReactorModel):
    """Rows of 32 blocks, white for 1, the highest bit first: frame number, Unix time in ms, number of the last mark."""

    fps = 30

    def load(self, config: Any) -> None:
        """`step_ms`: how long the model works on each frame, in ms."""
        self.step = float(config.get("step_ms", 0)) / 1000
        self.bars = np.array(COLOURS, np.uint8)[np.arange(WIDTH) * len(COLOURS) // WIDTH]
        self.frame = 0
        self.mark = 0

    @event(name="mark", description="Show this number from the next frame on.")
    async def set_mark(self, number: int) -> None:
        self.mark = number

    def draw(self) -> np.ndarray:
        picture = np.repeat(np.roll(self.bars, self.frame * 4, axis=0)[None], HEIGHT, axis=0)
        numbers = (self.frame, int(time.time() * 1000), self.mark)
        for row, number in enumerate(numbers):
            bits = [(number >> (31 - i)) & 1 for i in range(32)]
            blocks = np.repeat(np.array(bits, np.uint8) * 255, BLOCK)
            picture[row * BLOCK : (row + 1) * BLOCK, : blocks.size] = blocks[None, :, None]
        return picture

    async def run(self) -> None:
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                self.frame += 1
                picture = self.draw()
                if self.step:
                    time.sleep(self.step)  # noqa: ASYNC251 - a forward pass blocks the loop just so
                await self.emit(Picture(main_video=picture))
