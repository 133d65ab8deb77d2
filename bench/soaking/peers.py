"""Bare peers, which join, talk good sense and nonsense, and leave; in a process of its own.

Reads lines on stdin and answers each with a JSON object of deeds on stdout:

    visit N     N peers join at once, talk, and leave
    stay N      N peers join, and stay
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from typing import Any

import reactor_webrtc as rw

from ..children import answer_lines
from ..crowd import PING_SECONDS, Peer
from .deeds import Deeds

NONSENSE = (b"", b"\x00\xff\xfe", b"{", b'{"scope": "application"}', b'{"data": []}', b"[" * 2000)


class Talker(Peer):
    """One peer, which waits for answers by the id of their request."""

    def __init__(self, factory: rw.PeerConnectionFactory, url: str) -> None:
        super().__init__(factory, url)
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._requests = itertools.count(1)

    async def connect(self) -> None:
        await super().connect()
        loop, answers = asyncio.get_running_loop(), self._answers

        def take(data: bytes, binary: bool) -> None:
            said = json.loads(data)
            if said["scope"] == "runtime" and said["data"]["type"] == "commandResponse":
                loop.call_soon_threadsafe(settle, said["data"]["data"])

        def settle(answer: dict[str, Any]) -> None:
            waiting = answers.pop(answer.get("request_id", ""), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(answer)

        self._data.on_message(take)

    async def command(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Send it, and wait for its answer."""
        request = f"r{next(self._requests)}"
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[request] = answer
        command = {"type": name, "data": arguments}
        self._say({"scope": "application", "request_id": request, "data": command}, self._data)
        return await answer

    async def refused(self, name: str, **arguments: Any) -> None:
        """Send one that is to be refused.

        Raises:
            ValueError: it was not.
        """
        if not (await self.command(name, **arguments)).get("error"):
            raise ValueError(f"{name} {arguments} was not refused")

    def babble(self) -> None:
        """Send what is no message."""
        for nonsense in NONSENSE:
            self._data.send(nonsense, False)

    def leave(self) -> None:
        """Close the connection."""
        self._observer.on_track = None
        self._answers.clear()
        self._tracks.clear()
        del self._data, self._control, self._connection


async def visit(factory: rw.PeerConnectionFactory, url: str, deeds: Deeds) -> None:
    """One peer from join to leave."""
    peer = Talker(factory, url)
    joined = False
    async with deeds.deed("joins"):
        await peer.connect()
        joined = True
    if joined:
        async with deeds.deed("commands"):
            for mark in range(20):
                await peer.command("set_mark", mark=mark)
            await peer.command("tell", mark=1)
        async with deeds.deed("refused_commands"):
            await peer.refused("set_mark", mark=-1)
            await peer.refused("set_mark", mark="red")
            await peer.refused("no_such_command")
            await peer.refused("fail")
            await peer.refused("crash")
            await peer.refused("store", file={"upload_id": "nope"})
        async with deeds.deed("nonsense"):
            peer.babble()
            await peer.command("set_mark", mark=3)
    async with deeds.deed("leaves"):
        peer.leave()


async def main(url: str) -> None:
    factory = rw.PeerConnectionFactoryBuilder().build()
    staying: list[Talker] = []

    async def keep_alive() -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            for peer in staying:
                peer.ping()

    async def answer(order: list[str]) -> dict[str, Any]:
        deeds, count = Deeds(), int(order[1])
        if order[0] == "visit":
            await asyncio.gather(*(visit(factory, url, deeds) for _ in range(count)))
            return deeds.told()
        for _ in range(count):
            async with deeds.deed("stays"):
                peer = Talker(factory, url)
                await peer.connect()
                staying.append(peer)
        return deeds.told()

    alive = asyncio.create_task(keep_alive())
    await answer_lines(answer)
    alive.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
