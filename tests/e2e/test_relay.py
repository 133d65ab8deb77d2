"""Media by a TURN server alone: coturn, with credentials made from the secret that it shares with the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from reactor_sdk import Reactor

from tests.e2e.raw_client import RawClient
from tests.e2e.server import Server, serve
from tests.e2e.turn import TurnServer, coturn
from tests.transport.support import DEADLINE, Viewer, until

BARS = Path(__file__).parent / "bars"
PORTS = (21_000, 21_009)


@pytest.fixture(scope="module")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TurnServer]:
    with coturn(tmp_path_factory.mktemp("coturn")) as server:
        yield server


@pytest.fixture(scope="module")
def relayed(turn: TurnServer) -> Iterator[Server]:
    """A server that can be reached by the TURN server alone, as its environment says."""
    variables = {
        "TURN_SERVERS": turn.url,
        "TURN_SECRET": turn.secret,
        "ICE_TRANSPORT_POLICY": "relay",
        "WEBRTC_PORT_RANGE": "{}:{}".format(*PORTS),
    }
    with serve(BARS, variables=variables) as server:
        yield server


@pytest_asyncio.fixture
async def viewer() -> AsyncIterator[Viewer]:
    viewer = await Viewer.start()
    yield viewer
    await viewer.stop()


def candidates(sdp: str) -> list[list[str]]:
    return [line.split(" ") for line in sdp.splitlines() if line.startswith("a=candidate:")]


async def told(server: Server) -> dict[str, str]:
    """The credentials that one client is told."""
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
        session = (await http.post("/start_session", json={})).raise_for_status().json()["session_id"]
        answer = await http.get(f"/sessions/{session}/transport/webrtc/ice_servers")
        assert answer.headers["cache-control"] == "no-store"
        (entry,) = answer.json()["ice_servers"]
        credentials: dict[str, str] = entry["credentials"]
        return credentials


async def test_pictures_and_commands_go_through_the_relay_alone(turn, relayed, viewer):
    client = RawClient(relayed, viewer, 0)
    try:
        answer = await client.connect(policy="relay")
        assert {words[7] for words in candidates(answer)} == {"relay"}
        assert {candidate.candidate.split(" ")[7] for candidate in viewer.candidates()} == {"relay"}
        await client.watch()
        await until(lambda: len(client.frames()) >= 30, viewer.changed, "thirty frames by the relay")
        assert (await client.command("set_prompt", prompt="relayed"))["ok"] is True
        viewer.do("pairs")
        pairs = (await viewer.wait("pairs"))["pairs"]
        assert [pair["local"] for pair in pairs if pair["nominated"]] == ["Relay"]
        assert sum(pair["received"] for pair in pairs if pair["local"] == "Relay") > 10_000
        users = turn.users()
        assert "server" in users and any(user.startswith("client-") for user in users)
    finally:
        client.leave()
        await client.close()


async def test_a_client_that_comes_back_at_once_is_relayed_too(turn, relayed, viewer):
    for number in range(4):
        client = RawClient(relayed, viewer, number)
        answer = await client.connect(policy="relay")
        assert candidates(answer)
        client.leave()
        await client.close()
    # What it says to a port whose last connection it still knows.
    assert "error 437" not in "".join(turn.log)


async def test_the_official_client_is_relayed_where_only_the_server_must_be(turn, relayed):
    shapes: list[tuple[int, ...]] = []
    seen = asyncio.Event()

    def on_frame(frame: Any) -> None:
        shapes.append(frame.shape)
        if len(shapes) >= 30:
            loop.call_soon_threadsafe(seen.set)

    loop = asyncio.get_running_loop()
    async with Reactor("wire-bars", api_url=relayed.url, local=True) as reactor:
        reactor.track("main_video").on_frame(on_frame)
        await reactor.connect()
        answer = await reactor.send_command("set_prompt", {"prompt": "relayed"})
        assert answer["data"]["prompt"] == "relayed"
        await asyncio.wait_for(seen.wait(), DEADLINE)
    async with asyncio.timeout(DEADLINE):
        while turn.carried("server") < 10_000:  # told when the connection has ended, a second or two later
            await asyncio.sleep(0.05)


async def test_each_client_is_told_credentials_of_its_own_that_expire(turn, relayed):
    first, second = await told(relayed), await told(relayed)
    assert first["username"] != second["username"] and first["password"] != second["password"]
    expiry = int(first["username"].partition(":")[0])
    assert 0 < expiry - time.time() <= 86_400
    assert turn.secret not in f"{first}{second}{relayed.log}"


async def test_a_wrong_secret_is_said_without_telling_it(turn, viewer):
    variables = {"TURN_SERVERS": turn.url, "TURN_SECRET": "not-that-secret"}
    with serve(BARS, ["--ice-policy", "relay"], variables=variables) as server:
        client = RawClient(server, viewer, 0)
        try:
            assert candidates(await client.offer()) == []
        finally:
            client.leave()
            await client.close()
    assert "no relayed address was found" in server.log
    assert "not-that-secret" not in server.log
