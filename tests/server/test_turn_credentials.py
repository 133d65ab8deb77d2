"""What clients are told of TURN servers that share a secret."""

from __future__ import annotations

import time

import pytest

from reactor_runtime.limits import Limits
from reactor_runtime.transport.webrtc import IceServer

from .house import serve

SERVERS = (IceServer(("turn:t.example.org",), secret="between us"), IceServer(("stun:s.example.org",)))


async def told(limits: Limits | None = None, times: int = 1) -> list[dict[str, str]]:
    """The credentials for the first server, as so many clients are told them."""
    async with serve(ice=SERVERS, limits=limits) as house:
        url = f"{await house.transport_url()}/ice_servers"
        answers = [await house.http.get(url) for _ in range(times)]
    assert all("between us" not in answer.text and "secret" not in answer.text for answer in answers)
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    assert all("credentials" not in answer.json()["ice_servers"][1] for answer in answers)
    return [answer.json()["ice_servers"][0]["credentials"] for answer in answers]


async def test_each_client_gets_its_own() -> None:
    first, second = await told(times=2)
    assert first["username"] != second["username"] and first["password"] != second["password"]


@pytest.mark.limit("turn_credentials")
async def test_they_end_when_the_limit_says() -> None:
    before = time.time()
    (credentials,) = await told(Limits(turn_credentials=60.0))
    expiry = int(credentials["username"].partition(":")[0])
    assert int(before + 60) <= expiry <= time.time() + 60
