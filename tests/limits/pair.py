"""Two clients of a real server in this process: one that goes beyond a limit, and one that is not to notice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import httpx

from reactor_runtime.limits import Limits
from tests.e2e.raw_client import RawClient
from tests.e2e.server import Server
from tests.server.house import House, serve
from tests.transport.support import Viewer


class Client(RawClient):
    """A raw client, whose HTTP goes to an application in this process."""

    def __init__(self, house: House, viewer: Viewer, number: int) -> None:
        super().__init__(cast(Server, SimpleNamespace(url="http://reactor.test:8123")), viewer, number)
        self.http: httpx.AsyncClient = house.http

    def request(self, number: int, **arguments: Any) -> str:
        """A `paint` command in JSON, with a request id of its own."""
        data = {"type": "paint", "data": arguments}
        return json.dumps({"scope": "application", "request_id": f"many{number}", "data": data})

    def answers(self) -> list[dict[str, Any]]:
        """The answers to those, in the order they came."""
        said = [message["data"] for message in self.messages() if message["scope"] == "runtime"]
        answers = [data["data"] for data in said if data["type"] == "commandResponse"]
        return [answer for answer in answers if answer["request_id"].startswith("many")]


async def _pause(response: httpx.Response) -> None:
    """Between two polls for an answer, as clients do: the server is in this process, and needs its turn."""
    if response.status_code == 202 and response.request.method == "GET":
        await asyncio.sleep(0.02)


class Pair:
    """Both, in one session.

    Attributes:
        offender, watcher: the clients.
    """

    def __init__(self, house: House, viewer: Viewer) -> None:
        self.house = house
        self.viewer = viewer
        self.offender, self.watcher = (Client(house, viewer, number) for number in (0, 1))
        self._level = 0
        house.http.event_hooks["response"].append(_pause)

    @property
    def counters(self) -> dict[str, int]:
        return self.house.runtime.counters.snapshot()

    async def connect(self) -> None:
        for client in (self.offender, self.watcher):
            await client.connect()
        self.watcher.text(
            {"type": "notification", "event": "resume_track", "data": {"name": "main_video"}}, label="control"
        )
        await self.watcher_is_served()

    async def watcher_is_served(self) -> None:
        """The other one is answered, and sees what it asked for."""
        self._level = self._level % 200 + 40
        assert (await self.watcher.command("paint", level=self._level))["ok"] is True
        await self.watcher.frame(self._level)


@asynccontextmanager
async def pair(limits: Limits) -> AsyncIterator[Pair]:
    """Both clients connected, under `limits`."""
    viewer = await Viewer.start("--chunking")  # or its own side would refuse to send what is too long
    try:
        async with serve(limits=limits) as house:
            both = Pair(house, viewer)
            await both.connect()
            yield both
    finally:
        await viewer.stop()
