"""A link that loses nine tenths of its bandwidth for a while: how long the picture halts, and how late it is after."""

from __future__ import annotations

import asyncio
import time

import numpy as np

from ..children import child
from ..servers import Server
from ..smoothness import halts_between, longest_gap, smooth_after
from ..viewer import viewer

WIDE, NARROW = 5_000_000, 500_000
"""Bits a second."""
BEFORE_SECONDS, NARROW_SECONDS, AFTER_SECONDS = 10.0, 15.0, 15.0
LOOK_SECONDS = 5.0
"""The end of each phase, in which the sender has found what there is room for."""


async def bandwidth(server: Server) -> dict[str, float]:
    """One client behind `bench.relay`, from wide to narrow and back."""
    async with child("bench.relay", server.url, str(WIDE)) as relay:
        url = (await relay.answer())["url"]
        async with viewer(url, width=server.case.width) as connected:
            connected.seen.forget()

            async def phase(seconds: float) -> float:
                """Returns what passed in its last `LOOK_SECONDS`, in kbit/s."""
                await asyncio.sleep(seconds - LOOK_SECONDS)
                before = await relay.ask("count")
                await asyncio.sleep(LOOK_SECONDS)
                after = await relay.ask("count")
                return float((after["passed_bytes"] - before["passed_bytes"]) / (after["at"] - before["at"]) / 125)

            rate_before = await phase(BEFORE_SECONDS)
            down = (await relay.ask(f"rate {NARROW}"))["at"]
            rate_narrow = await phase(NARROW_SECONDS)
            dropped = (await relay.ask("count"))["dropped"]
            up = (await relay.ask(f"rate {WIDE}"))["at"]
            rate_after = await phase(AFTER_SECONDS)
            end = time.perf_counter()
            arrived, _, latencies = connected.seen.so_far()
            least_height = connected.seen.least_height

    def latency(since: float, until: float) -> float:
        between = [late for at, late in zip(arrived, latencies, strict=False) if since < at <= until]
        return float(np.median(between)) if between else float("nan")

    before, after = latency(down - LOOK_SECONDS, down), latency(end - LOOK_SECONDS, end)
    return {
        "longest_gap_ms": longest_gap(arrived, down, up) * 1000,
        "smooth_after_seconds": smooth_after(arrived, down, up),
        "longest_gap_after_ms": longest_gap(arrived, up, end) * 1000,
        "latency_before_ms": before,
        "latency_narrow_ms": latency(down, up),
        "latency_narrow_end_ms": latency(up - LOOK_SECONDS, up),
        "latency_after_ms": after,
        # What it may be after: a fifth more than before, and 5 ms.
        "latency_after_excess_ms": after - (1.2 * before + 5),
        "fps_narrow_end": sum(up - LOOK_SECONDS < at <= up for at in arrived) / LOOK_SECONDS,
        "fps_after": sum(end - LOOK_SECONDS < at <= end for at in arrived) / LOOK_SECONDS,
        "halts_narrow_end": len(halts_between(arrived, up - LOOK_SECONDS, up)),
        "kbps_before": rate_before,
        "kbps_narrow": rate_narrow,
        "kbps_after": rate_after,
        "packets_dropped": dropped,
        "least_height": least_height,
    }
