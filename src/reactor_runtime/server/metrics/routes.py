"""`GET /metrics`."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...engine.lag import Lag
from ...engine.runtime import Runtime
from ...transport.webrtc import Peers
from .totals import Totals

_FRESH = 1.0
"""What the media engine said is good for so many seconds, whoever asks."""
_PATIENCE = 150.0
"""For so many seconds after the last time it was asked, how late the loops are is looked at."""


class MetricsRoutes:
    """Tells what is measured.

    Args:
        runtime, peers: what is measured.
        listeners: asked how many listen to `/events`.
    """

    def __init__(self, runtime: Runtime, peers: Peers, listeners: Callable[[], int]) -> None:
        self._runtime = runtime
        self._peers = peers
        self._listeners = listeners
        self._totals = Totals()
        self._asked = -math.inf
        self._asking = asyncio.Lock()
        self._lag: Lag | None = None

    def routes(self) -> list[Route]:
        """The routes."""
        return [Route("/metrics", self._metrics, methods=["GET"])]

    async def _metrics(self, request: Request) -> Response:
        from .reading import read  # here: a start has no use for it
        from .rendering import render

        lag = self._watched()
        async with self._asking:
            await self._look()
        samples = read(self._runtime, self._peers, self._totals, lag, self._listeners())
        # On a thread: the library is loaded with the first, and clients do not wait for text to be made.
        body, content_type = await asyncio.to_thread(render, samples, request.headers.get("accept", ""))
        return Response(body, headers={"Content-Type": content_type, "Cache-Control": "no-store"})

    async def _look(self) -> None:
        """Ask the media engine, where it was not just asked."""
        now = self._runtime.clock.now()
        if now - self._asked >= _FRESH:
            self._asked = now
            self._totals.add(await self._peers.traffic(self._runtime.limits.scrape_wait))

    def _watched(self) -> Lag:
        if self._lag is None:
            loop, runtime = asyncio.get_running_loop(), self._runtime
            self._lag = Lag(loop, runtime.clock, runtime.stage.on_model_loop, _PATIENCE)
        self._lag.want()
        return self._lag
