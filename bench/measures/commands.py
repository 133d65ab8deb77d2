"""How many commands a second one client gets answered, and how long an answer takes at a given rate."""

from __future__ import annotations

import asyncio
import time

import numpy as np

from ..servers import Server
from ..viewer import Viewer, viewer

AT_ONCE = 200
WARM_UP_SECONDS = 1.0


async def throughput(server: Server, seconds: float = 3.0) -> dict[str, float]:
    """As many as are answered, with `AT_ONCE` under way. The client takes part of the machine, and may be what bounds
    it: what either process uses for a command is beside it, that which the pictures cost left out."""
    async with viewer(server.url) as connected:
        await asyncio.sleep(WARM_UP_SECONDS)
        began, used, own = time.perf_counter(), server.cpu_seconds(), time.process_time()
        await asyncio.sleep(seconds)
        took = time.perf_counter() - began
        pictures, watching = (server.cpu_seconds() - used) / took, (time.process_time() - own) / took
        own = time.process_time()
        began, used = time.perf_counter(), server.cpu_seconds()
        until = began + seconds

        async def one_after_the_other() -> int:
            count = 0
            while time.perf_counter() < until:
                await connected.send_mark(count)
                count += 1
            return count

        count = sum(await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE))))
        took = time.perf_counter() - began
        used, own = server.cpu_seconds() - used - pictures * took, time.process_time() - own - watching * took
    return {
        "commands_per_second": count / took,
        "server_us_per_command": used * 1e6 / count,
        "client_us_per_command": own * 1e6 / count,
    }


async def at_rate(server: Server, rate: int = 1000, seconds: float = 4.0) -> dict[str, float]:
    """Answers at `rate` commands a second while pictures stream. None waits for those before it; how late the client
    itself sends them is beside it, as a client that is at its limit takes long to see an answer, too."""
    async with viewer(server.url) as connected:
        await asyncio.sleep(WARM_UP_SECONDS)
        connected.seen.forget()
        answers, late = await _paced(connected, rate, int(rate * seconds))
        arrived, _, _ = connected.seen.so_far()
    return {
        "answer_at_rate_ms": float(np.percentile(answers, 50)),
        "answer_at_rate_p99_ms": float(np.percentile(answers, 99)),
        "sent_late_p99_ms": float(np.percentile(late, 99)),
        "fps_at_rate": (len(arrived) - 1) / (arrived[-1] - arrived[0]),
    }


async def _paced(connected: Viewer, rate: int, count: int) -> tuple[list[float], list[float]]:
    """How long each answer took, and how late its command was sent, in ms."""
    began = time.perf_counter()
    late: list[float] = []

    async def one(number: int) -> float:
        late.append((time.perf_counter() - began - number / rate) * 1000)
        return await connected.send_mark(number)

    sending: list[asyncio.Task[float]] = []
    for number in range(count):
        if (early := began + number / rate - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        sending.append(asyncio.create_task(one(number)))
    return await asyncio.gather(*sending), late
