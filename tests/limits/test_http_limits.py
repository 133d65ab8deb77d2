"""Limits of what is asked for over HTTP."""

from __future__ import annotations

import asyncio

import pytest

from reactor_runtime.limits import Limits
from reactor_runtime.server import Access
from tests.server.house import WAIT, serve

TOKEN = "4f1c0000000000000000"


@pytest.mark.limit("token_seconds", counted="http.422")
async def test_a_token_for_longer_than_that() -> None:
    async with serve(limits=Limits(token_seconds=60.0), access=Access(token=TOKEN)) as house:
        owner = {"Authorization": f"Bearer {TOKEN}"}
        refused = await house.http.post("/tokens", json={"ttl": 61}, headers=owner)
        assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["body", "ttl"])
        assert (await house.http.post("/tokens", json={"ttl": 60}, headers=owner)).status_code == 201


@pytest.mark.limit("scrape_wait", counted="transport.stats_missed")
async def test_a_connection_that_does_not_say_how_its_sending_goes_holds_up_no_scrape() -> None:
    class Stuck:
        joined = gone = True

        async def traffic(self) -> None:
            await asyncio.Event().wait()

        async def close(self) -> None: ...

    async with serve(limits=Limits(scrape_wait=0.05)) as house:
        house.peers._pending.add(Stuck())  # type: ignore[arg-type]
        async with asyncio.timeout(WAIT / 3):
            assert (await house.http.get("/metrics")).status_code == 200
        house.peers._pending.clear()
