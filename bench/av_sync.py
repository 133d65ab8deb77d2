"""How far picture and sound are apart at a client: a flash and a click every second, through the official client.

Starts the server on `bench/av_model`, plays both tracks and prints one JSON object. The offset is when the click is
handed over, to the sample, less when the flash is: above 0 the sound is late.

    python -m bench.av_sync --seconds 60
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from reactor_sdk import Reactor

from tests.e2e.server import serve

MODEL = Path(__file__).parent / "av_model"
NAME = "bench-flash-and-click"
WARM_UP = 3.0
LOUD = 6000
BRIGHT = 128


@dataclass
class Onsets:
    """When something began, in seconds of `time.perf_counter()`; written on the client's media threads."""

    times: list[float] = field(default_factory=list)
    on: bool = False

    def see(self, bgra: bytes, width: int, height: int, *_: Any) -> None:
        now = time.perf_counter()
        bright = bgra[4 * (width * (height // 2) + width // 2)] > BRIGHT
        if bright and not self.on:
            self.times.append(now)
        self.on = bright

    def hear(self, pcm: bytes, count: int, rate: int, channels: int) -> None:
        now = time.perf_counter()
        samples = np.frombuffer(pcm, np.int16)[::channels]
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > LOUD)
        if len(loud) and (not self.times or now - self.times[-1] > 0.5):
            self.times.append(now + loud[0] / rate)


def offsets(flashes: list[float], clicks: list[float]) -> list[tuple[float, float]]:
    """For each flash, when it was and how much later its click came, in seconds."""
    pairs = []
    for flash in flashes:
        nearest = min(clicks, key=lambda click: abs(click - flash), default=None)
        if nearest is not None and abs(nearest - flash) < 0.5:
            pairs.append((flash, nearest - flash))
    return pairs


async def measure(url: str, seconds: float) -> dict[str, Any]:
    reactor = Reactor(NAME, api_url=url, local=True)
    flashes, clicks = Onsets(), Onsets()
    try:
        reactor.track("picture").on_raw_frame(flashes.see)
        reactor.track("sound").on_raw_frame(clicks.hear)
        await asyncio.wait_for(reactor.connect(), 45)
        began = time.perf_counter()
        await asyncio.sleep(WARM_UP + seconds)
        await asyncio.wait_for(reactor.disconnect(), 45)
    finally:
        reactor.close()
    pairs = [(at - began, offset) for at, offset in offsets(flashes.times, clicks.times) if at > began + WARM_UP]
    apart = np.array([offset for _, offset in pairs]) * 1000
    late = len(pairs) // 2  # the client's jitter buffer has settled by then
    slope = float(np.polyfit([at for at, _ in pairs[late:]], apart[late:], 1)[0]) if late > 2 else float("nan")
    return {
        "bench": "av_sync",
        "seconds": seconds,
        "flashes": len([at for at in flashes.times if at > began + WARM_UP]),
        "clicks": len([at for at in clicks.times if at > began + WARM_UP]),
        "pairs": len(pairs),
        "offset_ms": {
            "p50": round(float(np.median(apart)), 1),
            "p95_of_absolute": round(float(np.percentile(np.abs(apart), 95)), 1),
            "min": round(float(apart.min()), 1),
            "max": round(float(apart.max()), 1),
        },
        "drift_of_second_half_ms_per_minute": round(slope * 60, 2),
        "offsets_ms": [round(float(offset), 1) for offset in apart],
    }


async def main(arguments: argparse.Namespace) -> None:
    with serve(MODEL) as server:
        print(json.dumps(await measure(server.url, arguments.seconds), indent=2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to measure, after a warm-up")
    asyncio.run(main(parser.parse_args()))
