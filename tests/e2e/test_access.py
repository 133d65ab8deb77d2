"""A server that asks for a token, and the official clients, which can only be given an address."""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from reactor_sdk import Reactor

from tests.e2e.checks import run_checks
from tests.e2e.server import Server, serve

HERE = Path(__file__).parent
WAIT = 20.0


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    with serve(HERE / "bars", ["--token", "auto"]) as server:
        yield server


@pytest.mark.timeout(240)
def test_the_official_python_client_with_the_token_in_its_address(guarded: Server) -> None:
    assert "/t/" in guarded.url
    client: list[str | Path] = [sys.executable, HERE / "py_client.py", "--url", guarded.url, "--no-stepped"]
    checks = run_checks([*client, "--seconds", "2", "--min-fps", "10"], seconds=180, cwd=HERE)
    checks.assert_passed("upload_reaches_command", "request_clip", "download_clip", "second_session")
    token = guarded.url.rpartition("/t/")[2]
    assert guarded.log.count(token) == 1, "it is told once, in the address that the server prints"


async def test_one_who_may_watch_sees_the_picture_and_moves_nothing(guarded: Server) -> None:
    link = await asyncio.to_thread(view_link, guarded)
    owner, viewer = Reactor("bars", api_url=guarded.url, local=True), Reactor("bars", api_url=link, local=True)
    try:
        seen = asyncio.Event()
        loop = asyncio.get_running_loop()
        viewer.track("main_video").on_frame(lambda *_: loop.call_soon_threadsafe(seen.set))
        await asyncio.wait_for(owner.connect(), WAIT)
        await asyncio.wait_for(viewer.connect(), WAIT)
        await asyncio.wait_for(seen.wait(), WAIT)
        with pytest.raises(Exception, match="forbidden"):
            await asyncio.wait_for(viewer.send_command("set_prompt", {"prompt": "mine"}), WAIT)
        await asyncio.wait_for(viewer.disconnect(), WAIT)  # it asks for the end of the session, and is refused
        reply = await asyncio.wait_for(owner.send_command("set_prompt", {"prompt": "still here"}), WAIT)
        assert "still here" in str(reply)
    finally:
        await asyncio.wait_for(owner.disconnect(), WAIT)


def view_link(server: Server) -> str:
    """An address for somebody who may watch."""
    body = json.dumps({"role": "view", "ttl": 600}).encode()
    request = urllib.request.Request(server.url + "/tokens", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(json.load(answer)["url"]).rstrip("/")
