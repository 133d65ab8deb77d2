"""`--udp-ports` and what goes with it: no UDP port beside those, in what clients are told and in what is bound."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.raw_client import RawClient
from tests.e2e.server import Server, serve
from tests.transport.support import Viewer, until

BARS = Path(__file__).parent / "bars"
FIRST, LAST = 21_020, 21_027
CLIENTS = 3
ELSEWHERE = "203.0.113.7"


@pytest.fixture(scope="module")
def fenced() -> Iterator[Server]:
    options = ["--udp-ports", f"{FIRST}-{LAST}", "--ice-tcp", "--advertise-ip", ELSEWHERE]
    with serve(BARS, options, variables={"WEBRTC_PORT_RANGE": "1:2"}) as server:
        yield server


@pytest_asyncio.fixture
async def viewer() -> AsyncIterator[Viewer]:
    viewer = await Viewer.start()
    yield viewer
    await viewer.stop()


def bound(pid: int) -> set[int]:
    """The UDP ports that a process has."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except OSError:  # closed meanwhile
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    lines = [
        line.split() for table in ("udp", "udp6") for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()
    ]
    return {int(words[1].rpartition(":")[2], 16) for words in lines if words[9] in inodes}


async def test_each_port_is_one_of_the_range_and_each_client_has_its_own(fenced, viewer):
    clients = [RawClient(fenced, viewer, number) for number in range(CLIENTS)]
    used: list[int] = []
    try:
        for client in clients:
            answer = await client.connect()
            lines = [line.split(" ") for line in answer.splitlines() if line.startswith("a=candidate:")]
            ports = {int(words[5]) for words in lines}
            assert ports <= set(range(FIRST, LAST + 1)), lines
            assert {words[2] for words in lines} == {"udp", "tcp"}
            own = {(words[2], words[5]) for words in lines if words[7] == "host" and ":" not in words[4]}
            advertised = {(words[2], words[5]) for words in lines if (words[7], words[4]) == ("srflx", ELSEWHERE)}
            assert advertised == own
            used.append(min(ports))
        for client in clients:
            await client.watch()
        await until(
            lambda: all(len(client.frames()) >= 10 for client in clients), viewer.changed, "ten frames for each"
        )
        assert len(set(used)) == CLIENTS
        if sys.platform == "linux":
            ports = bound(fenced.pid)
            assert set(used) <= ports <= set(range(FIRST, LAST + 1))
    finally:
        for client in clients:
            client.leave()
            await client.close()


async def test_more_clients_one_after_another_than_there_are_ports(fenced, viewer):
    for number in range(LAST - FIRST + 3):
        client = RawClient(fenced, viewer, number)
        await client.connect()
        client.leave()
        await client.close()
