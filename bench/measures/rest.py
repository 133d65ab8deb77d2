"""What a server costs that has nothing to do: until it is ready, in memory, and with a client that only looks."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import time

from ..servers import ROOT, Server, Side
from ..viewer import viewer

IMPORTS = 3
IMPORT_SECONDS = 30.0
SETTLE_SECONDS = 2.0
_TIMED = "import time; t = time.perf_counter(); import reactor_runtime.interface; print(time.perf_counter() - t)"


async def rest(server: Server, seconds: float = 8.0) -> dict[str, float]:
    """One client connected to a model that makes no frames."""
    rss = server.rss_mib()
    async with viewer(server.url, pictures=False) as connected:
        await asyncio.sleep(SETTLE_SECONDS)
        began, used = time.perf_counter(), server.cpu_seconds()
        await asyncio.sleep(seconds)
        took, used = time.perf_counter() - began, server.cpu_seconds() - used
        await connected.send_mark(1)  # it is there, not merely quiet
    return {
        "start_to_ready_ms": server.ready_seconds * 1000,
        "start_to_ready_cpu_ms": server.ready_cpu_seconds * 1000,
        "rss_ready_mib": rss,
        "rss_connected_mib": server.rss_mib(),
        "idle_cpu_percent": used * 100 / took,
        "import_interface_ms": statistics.median(import_ms(server.side) for _ in range(IMPORTS)),
    }


def import_ms(side: Side) -> float:
    """How long `import reactor_runtime.interface` takes in a new process, the interpreter's own start left out."""
    paths = "" if side.official else os.environ.get("PYTHONPATH", "")
    done = subprocess.run(
        [side.python, "-c", _TIMED],
        cwd=ROOT / "bench" / "measures",  # nothing there is named as what is imported
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=IMPORT_SECONDS,
        check=True,
    )
    return float(done.stdout) * 1000
