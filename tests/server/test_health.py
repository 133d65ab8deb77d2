"""What probes ask: whether the server lives, and whether clients can come."""

from __future__ import annotations

import threading

import httpx
import pytest

from reactor_runtime.errors import ModelError

from .house import House, serve


async def asked(house: House, what: str) -> tuple[int, bool, str | None]:
    reply = await house.http.get(f"/health/{what}")
    assert set(reply.json()) == {what, "why"}
    health = (await house.http.get("/health")).json()
    assert health[what] == reply.json()[what]
    return reply.status_code, reply.json()[what], reply.json()["why"]


async def test_from_loading_to_the_end() -> None:
    gate = threading.Event()
    async with serve(config={"gate": gate}, load=False) as house:
        house.runtime.start()
        assert await asked(house, "live") == (200, True, None)
        assert await asked(house, "ready") == (503, False, "the model is loading")
        gate.set()
        await house.runtime.loaded()
        assert await asked(house, "ready") == (200, True, None)
        await house.start()
        assert await asked(house, "ready") == (200, True, None)

    # its application answers on, as it does until the server has hung up
    transport = httpx.ASGITransport(house.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://reactor.test") as http:
        for what in ("live", "ready"):
            reply = await http.get(f"/health/{what}")
            assert (reply.status_code, reply.json()) == (503, {what: False, "why": "the server is ending"})


async def test_a_load_that_failed() -> None:
    async with serve(config={"fail": True}, load=False) as house:
        house.runtime.start()
        with pytest.raises(ModelError):
            await house.runtime.loaded()
        status, live, why = await asked(house, "live")
        assert (status, live) == (503, False)
        assert why is not None and why.startswith("Painter.load() failed with RuntimeError: no such checkpoint")
        assert (await asked(house, "ready"))[:2] == (503, False)


async def test_a_model_that_keeps_failing_is_to_be_started_anew() -> None:
    async with serve() as house:
        house.runtime.fatal.set_result("the model's run() failed")
        assert await asked(house, "live") == (503, False, "the model has failed")
        health = await house.http.get("/health")
        assert (health.status_code, health.json()["status"]) == (503, "unhealthy")
