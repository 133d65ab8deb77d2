"""Limits of what the machine's own encoders may take."""

from __future__ import annotations

import asyncio
import threading

import pytest

from reactor_runtime.limits import Limits
from reactor_runtime.media.hardware import probe
from reactor_runtime.media.hardware.recipes import SPARES
from tests.transport.support import House

WAIT = 15.0


@pytest.mark.limit("encoder_probe")
async def test_a_driver_that_does_not_answer_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(probe, "examine", lambda recipe, check: go_on.wait(2 * WAIT))
    house = House(Limits(encoder_probe=0.05), encoders=[SPARES["AV1"]])
    try:
        search = house.peers._engine.search
        assert await asyncio.to_thread(search.wait, WAIT), "it is over though the driver does not answer"
        assert search.found is None
    finally:
        go_on.set()
        await house.peers.close()
