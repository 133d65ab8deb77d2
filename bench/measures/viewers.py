"""What each viewer beside the first costs the server: of the CPU, and in threads."""

from __future__ import annotations

import asyncio

from ..children import child
from ..servers import Server, post

COUNTS = (1, 2, 4, 8)
SETTLE_SECONDS = 3.0


async def viewers(server: Server, seconds: float = 6.0) -> dict[str, float]:
    """The same session with ever more viewers. The client's processes take part of the machine: what the slowest viewer
    got tells whether there was enough of it."""
    used: dict[int, float] = {}
    rates: dict[int, float] = {}
    threads: dict[int, tuple[int, int]] = {}
    await asyncio.to_thread(post, f"{server.url}/start_session")
    async with child("bench.crowd", server.url) as crowd:
        for count in COUNTS:
            await crowd.ask(f"grow {count}")
            await asyncio.sleep(SETTLE_SECONDS)
            before, cpu = await crowd.ask("count"), server.cpu_seconds()
            await asyncio.sleep(seconds)
            after, cpu = await crowd.ask("count"), server.cpu_seconds() - cpu
            took = after["at"] - before["at"]
            used[count] = cpu * 100 / took
            rates[count] = min(b - a for a, b in zip(before["decoded"], after["decoded"], strict=True)) / took
            threads[count] = server.threads(), server.threads_of_python()
    return figures(used, threads) | {"fps_least": rates[COUNTS[-1]]}


def figures(used: dict[int, float], threads: dict[int, tuple[int, int]]) -> dict[str, float]:
    """From the CPU used and the threads (all, and Python's) by number of viewers; the least number is what the others
    are compared with."""
    first, *more = sorted(used)
    last = more[-1]
    found = {f"cpu_percent_{count}": used[count] for count in sorted(used)}
    found |= {f"cpu_percent_each_{first}_to_{count}": (used[count] - used[first]) / (count - first) for count in more}
    all_threads, of_python = ((threads[last][kind] - threads[first][kind]) / (last - first) for kind in (0, 1))
    return found | {
        "cpu_percent_each": found[f"cpu_percent_each_{first}_to_{last}"],
        "threads_each": all_threads,
        "python_threads_each": of_python,
        f"threads_{last}": threads[last][0],
    }
