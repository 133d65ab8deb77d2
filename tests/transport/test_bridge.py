"""What crosses from the media engine's threads: in order, within bounds, and the loop is told once."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from reactor_runtime.counters import Counters
from reactor_runtime.limits import Limits
from reactor_runtime.transport.webrtc.bridge import Bridge, ChannelChanged, Event, MessageArrived


class Loop:
    """The running loop, which counts how often another thread would have told it."""

    def __init__(self) -> None:
        self.told = 0
        self._loop = asyncio.get_running_loop()
        self.call_soon = self._loop.call_soon

    def call_soon_threadsafe(self, call: Callable[..., None], *arguments: Any) -> None:
        self.told += 1
        self._loop.call_soon(call, *arguments)


def message(number: int, size: int = 1) -> MessageArrived:
    return MessageArrived(False, bytes([number]) * size, True)


@pytest.mark.asyncio
async def test_many_messages_are_one_wake_up_and_so_are_those_that_come_while_they_are_delivered() -> None:
    loop, taken = Loop(), list[Event]()

    def take(event: Event) -> None:
        taken.append(event)
        if event == message(1):
            bridge.post(message(3))

    bridge = Bridge(cast(asyncio.AbstractEventLoop, loop), take, Limits(), Counters())
    bridge.post(message(1))
    bridge.post(message(2))
    await asyncio.sleep(0)
    assert taken == [message(1), message(2)]
    await asyncio.sleep(0)
    assert taken == [message(1), message(2), message(3)] and loop.told == 1
    bridge.post(message(4))
    await asyncio.sleep(0)
    assert taken[-1] == message(4) and loop.told == 2


@pytest.mark.asyncio
async def test_messages_above_the_bounds_are_dropped_and_counted_and_other_events_are_not() -> None:
    counters, taken = Counters(), list[Event]()
    limits = replace(Limits(), inbox_messages=2, inbox_bytes=100)
    bridge = Bridge(asyncio.get_running_loop(), taken.append, limits, counters)
    for number in range(3):
        bridge.post(message(number))
    bridge.post(ChannelChanged())
    await asyncio.sleep(0)
    assert taken == [message(0), message(1), ChannelChanged()]
    bridge.post(message(1, 60))
    bridge.post(message(2, 60))
    await asyncio.sleep(0)
    assert taken[3:] == [message(1, 60)]
    assert counters["transport.inbox_dropped"] == 2


@pytest.mark.asyncio
async def test_a_fault_in_one_event_keeps_no_other_from_its_turn() -> None:
    counters, taken = Counters(), list[Event]()

    def take(event: Event) -> None:
        if event == message(1):
            raise ValueError("a fault")
        taken.append(event)

    bridge = Bridge(asyncio.get_running_loop(), take, Limits(), counters)
    for number in range(3):
        bridge.post(message(number))
    await asyncio.sleep(0)
    assert taken == [message(0), message(2)] and counters["transport.faults"] == 1


@pytest.mark.asyncio
async def test_nothing_passes_once_it_is_closed() -> None:
    taken: list[Event] = []
    bridge = Bridge(asyncio.get_running_loop(), taken.append, Limits(), Counters())
    bridge.post(message(1))
    bridge.close()
    bridge.post(message(2))
    await asyncio.sleep(0)
    assert taken == []


@pytest.mark.asyncio
async def test_one_connection_with_many_messages_lets_the_others_have_their_turn() -> None:
    taken: list[str] = []
    loop, limits = asyncio.get_running_loop(), Limits()
    many, few = (
        Bridge(loop, lambda event, name=name: taken.append(name), limits, Counters()) for name in ("many", "few")
    )
    for number in range(200):
        many.post(message(number % 256))
    few.post(message(1))
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(taken) == 201 and taken.index("few") <= 64


@pytest.mark.asyncio
async def test_room_is_free_again_as_messages_are_handled_and_drops_are_told() -> None:
    counters, taken, told = Counters(), list[Event](), list[int]()
    limits = replace(Limits(), inbox_messages=100)
    bridge = Bridge(asyncio.get_running_loop(), taken.append, limits, counters, told.append)
    for number in range(120):
        bridge.post(message(number))
    await asyncio.sleep(0)
    assert len(taken) == 64 and told == [20]
    for number in range(70):
        bridge.post(message(number))
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(taken) == 164 and told == [20, 6]
    assert counters["transport.inbox_dropped"] == 26


@pytest.mark.asyncio
async def test_a_closed_one_keeps_nothing_alive_that_it_told() -> None:
    class Told:
        def handle(self, event: Event) -> None: ...

        def overflowed(self, dropped: int) -> None: ...

    told = Told()
    gone = weakref.ref(told)
    bridge = Bridge(asyncio.get_running_loop(), told.handle, Limits(), Counters(), told.overflowed)
    del told
    assert gone() is not None
    bridge.close()
    assert gone() is None
