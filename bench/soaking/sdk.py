"""The official Python client, which does all it can do; in a process of its own.

Reads lines on stdin and answers each with a JSON object of deeds on stdout:

    visit ID    join the session ID, do it all, reconnect, and leave
    own         start a session, look at it, and end it by leaving
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from reactor_sdk import Reactor, ReactorError

from ..children import answer_lines
from ..servers import post
from .deeds import Deeds

NAME = "soaked"
SMALL, LARGE = 10_000, 3_000_000
"""Bytes of an upload: what the server has in memory, and what it puts on the disk."""
PUSHED = 20
CLIP_SECONDS = 0.5


@asynccontextmanager
async def connected(url: str, deeds: Deeds, session: str | None) -> AsyncIterator[Reactor | None]:
    """A client that sees pictures, for the length of the block; None where that failed."""
    reactor = Reactor(NAME, api_url=url, local=True)
    loop, first = asyncio.get_running_loop(), asyncio.Event()
    try:
        seen = False
        async with deeds.deed("sdk_joins"):
            reactor.track("main_video").on_frame(lambda *frame: loop.call_soon_threadsafe(first.set))
            await reactor.connect(session_id=session)
            await first.wait()
            seen = True
        yield reactor if seen else None
        async with deeds.deed("sdk_leaves"):
            await reactor.disconnect()
    finally:
        await asyncio.to_thread(reactor.close)


async def visit(url: str, session: str) -> dict[str, Any]:
    deeds = Deeds()
    async with connected(url, deeds, session) as reactor:
        if reactor is not None:
            await talk(reactor, deeds)
            await upload(reactor, url, session, deeds)
            await show(reactor, deeds)
            async with deeds.deed("reconnects"):
                await reactor.reconnect()
                await reactor.send_command("set_mark", {"mark": 4})
            async with deeds.deed("clips"):
                clip = await reactor.request_clip(CLIP_SECONDS)
                await reactor.download(clip)
    return deeds.told()


async def talk(reactor: Reactor, deeds: Deeds) -> None:
    """Commands, and some that are refused."""
    async with deeds.deed("sdk_commands"):
        for mark in range(20):
            await reactor.send_command("set_mark", {"mark": mark})
    for name, data in (("set_mark", {"mark": 5000}), ("nothing", {}), ("fail", {}), ("crash", {})):
        async with deeds.deed("sdk_refused_commands"):
            try:
                await reactor.send_command(name, data)
            except ReactorError:
                continue
            raise ValueError(f"{name} was not refused")


async def upload(reactor: Reactor, url: str, session: str, deeds: Deeds) -> None:
    """A file that a command takes, one that none does, and some that are declared and never written."""
    async with deeds.deed("uploads"):
        await reactor.send_command("store", {"file": await reactor.upload_file(bytes(SMALL), name="small.bin")})
        await reactor.upload_file(bytes(LARGE), name="large.bin")
    async with deeds.deed("unwritten_uploads"):
        for number in range(3):
            declared = {"name": f"{number}.bin", "size": LARGE, "mime_type": "application/octet-stream"}
            await asyncio.to_thread(post, f"{url}/sessions/{session}/uploads", declared)


async def show(reactor: Reactor, deeds: Deeds) -> None:
    """A camera, for a moment; only one client at a time may."""
    picture = np.zeros((120, 160, 3), np.uint8)
    async with deeds.deed("cameras"):
        camera = await reactor.track("camera").publish()
        try:
            for number in range(PUSHED):
                camera.push_frame(picture, user_data=b"%d" % number)
                await asyncio.sleep(1 / 30)
        finally:
            camera.unpublish()


async def own(url: str) -> dict[str, Any]:
    deeds = Deeds()
    async with connected(url, deeds, None) as reactor:
        if reactor is not None:
            await talk(reactor, deeds)
    return deeds.told()


async def main(url: str) -> None:
    async def answer(order: list[str]) -> dict[str, Any]:
        return await (visit(url, order[1]) if order[0] == "visit" else own(url))

    await answer_lines(answer)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
