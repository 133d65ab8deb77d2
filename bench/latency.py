"""How long a frame, a command and a connect take, measured through the official Python client on this machine.

Starts the server on `bench/model`, whose picture carries its own time, and prints one JSON object. Nothing is asserted:
the figures are of this machine, with server and client sharing its cores.

    make bench                              # or: python -m bench
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
import time
from importlib.metadata import version
from typing import Any

import numpy as np

from .servers import Case, ours, serve
from .viewer import viewer

WARM_UP_SECONDS = 2.0
MARK_SECONDS = 5.0


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
        arrived, numbers, latencies = seen.so_far()
        visible: list[float] = []
        answered: list[float] = []
        phase = random.Random(1)
        for number in range(1, commands + 1):
            await asyncio.sleep(phase.uniform(0.2, 0.5))
            sent = time.perf_counter()
            answered.append(await connected.send_mark(number))
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
    with serve(ours(), Case(step_ms=options.step_ms)) as server:
        try:
            found = asyncio.run(measure(server.url, options))
        except Exception:
            print(server.log, file=sys.stderr)
            raise
    print(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
