"""A model that blocks its loop, with real threads and peers: commands, late joiners, returning clients, SIGTERM."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.e2e.raw_client import RawClient
from tests.e2e.server import Server, serve
from tests.transport.support import Viewer

MODEL = Path(__file__).parent / "steps"


@pytest_asyncio.fixture
async def clients() -> AsyncIterator[list[RawClient]]:
    """Three clients that have not connected yet."""
    with serve(MODEL) as server:
        viewer = await Viewer.start()
        made = [RawClient(server, viewer, number) for number in range(3)]
        try:
            yield made
        finally:
            for client in made:
                await client.close()
            await viewer.stop()


async def test_each_command_is_applied_at_the_next_step(clients):
    client = clients[0]
    await client.connect()
    await client.command("block", seconds=0.2)
    await client.model_message("step")
    for value in (40, 80, 120, 160):
        before = client.model_messages("step")[-1]["number"]
        assert (await client.command("set_value", value=value))["ok"]
        applied = await client.model_message("step", value=value)
        assert applied["number"] - before <= 2  # the one under way when it was sent, and the next


async def test_a_second_client_sees_the_picture_at_once(clients):
    one, two, _ = clients
    await one.connect()
    one.text({"type": "notification", "event": "resume_track", "data": {"name": "main_video"}}, label="control")
    await one.command("draw", value=200)  # the only frame there will ever be
    await one.frame(200)
    await two.connect()
    await two.watch()
    await two.frame(200)


async def test_a_client_that_leaves_and_returns_within_one_step_finds_fresh_state(clients):
    one, two, _ = clients
    await one.connect()
    await one.command("set_value", value=99)
    await one.command("block", seconds=3)
    await one.model_message("step", value=99)
    one.leave()  # within that step
    await two.connect()
    two.text({"scope": "runtime", "data": {"type": "ping", "data": {}}})  # it speaks JSON: what is held for it may go
    step = await two.model_message("step")
    assert step == {"number": step["number"], "value": 2, "visit": 2}
    assert all(message["visit"] == 2 for message in two.model_messages("step"))


async def test_sigterm_tells_the_clients_and_exits_0():
    viewer = await Viewer.start()
    try:
        with serve(MODEL) as server:
            client = RawClient(server, viewer, 0)
            await client.connect()
            await client.command("block", seconds=0.2)
            assert server.stop() == 0
            assert "shutting down" in (await client.runtime_message("sessionEnded"))["reason"]
            await viewer.wait("close", 0, label="data")
            await client.close()
    finally:
        await viewer.stop()


async def test_the_page_of_a_server_is_served_with_it(bars: Server):
    client = RawClient(bars, None, 0)
    try:
        page = await client.http.get("/")
        assert page.status_code == 200 and "text/html" in page.headers["content-type"]
        assert (await client.http.get("/schema")).json()["info"]["title"] == "wire-bars"
        assert (await client.http.get("/health")).json()["status"] == "healthy"
    finally:
        await client.close()
