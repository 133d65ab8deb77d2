"""The model of `bench/model`, written for the official runtime 3.x. What it is told comes from the environment."""

import os
import time

from bench.drawing import Bars
from reactor_runtime.interface import InputField, InputState, Output, ReactorApp, Video


def setting(name: str, default: int) -> int:
    return int(float(os.environ.get(f"BENCH_{name}", default)))


class Picture(Output):
    main_video: Video


class Marks(InputState):
    mark: int = InputField(default=0)


class BenchBars(ReactorApp):
    state: Marks
    fps = setting("FPS", 30)
    if "BENCH_BUFFER_SIZE" in os.environ:
        buffer_size = setting("BUFFER_SIZE", 1)

    def load(self, config_path):
        self.step = setting("STEP_MS", 0) / 1000
        self.batch = setting("BATCH", 1)
        self.idle = setting("IDLE", 0)
        size = setting("WIDTH", 640), setting("HEIGHT", 360)
        self.bars = Bars(*size, natural=bool(setting("NATURAL", 0)))

    def generate(self, input):
        if self.idle:
            time.sleep(0.5)
            return None
        bars, mark, batch = self.bars, self.state.mark, self.batch
        picture = bars.draw(mark) if batch == 1 else bars.draw_batch(mark, batch)
        if self.step:
            time.sleep(self.step)
        return Picture(main_video=picture)
