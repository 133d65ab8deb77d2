"""What the official Python client is told where something ends or cannot be had: the reason, as an error of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from reactor_sdk import Reactor, ReactorError

from tests.e2e.server import Server, serve

WAIT = 30.0
MODEL = """
import asyncio
from reactor_runtime import Output, ReactorModel, Video, event


class Picture(Output):
    main_video: Video


class Dark(ReactorModel):
    "Shows nothing, and fails when told to."
    broken = False

    @event(name="crash")
    def crash(self):
        self.broken = True

    async def run(self):
        while not self.broken:
            await asyncio.sleep(0.01)
        self.broken = False
        raise ValueError("wrong shape")
"""
MANIFEST = """
model: {name: dark}
runtime: {import: "dark:Dark", recording: {enabled: true}}
"""


@pytest.fixture
def dark(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "dark.py").write_text(MODEL)
    (tmp_path / "reactor.yaml").write_text(MANIFEST)
    with serve(tmp_path) as server:
        yield server


async def error(errors: list[ReactorError], code: str) -> ReactorError:
    """The error with this code, once it has come."""
    async with asyncio.timeout(WAIT):
        while not (found := [error for error in errors if error.code == code]):
            await asyncio.sleep(0.01)
    return found[0]


async def test_a_session_that_ends_tells_why(dark: Server) -> None:
    errors: list[ReactorError] = []
    async with Reactor("dark", api_url=dark.url, local=True) as reactor:
        reactor.on_error(errors.append)
        await reactor.connect()
        await reactor.send_command("crash", {})
        ended = await error(errors, "session_ended")
        assert "run() failed with ValueError" in str(ended)
        await error(errors, "DISCONNECTED")  # which the client finds out by itself
        with pytest.raises(ReactorError, match=r"the last one ended: the model's run\(\) failed with ValueError"):
            await reactor.reconnect()
    async with Reactor("dark", api_url=dark.url, local=True) as reactor:  # the next session is sound
        await reactor.connect()
        assert (await reactor.request_schema())["info"]["title"] == "dark"


async def test_a_clip_before_the_first_picture_says_so(dark: Server) -> None:
    async with Reactor("dark", api_url=dark.url, local=True) as reactor:
        await reactor.connect()
        for ask in (lambda: reactor.request_clip(2), reactor.request_recording):
            with pytest.raises(
                ReactorError, match="nothing has been recorded yet: the model has shown nothing"
            ) as told:
                await ask()
            assert told.value.code == "nothing_recorded"
