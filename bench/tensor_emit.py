"""What `emit()` of a torch tensor costs the model's thread, beside an author who makes a uint8 numpy array of it first.

Runs a model in this process, on the engine's own threads, with one client that sees its pictures. The model emits a
1280×720 batch of 8 in float16, channels first: as it is, and after `.clamp(0, 1).mul(255).byte()` and on to `.numpy()`,
by turns. The tensor is ready each time, so no figure holds a model's own work. Prints one JSON object; nothing is
asserted.

    make bench-tensors                      # or: python -m bench.tensor_emit
    make bench-tensors ARGS="--emits 100 --device cpu"
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from importlib.metadata import version
from typing import Any, TypeVar

import numpy as np

from reactor_runtime import Output, ReactorModel, Video
from reactor_runtime.clock import SystemClock
from reactor_runtime.engine.execution import ThreadedExecution
from reactor_runtime.engine.runtime import Runtime
from reactor_runtime.transport.memory import MemoryTransport

from .held import Steps

try:
    import torch
except ImportError:
    sys.exit("bench.tensor_emit wants torch; `sh scripts/setup.sh torch` gets a build for the CPU")

T = TypeVar("T")
HEIGHT, WIDTH, BATCH = 720, 1280, 8
WARM_UP = 5
PATIENCE = 300.0


class Frames(Output):
    main_video: Video


class Conversions(ThreadedExecution):
    """The engine's threads; `seconds` is how long the last conversion took its worker."""

    seconds = 0.0

    async def convert(self, work: Callable[[], T]) -> T:
        def timed() -> T:
            began = time.perf_counter()
            try:
                return work()
            finally:
                self.seconds = time.perf_counter() - began

        return await super().convert(timed)


class Emitting(ReactorModel):
    """Emits the same tensor in both ways by turns, and notes what each costs, in seconds."""

    fps = 240
    output: Frames

    def load(self, config: Any) -> None:
        self.emits = config["emits"]
        self.conversions = config["conversions"]
        random = torch.Generator().manual_seed(1)
        # A few values are out of range, as a decoder's are.
        images = torch.rand(BATCH, 3, HEIGHT, WIDTH, generator=random) * 1.02 - 0.01
        self.images = images.to(config["device"], torch.float16)
        self.found: dict[str, list[tuple[float, float, float]]] = {"tensor": [], "numpy_first": []}
        self.done: Future[None] = Future()

    async def run(self) -> None:
        await self.connected.wait()
        try:
            for _ in range(WARM_UP + self.emits):
                for way, costs in self.found.items():
                    costs.append(await self.cost(way))
            self.done.set_result(None)
        except Exception as error:
            self.done.set_exception(error)
        await asyncio.Event().wait()

    async def cost(self, way: str) -> tuple[float, float, float]:
        """How long the thread was held, how long it all took, and how long the conversion took its worker."""
        if self.images.is_cuda:
            torch.cuda.synchronize()
        began = time.perf_counter()
        images: Any = self.images
        if way == "numpy_first":
            images = images.clamp(0, 1).mul(255).byte().permute(0, 2, 3, 1).cpu().numpy()
        made = time.perf_counter()
        emit = Steps(self.emit(Frames(main_video=images)))
        await emit
        return made - began + emit.seconds, time.perf_counter() - began, self.conversions.seconds


async def measure(device: str, emits: int) -> dict[str, list[tuple[float, float, float]]]:
    """Run the model until it has measured."""
    clock = SystemClock()
    conversions = Conversions(clock)
    config = {"device": device, "emits": emits, "conversions": conversions}
    runtime = Runtime(Emitting, name="bench", config=config, clock=clock, execution=conversions)
    transport = MemoryTransport(runtime, clock, keep_bytes=HEIGHT * WIDTH * 4 * BATCH)
    runtime.add_transport(transport)
    runtime.start()
    await runtime.loaded()
    try:
        await runtime.start_session()
        transport.connect()
        model: Any = runtime.instance
        await asyncio.wait_for(asyncio.wrap_future(model.done), PATIENCE)
        return dict(model.found)
    finally:
        await runtime.close("measured")


def figures(costs: list[tuple[float, float, float]]) -> dict[str, dict[str, float]]:
    """Percentiles of each cost, in ms, without those of the warm-up."""
    table = np.array(costs[WARM_UP:]) * 1000
    return {
        name: {f"p{p}": round(float(np.percentile(table[:, column], p)), 3) for p in (50, 95)}
        for column, name in enumerate(("thread_held_ms", "emit_ms", "conversion_ms"))
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.tensor_emit", description="emit() of a tensor, as JSON.")
    parser.add_argument("--emits", type=int, default=40, help="how many batches each way (default 40)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="cuda or cpu")
    options = parser.parse_args()
    found = {way: figures(costs) for way, costs in asyncio.run(measure(options.device, options.emits)).items()}
    held = {way: figure["thread_held_ms"]["p50"] for way, figure in found.items()}
    on_cuda = options.device.startswith("cuda")
    report = {
        "bench": "tensor_emit",
        "batch": f"{BATCH} of {WIDTH}x{HEIGHT}, float16, (N, 3, H, W)",
        "device": torch.cuda.get_device_name(options.device) if on_cuda else options.device,
        "emits": options.emits,
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "openreactor": version("openreactor"),
        "torch": version("torch"),
        **found,
        "thread_held_ratio": round(held["tensor"] / held["numpy_first"], 4),
    }
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
