"""Connections until the media engine has closed them."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import Any

import pytest

from reactor_runtime.errors import SignallingError
from reactor_runtime.transport.webrtc import negotiation, peers
from reactor_runtime.transport.webrtc.living import Living

from .support import DEADLINE, House, Viewer


def test_it_waits_for_all_of_them() -> None:
    living = Living()
    assert living.wait(0) == 0
    first, second = living.begin(), living.begin()
    first()
    assert living.wait(0) == 1
    closing = threading.Thread(target=second)
    closing.start()
    assert living.wait(DEADLINE) == 0
    closing.join()


async def held(viewer: Viewer) -> tuple[House, list[Any]]:
    """A house with a client whose connection is referred to from elsewhere, as from a call that is under way."""
    house = House()
    engine, references = house.peers._engine, []
    connect = engine.connect

    def kept(observer: Any) -> Any:
        references.append(connect(observer))
        return references[-1]

    engine.connect = kept  # type: ignore[method-assign]
    cid = house.peers.register()
    await house.peers.offer(cid, await viewer.offer())
    viewer.do("answer", sdp=await house.answer(cid))
    await house.guest()
    return house, references


async def test_the_end_comes_when_the_engine_has_closed_them(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "_UNTIL_CLOSED", DEADLINE)
    house, references = await held(viewer)
    living = house.peers._engine.living
    wait, begun = living.wait, threading.Event()

    def watched(seconds: float) -> int:
        begun.set()
        return wait(seconds)

    monkeypatch.setattr(living, "wait", watched)
    closing = asyncio.create_task(house.peers.close())
    assert await asyncio.to_thread(begun.wait, DEADLINE)
    assert wait(0) == 1 and not closing.done()
    references.clear()
    await asyncio.wait_for(closing, DEADLINE)
    assert wait(0) == 0
    assert house.counters["transport.connections_left_open"] == 0


async def test_what_keeps_a_refusal_keeps_no_connection(house: House, viewer: Viewer) -> None:
    offer = await viewer.offer()
    broken = "\r\n".join(line for line in offer.sdp.splitlines() if not line.startswith("a=fingerprint"))
    with pytest.raises(SignallingError) as kept:
        await house.peers.offer(house.peers.register(), replace(offer, sdp=broken))
    assert house.peers._engine.living.wait(DEADLINE) == 0, str(kept.value)


async def test_an_offer_that_cannot_be_answered_keeps_no_connection(
    house: House, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal is kept for its client to collect."""

    async def refuse(connection: Any, gathering: Any, ice: Any) -> str:
        raise SignallingError("sdp_offer: no", status=422)

    monkeypatch.setattr(negotiation, "answer", refuse)
    cid = house.peers.register()
    await house.peers.offer(cid, await viewer.offer())
    await house.peers._answering.settled()
    await house.peers._closing.settled()
    assert await asyncio.to_thread(house.peers._engine.living.wait, DEADLINE) == 0
    with pytest.raises(SignallingError, match="sdp_offer: no"):
        await house.answer(cid)


async def test_one_that_stays_open_is_told_of(
    viewer: Viewer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(peers, "_UNTIL_CLOSED", 0.0)
    house, references = await held(viewer)
    await house.peers.close()
    assert house.counters["transport.connections_left_open"] == 1
    assert "connections that the media engine has not closed: 1" in caplog.text
    references.clear()
