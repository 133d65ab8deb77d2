"""The dispatcher is woken where it sleeps, and only there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest

from reactor_runtime.clock import SystemClock
from reactor_runtime.engine.dispatcher import Dispatcher


@dataclass
class Note:
    """Writes its name down."""

    label: str
    log: list[str]
    key = None
    owner = None
    bounded = True

    async def perform(self) -> None:
        self.log.append(self.label)

    def supersede(self) -> None:
        """It has no key."""


class Loop:
    """The running loop, which counts how often another thread would have told it."""

    def __init__(self) -> None:
        self.told = 0
        self._loop = asyncio.get_running_loop()
        self.create_future = self._loop.create_future

    def call_soon_threadsafe(self, call: Callable[..., None], *arguments: Any) -> None:
        self.told += 1
        self._loop.call_soon(call, *arguments)


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_many_commands_are_one_wake_up_and_keep_their_order() -> None:
    loop, log = Loop(), list[str]()
    dispatcher = Dispatcher(cast(asyncio.AbstractEventLoop, loop), SystemClock(), 16, 0.2)
    dispatcher.task = asyncio.create_task(dispatcher.run())
    await turns(2)
    for name in "abc":
        assert dispatcher.submit(Note(name, log))
    await turns(2)
    dispatcher.submit(Note("d", log))  # while others wait
    await turns(8)
    assert log == ["a", "b", "c", "d"] and loop.told == 1
    dispatcher.submit(Note("e", log))
    await turns(4)
    assert log[4:] == ["e"] and loop.told == 2
    await dispatcher.stop()


@pytest.mark.asyncio
async def test_what_comes_before_it_runs_is_performed() -> None:
    loop, log = Loop(), list[str]()
    dispatcher = Dispatcher(cast(asyncio.AbstractEventLoop, loop), SystemClock(), 16, 0.2)
    dispatcher.submit(Note("early", log))
    dispatcher.task = asyncio.create_task(dispatcher.run())
    await turns(4)
    assert log == ["early"] and loop.told == 0
    await dispatcher.stop()
