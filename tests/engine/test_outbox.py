"""The hand-off from the model's thread to the server's loop: room, order, and giving up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from reactor_runtime.counters import Counters
from reactor_runtime.engine.outbox import Outbox
from reactor_runtime.testing.virtual_time import VirtualClock, run


class BusyServer:
    """The server's loop: what it was handed waits until the test lets it turn."""

    def __init__(self) -> None:
        self._calls: list[tuple[Callable[..., None], tuple[Any, ...]]] = []

    def call_soon_threadsafe(self, call: Callable[..., None], *arguments: Any) -> None:
        self._calls.append((call, arguments))

    def turn(self) -> None:
        calls, self._calls = self._calls, []
        for call, arguments in calls:
            call(*arguments)


def test_all_who_wait_for_room_get_in_in_order_when_the_server_drains():
    async def whole() -> None:
        server, counters, taken = BusyServer(), Counters(), []
        outbox = Outbox(server, 2, counters)
        for number in (1, 2):
            outbox.put(lambda number=number: taken.append(number))
        assert outbox.full
        waiting = []
        for number in range(3, 8):
            waiting.append(
                asyncio.create_task(outbox.put_when_room(lambda number=number: taken.append(number), timeout=5))
            )
            await asyncio.sleep(0.1)
        assert not any(putter.done() for putter in waiting) and taken == []
        server.turn()
        assert taken == [1, 2]
        assert await asyncio.gather(*waiting) == [True] * 5
        server.turn()
        assert taken == [1, 2, 3, 4, 5, 6, 7] and not outbox.full
        assert counters.snapshot() == {}

    run(whole(), VirtualClock())


def test_a_full_outbox_is_given_up_in_time_and_counted():
    clock = VirtualClock()

    async def whole() -> None:
        server, counters, taken = BusyServer(), Counters(), []
        outbox = Outbox(server, 1, counters)
        outbox.put(lambda: taken.append("first"))
        began = clock.now()
        assert await outbox.put_when_room(lambda: taken.append("late"), timeout=5) is False
        assert 5 <= clock.now() - began < 5.1
        assert outbox.put_if_room(lambda: taken.append("no room")) is False
        assert counters["messages.dropped"] == 2
        outbox.put(lambda: taken.append("answer"))  # always finds room
        server.turn()
        assert await outbox.put_when_room(lambda: taken.append("next"), timeout=5) is True
        server.turn()
        assert taken == ["first", "answer", "next"]

    run(whole(), clock)


def test_what_fails_on_its_way_out_does_not_hold_up_what_follows():
    async def whole() -> None:
        server, counters, taken = BusyServer(), Counters(), []
        outbox = Outbox(server, 8, counters)
        outbox.put(lambda: taken.append(1 // 0))
        outbox.put(lambda: taken.append("next"))
        server.turn()
        assert taken == ["next"] and counters["outbox.errors"] == 1

    run(whole(), VirtualClock())


def test_what_comes_while_it_drains_leaves_at_the_next_turn_and_nobody_tells_the_loop_again():
    async def whole() -> None:
        told, taken, turns = 0, [], 0
        loop = asyncio.get_running_loop()

        class Told:
            def call_soon_threadsafe(self, call: Callable[..., None], *arguments: Any) -> None:
                nonlocal told
                told += 1
                loop.call_soon(call, *arguments)

            call_soon = staticmethod(loop.call_soon)

        outbox = Outbox(Told(), 8, Counters())

        def again(left: int) -> None:
            taken.append((left, turns))
            if left:
                outbox.put(lambda: again(left - 1))

        outbox.put(lambda: again(2))
        while turns < 4:
            turns += 1
            await asyncio.sleep(0)
        assert [left for left, _ in taken] == [2, 1, 0]
        assert len({turn for _, turn in taken}) == 3 and told == 1
        outbox.put(lambda: taken.append("later"))
        await asyncio.sleep(0)
        assert taken[-1] == "later" and told == 2

    run(whole(), VirtualClock())
