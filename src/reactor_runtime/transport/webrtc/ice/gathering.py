"""Collecting this side's candidates for an answer."""

from __future__ import annotations

import asyncio

from ..offers import Candidate
from .settings import IceSettings

_QUIET = 0.015
"""Host candidates come all at once, within a millisecond; so much silence after them means that these are all."""
_HOSTS_DEADLINE = 0.3
_SERVERS_DEADLINE = 0.5
"""An unreachable STUN server must not keep the client waiting: the host candidates go without it."""
_RELAY_DEADLINE = 4.0
"""Without a relayed candidate there is nothing to answer with, so that a TURN server far away is waited for."""


class Gathering:
    """The candidates of one connection, as they are found."""

    def __init__(self) -> None:
        self._found: list[Candidate] = []
        self._complete = False
        self._changed = asyncio.Event()

    def add(self, candidate: Candidate) -> None:
        """One was found."""
        if candidate.candidate:
            self._found.append(candidate)
            self._changed.set()

    def complete(self) -> None:
        """No more will come."""
        self._complete = True
        self._changed.set()

    async def collect(self, ice: IceSettings) -> list[Candidate]:
        """The candidates to answer with: all, or those found within half a second; where they are relayed alone, half
        a second after the first one."""
        if ice.relay_only:
            try:
                async with asyncio.timeout(_RELAY_DEADLINE):
                    await self._first()
            except TimeoutError:
                return []
        patient = bool(ice.servers) or ice.tcp
        try:
            async with asyncio.timeout(_SERVERS_DEADLINE if patient else _HOSTS_DEADLINE):
                await self._wait(None if patient else _QUIET)
        except TimeoutError:
            pass  # what there is will do
        return list(self._found)

    async def _first(self) -> None:
        while not (self._found or self._complete):
            self._changed.clear()
            await self._changed.wait()

    async def _wait(self, quiet: float | None) -> None:
        while not self._complete:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), quiet if self._found else None)
            except TimeoutError:
                return
