"""How late the loops are, under a virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from reactor_runtime.engine.lag import Lag
from reactor_runtime.testing.virtual_time import VirtualClock, run


def test_it_looks_once_a_second_for_as_long_as_somebody_wants_to_know():
    clock = VirtualClock()

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        held: list[Callable[[], None]] = []

        def on_model_loop(call: Callable[[], None]) -> bool:
            held.append(call)
            return True

        lag = Lag(loop, clock, on_model_loop, patience=5)
        assert lag.model_waits == 0
        lag.want()
        lag.want()  # wanting twice is wanting once
        await asyncio.sleep(1.5)
        clock.advance(0.75)  # the server's loop is held
        await asyncio.sleep(0.01)
        assert lag.server.read().observations == 2 and round(lag.server.read().sum, 3) == 0.25
        assert len(held) == 1 and round(lag.model_waits, 3) == 1.26  # it is not asked again before it has answered
        held.pop()()
        assert lag.model_waits == 0 and round(lag.model.read().sum, 3) == 1.26
        await asyncio.sleep(60)
        assert lag.server.read().observations < 8
        lag.want()
        await asyncio.sleep(1.5)
        lag.stop()
        looks = lag.server.read().observations
        await asyncio.sleep(60)
        assert lag.server.read().observations == looks

    run(scenario(), clock)


def test_a_loop_that_is_not_there_is_not_late():
    clock = VirtualClock()

    async def scenario() -> None:
        lag = Lag(asyncio.get_running_loop(), clock, lambda call: False, patience=5)
        lag.want()
        await asyncio.sleep(3)
        assert lag.model_waits == 0 and lag.model.read().observations == 0
        lag.stop()

    run(scenario(), clock)
