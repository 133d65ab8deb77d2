"""What `emit()` of a picture costs the model's thread: our engine in the bench's own process, with one client in it."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any

import numpy as np

from reactor_runtime import Output, ReactorModel, Video
from reactor_runtime.clock import SystemClock
from reactor_runtime.engine.execution import ThreadedExecution
from reactor_runtime.engine.runtime import Runtime
from reactor_runtime.transport.memory import MemoryTransport

from ..drawing import Bars
from ..held import Steps

WIDTH, HEIGHT = 1280, 720
FPS = 60
WARM_UP, EMITS = 30, 600
PATIENCE_SECONDS = 60.0
KEEP_BYTES = 1 << 24


class Picture(Output):
    main_video: Video


class Emitting(ReactorModel):
    """Notes how long each `emit()` of a picture holds the thread, in seconds: of its own time, and by the clock."""

    fps = FPS
    output: Picture

    def load(self, config: Any) -> None:
        self.costs: list[tuple[float, float]] = []
        self.done: Future[None] = Future()

    async def run(self) -> None:
        await self.connected.wait()
        bars = Bars(WIDTH, HEIGHT, natural=True)
        try:
            for number in range(WARM_UP + EMITS):
                emit = Steps(self.emit(Picture(main_video=bars.draw(number))))
                await emit
                self.costs.append((emit.cpu_seconds, emit.seconds))
            self.done.set_result(None)
        except Exception as error:
            self.done.set_exception(error)
        await asyncio.Event().wait()


async def emit() -> dict[str, float]:
    """Percentiles, without those of the warm-up."""
    clock = SystemClock()
    runtime = Runtime(Emitting, name="bench", clock=clock, execution=ThreadedExecution(clock))
    transport = MemoryTransport(runtime, clock, keep_bytes=KEEP_BYTES)
    runtime.add_transport(transport)
    runtime.start()
    await runtime.loaded()
    try:
        await runtime.start_session()
        transport.connect()
        model: Any = runtime.instance
        await asyncio.wait_for(asyncio.wrap_future(model.done), PATIENCE_SECONDS)
        costs = np.array(model.costs[WARM_UP:]) * 1000
    finally:
        await runtime.close("measured")
    return {
        f"{name}{of}_ms": float(np.percentile(costs[:, column], percentile))
        for column, name in enumerate(("emit_thread", "emit_held"))
        for of, percentile in (("", 50), ("_p95", 95))
    }
