"""The client that every server is measured with: the official Python SDK, which looks and sends marks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from reactor_sdk import Reactor

from .picture import Seen
from .servers import get

NAME = "bench-bars"
TRACK = "main_video"
CONNECT_SECONDS = 45.0
FRAME_SECONDS = 20.0
ANSWER_SECONDS = 15.0
OVER_SECONDS = 20.0


@dataclass(frozen=True)
class Viewer:
    """One connection; `first_frame_ms` is 0 for a model that shows nothing."""

    reactor: Reactor
    seen: Seen
    ready_ms: float
    first_frame_ms: float

    async def send_mark(self, number: int) -> float:
        """Send it, and wait for the answer: how long that took, in ms."""
        sent = time.perf_counter()
        await asyncio.wait_for(self.reactor.send_command("set_mark", {"mark": number}), ANSWER_SECONDS)
        return (time.perf_counter() - sent) * 1000


@asynccontextmanager
async def viewer(url: str, *, pictures: bool = True, width: int | None = None) -> AsyncIterator[Viewer]:
    """Connect and wait for the first picture, if there are to be `pictures`; at the end, disconnect and wait until the
    server's session is over. `width` is what the pictures are drawn with, where they may arrive smaller."""
    reactor = Reactor(NAME, api_url=url, local=True)
    seen = Seen(asyncio.get_running_loop(), width=width)
    try:
        reactor.track(TRACK).on_frame(seen.frame)
        started = time.perf_counter()
        await asyncio.wait_for(reactor.connect(), CONNECT_SECONDS)
        ready = time.perf_counter()
        if pictures:
            await asyncio.wait_for(seen.first.wait(), FRAME_SECONDS)
        first = seen.arrived[0] if pictures else started
        yield Viewer(reactor, seen, (ready - started) * 1000, (first - started) * 1000)
        await asyncio.wait_for(reactor.disconnect(), CONNECT_SECONDS)
    finally:
        reactor.close()
    await session_over(url)


async def session_over(url: str, seconds: float = OVER_SECONDS) -> None:
    """Wait until the server is ready for a new session.

    Raises:
        TimeoutError: it is not, after `seconds`.
    """
    deadline = time.monotonic() + seconds
    while (state := str((await asyncio.to_thread(get, f"{url}/session"))["state"]).lower()) != "ready":
        if time.monotonic() > deadline:
            raise TimeoutError(f"the server's session is {state!r} {seconds:g} s after the client left")
        await asyncio.sleep(0.02)
