"""From nothing to the first picture: connects one after the other, each a session of its own."""

from __future__ import annotations

import statistics

from ..servers import Server
from ..viewer import viewer


async def connects(server: Server, count: int = 5) -> dict[str, float]:
    """The first is of a server that nobody has connected to yet."""
    ready, first = [], []
    for _ in range(count):
        async with viewer(server.url) as connected:
            ready.append(connected.ready_ms)
            first.append(connected.first_frame_ms)
    return {
        "connect_to_ready_ms": statistics.median(ready),
        "connect_to_first_frame_ms": statistics.median(first),
        "connect_to_first_frame_worst_ms": max(first),
        "first_connect_to_first_frame_ms": first[0],
    }
