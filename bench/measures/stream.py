"""Frames and commands of one connection, and what the server's process used meanwhile."""

from __future__ import annotations

import asyncio
import random
import time

import numpy as np

from ..servers import Server
from ..viewer import viewer

WARM_UP_SECONDS = 2.0
MARK_SECONDS = 5.0


async def stream(server: Server, seconds: float = 8.0, pauses: tuple[float, float] = (0.1, 0.3)) -> dict[str, float]:
    """For `seconds`, a mark after the other: the next is sent when one has been seen and a random pause is over, of
    `pauses` from the shortest to the longest, in seconds. These are to be as far apart as a step's pictures last."""
    async with viewer(server.url) as connected:
        seen = connected.seen
        await asyncio.sleep(WARM_UP_SECONDS)
        seen.forget()
        faults = server.page_faults()
        began, used, own = time.perf_counter(), server.cpu_seconds(), time.process_time()
        visible: list[float] = []
        answered: list[float] = []
        phase, number, unseen = random.Random(1), 0, 0
        while time.perf_counter() - began < seconds:
            await asyncio.sleep(phase.uniform(*pauses))
            number += 1
            sent = time.perf_counter()
            answered.append(await connected.send_mark(number))
            shown = await seen.mark(number, MARK_SECONDS)
            if shown is None:
                unseen += 1
            else:
                visible.append((shown - sent) * 1000)
        took = time.perf_counter() - began
        used, own = server.cpu_seconds() - used, time.process_time() - own
        faults = server.page_faults() - faults
        arrived, numbers, latencies = seen.so_far()
        rss, threads = server.rss_mib(), server.threads()
    frames = len(arrived)
    gaps = np.diff(arrived) * 1000
    return {
        "command_to_visible_ms": _percentile(visible, 50),
        "command_to_visible_p95_ms": _percentile(visible, 95),
        "commands_not_seen": unseen,
        "command_answer_ms": _percentile(answered, 50),
        "generate_to_decoded_ms": _percentile(latencies, 50),
        "generate_to_decoded_p95_ms": _percentile(latencies, 95),
        "frame_gap_p99_ms": _percentile(list(gaps), 99),
        "fps": frames / took,
        "delivered_percent": 100 * len(set(numbers)) / (max(numbers) - min(numbers) + 1),
        "server_cpu_ms_per_frame": used * 1000 / frames,
        "server_cpu_percent": used * 100 / took,
        "server_page_faults_per_frame": faults / frames,
        "client_cpu_percent": own * 100 / took,
        "server_rss_mib": rss,
        "server_threads": threads,
    }


def _percentile(values: list[float], which: int) -> float:
    return float(np.percentile(values, which)) if values else float("nan")
