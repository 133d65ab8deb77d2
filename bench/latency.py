"""How long a frame, a command and a connect take, measured through the official Python client on this machine.

Starts the server on `bench/model`, whose picture carries its own time, and prints one JSON object. Nothing is asserted:
the figures are of this machine, with server and client sharing its cores.

    make bench                              # or: python -m bench.latency
    make bench ARGS="--seconds 20 --step-ms 25"
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import sys
import threading
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from reactor_sdk import Reactor

from tests.e2e.server import serve

MODEL = Path(__file__).parent / "model"
NAME = "bench-bars"
TRACK = "main_video"
BLOCK = 16
CONNECT_SECONDS = 45.0
FRAME_SECONDS = 20.0
WARM_UP_SECONDS = 2.0
MARK_SECONDS = 5.0


def read_row(rgb: NDArray[np.uint8], row: int) -> int:
    """The 32-bit number drawn as 32 blocks in block row `row`."""
    y = row * BLOCK + BLOCK // 2
    xs = np.arange(32) * BLOCK + BLOCK // 2
    light = rgb[y - 2 : y + 3][:, xs].mean(axis=(0, 2)) > 127
    return int("".join("1" if bit else "0" for bit in light), 2)


@dataclass
class Seen:
    """The decoded frames of one connection; written on the client's media thread."""

    loop: asyncio.AbstractEventLoop
    arrived: list[float] = field(default_factory=list)
    """When each frame was decoded, in seconds of `time.perf_counter()`."""
    numbers: list[int] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    """How long ago each frame was made, in ms."""
    first: asyncio.Event = field(default_factory=asyncio.Event)
    marks: dict[int, float] = field(default_factory=dict)
    marked: asyncio.Event = field(default_factory=asyncio.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def frame(self, rgb: NDArray[np.uint8], frame_id: int, timestamp_us: int, user_data: bytes) -> None:
        now, wall = time.perf_counter(), int(time.time() * 1000)
        mark = read_row(rgb, 2)
        with self.lock:
            self.arrived.append(now)
            self.numbers.append(read_row(rgb, 0))
            self.latencies.append(float((wall - read_row(rgb, 1)) & 0xFFFFFFFF))
            new = mark not in self.marks
            if new:
                self.marks[mark] = now
        if len(self.arrived) == 1:
            self.loop.call_soon_threadsafe(self.first.set)
        if new:
            self.loop.call_soon_threadsafe(self.marked.set)

    def forget(self) -> None:
        """Begin the statistics anew."""
        with self.lock:
            self.arrived.clear()
            self.numbers.clear()
            self.latencies.clear()

    async def mark(self, number: int, seconds: float) -> float | None:
        """When the first picture with mark `number` was decoded; None if none was within `seconds`."""
        deadline = time.monotonic() + seconds
        while number not in self.marks:
            self.marked.clear()
            if number in self.marks:
                break
            try:
                await asyncio.wait_for(self.marked.wait(), deadline - time.monotonic())
            except TimeoutError:
                return None
        return self.marks[number]


@dataclass(frozen=True)
class Viewer:
    """One connection that shows pictures."""

    reactor: Reactor
    seen: Seen
    ready_ms: float
    first_frame_ms: float


@asynccontextmanager
async def viewer(url: str) -> AsyncIterator[Viewer]:
    """Connect and wait for the first picture; at the end, disconnect and wait until the server's session is over."""
    reactor = Reactor(NAME, api_url=url, local=True)
    seen = Seen(asyncio.get_running_loop())
    try:
        reactor.track(TRACK).on_frame(seen.frame)
        started = time.perf_counter()
        await asyncio.wait_for(reactor.connect(), CONNECT_SECONDS)
        ready = time.perf_counter()
        await asyncio.wait_for(seen.first.wait(), FRAME_SECONDS)
        yield Viewer(reactor, seen, (ready - started) * 1000, (seen.arrived[0] - started) * 1000)
        await asyncio.wait_for(reactor.disconnect(), CONNECT_SECONDS)
    finally:
        reactor.close()
    await session_over(url)


async def session_over(url: str, seconds: float = 20.0) -> None:
    """Wait until the server is ready for a new session.

    Raises:
        TimeoutError: it is not, after `seconds`.
    """
    deadline = time.monotonic() + seconds
    while (state := str((await asyncio.to_thread(get, f"{url}/session"))["state"]).lower()) != "ready":
        if time.monotonic() > deadline:
            raise TimeoutError(f"the server's session is {state!r} {seconds:g} s after the client left")
        await asyncio.sleep(0.02)


def get(url: str) -> dict[str, Any]:
    """The JSON object at `url`."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        document: dict[str, Any] = json.load(answer)
    return document


def figures(values: list[float], *percentiles: int) -> dict[str, float | int]:
    """The percentiles of `values`, and how many there are."""
    found: dict[str, float | int] = {}
    if values:
        found |= {f"p{p}": round(float(np.percentile(values, p)), 1) for p in percentiles}
    return found | {"n": len(values)}


async def measure_connects(url: str, count: int) -> dict[str, Any]:
    """`count` times from nothing to the first picture, each a session of its own."""
    ready, first = [], []
    for _ in range(count):
        async with viewer(url) as connected:
            ready.append(connected.ready_ms)
            first.append(connected.first_frame_ms)
    return {"connect_to_ready_ms": figures(ready, 50, 100), "connect_to_first_frame_ms": figures(first, 50, 100)}


async def measure_stream(url: str, seconds: float, commands: int) -> dict[str, Any]:
    """One connection: its frames for `seconds`, then how soon each of `commands` commands is seen in the picture."""
    async with viewer(url) as connected:
        seen = connected.seen
        await asyncio.sleep(WARM_UP_SECONDS)
        seen.forget()
        await asyncio.sleep(seconds)
        with seen.lock:
            arrived, numbers, latencies = list(seen.arrived), list(seen.numbers), list(seen.latencies)
        visible: list[float] = []
        answered: list[float] = []
        phase = random.Random(1)
        for number in range(1, commands + 1):
            await asyncio.sleep(phase.uniform(0.2, 0.5))
            sent = time.perf_counter()
            await connected.reactor.send_command("mark", {"number": number})
            answered.append((time.perf_counter() - sent) * 1000)
            shown = await seen.mark(number, MARK_SECONDS)
            if shown is not None:
                visible.append((shown - sent) * 1000)
    gaps = [float(gap) * 1000 for gap in np.diff(arrived)]
    span = arrived[-1] - arrived[0] if len(arrived) > 1 else 0.0
    made = max(numbers) - min(numbers) + 1 if numbers else 0
    return {
        "fps": round((len(arrived) - 1) / span, 2) if span else 0.0,
        "delivered_percent": round(100 * len(set(numbers)) / made, 1) if made else 0.0,
        "generate_to_decoded_ms": figures(latencies, 50, 95),
        "frame_gap_ms": figures(gaps, 50, 99),
        "command_answer_ms": figures(answered, 50, 95),
        "command_to_visible_ms": figures(visible, 50, 95),
        "commands_not_seen": commands - len(visible),
    }


async def measure(url: str, options: argparse.Namespace) -> dict[str, Any]:
    """All figures."""
    connects = await measure_connects(url, options.connects)
    return {
        "bench": "latency",
        "picture": "640x360@30",
        "step_ms": options.step_ms,
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "openreactor": version("openreactor"),
        "reactor_sdk": version("reactor-sdk"),
        **connects,
        **await measure_stream(url, options.seconds, options.commands),
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.latency", description="Latency of this machine, as JSON.")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to look at frames (default 10)")
    parser.add_argument("--connects", type=int, default=5, help="how many connects (default 5)")
    parser.add_argument("--commands", type=int, default=20, help="how many commands (default 20)")
    parser.add_argument("--step-ms", type=float, default=0.0, help="how long the model works on a frame (default 0)")
    options = parser.parse_args()
    with serve(MODEL, [f"--model.step_ms={options.step_ms}"]) as server:
        try:
            found = asyncio.run(measure(server.url, options))
        except Exception:
            print(server.log, file=sys.stderr)
            raise
    print(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
