"""Cycles of churn: each is a session in which clients come, go and vanish, and its end, of one kind after the other."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import AsyncExitStack

from ..children import Child, child
from ..servers import Server, get, post
from ..viewer import session_over
from .deeds import Deeds

PEERS, GHOSTS = 3, 2
RENEWED_AFTER = 8
"""So many cycles the processes of the clients last: they may grow, too."""
ENDS = ("stopped", "orphaned", "owned", "stopped", "orphaned", "stopped", "silent")
"""How sessions end: by `/stop_session` with clients in them, some of whom have vanished; by a time with nobody in them;
by the client that had started it; by a time with nobody in them once the server has found out that those who had
vanished are gone."""
WANTED = (
    *("joins", "leaves", "stays", "vanished", "commands", "refused_commands", "nonsense"),
    *("sdk_joins", "sdk_leaves", "sdk_commands", "sdk_refused_commands", "uploads", "unwritten_uploads"),
    *("cameras", "reconnects", "clips", "sessions_stopped", "sessions_orphaned", "sessions_owned"),
)
"""What a soak is to do."""
OVER_SECONDS = 120.0
"""How long a session may take to end, on a machine that is busy: what is late is not what is looked for."""


class Churn:
    """Makes one server's clients come and go.

    Attributes:
        deeds: what was done so far.
    """

    def __init__(self, server: Server) -> None:
        self.deeds = Deeds()
        self._url = server.url
        self._ends = itertools.cycle(ENDS)
        self._processes = AsyncExitStack()
        self._peers: Child | None = None
        self._sdk: Child | None = None
        self._cycles = 0

    async def cycle(self) -> str:
        """One session, from its start until it is over; returns how it ended."""
        if self._cycles % RENEWED_AFTER == 0:
            await self.close()
        self._cycles += 1
        end = next(self._ends)
        try:
            await self._session(end)
        except (OSError, TimeoutError, ValueError) as error:
            self.deeds.fail("cycles", error)
            await self.close()
            async with self.deeds.deed("restarts"):
                await asyncio.to_thread(post, f"{self._url}/stop_session")
        await session_over(self._url, OVER_SECONDS)
        return end

    async def close(self) -> None:
        """End the clients' processes."""
        self._peers = self._sdk = None
        await self._processes.aclose()

    async def _session(self, end: str) -> None:
        peers, sdk = await self._clients()
        if end == "owned":
            self.deeds.add(await sdk.ask("own"))
            self.deeds.done["sessions_owned"] += 1
            return
        await asyncio.to_thread(post, f"{self._url}/start_session")
        session = str((await asyncio.to_thread(get, f"{self._url}/session"))["session_id"])
        work = [self._ask(sdk, f"visit {session}"), self._ask(peers, f"visit {PEERS}")]
        if end != "orphaned":
            work.append(self._vanish())
        await asyncio.gather(*work)
        if end == "stopped":
            self.deeds.add(await peers.ask(f"visit {PEERS}"))
            await asyncio.to_thread(post, f"{self._url}/stop_session")
        self.deeds.done[f"sessions_{end}"] += 1

    async def _ask(self, process: Child, line: str) -> None:
        self.deeds.add(await process.ask(line))

    async def _vanish(self) -> None:
        """Clients whose process is killed."""
        async with child("bench.soaking.peers", self._url) as ghosts:
            self.deeds.add(await ghosts.ask(f"stay {GHOSTS}"))
            await ghosts.kill()
        self.deeds.done["vanished"] += GHOSTS

    async def _clients(self) -> tuple[Child, Child]:
        if self._peers is None or self._sdk is None:
            self._peers = await self._begin("bench.soaking.peers")
            self._sdk = await self._begin("bench.soaking.sdk")
        return self._peers, self._sdk

    async def _begin(self, module: str) -> Child:
        return await self._processes.enter_async_context(child(module, self._url))


def missing(deeds: Deeds) -> list[str]:
    """What was never done, so that nothing is known of it."""
    return [name for name in WANTED if not deeds.done[name]]
