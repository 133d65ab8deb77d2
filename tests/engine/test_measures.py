"""What is measured of frames and commands, under a virtual clock: their age, missed slots, how long a picture stood."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from reactor_runtime.interface import ReactorModel, event
from reactor_runtime.testing.virtual_time import VirtualClock

from .scenario import Picture, World, grey, play_with_model

RATE = 20
PERIOD = 1 / RATE


class Working(ReactorModel):
    """Its steps take `step` seconds; with `waits`, each begins with a command."""

    output: Picture
    fps = RATE
    step = 0.01
    waits = False

    def load(self, config: Any) -> None:
        self.clock: VirtualClock = config["clock"]
        self.told = asyncio.Event()

    @event(name="go")
    async def go(self) -> None:
        await asyncio.sleep(0.002)
        self.told.set()

    async def run(self) -> None:
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                if self.waits:
                    await self.told.wait()
                    self.told.clear()
                    await self.connected.wait()  # the gate marks that a step begins
                self.clock.advance(self.step)
                await self.emit(grey(90))


class Slow(Working):
    step = 0.08


class Idle(Working):
    waits = True


async def for_ten_seconds(world: World) -> None:
    await world.connect()
    await asyncio.sleep(10)


def test_a_model_that_keeps_pace_misses_nothing():
    frames = play_with_model(Working, for_ten_seconds).runtime.measures.frames
    assert (frames.missed, frames.stalled, frames.continuous) == (0, 0.0, 1.0)
    assert frames.played == pytest.approx(10, abs=2 * PERIOD)
    age, step, waiting = frames.age.read(), frames.step.read(), frames.waiting.read()
    assert age.observations == step.observations == pytest.approx(200, abs=2)
    assert step.sum / step.observations == pytest.approx(0.01, abs=0.001)
    assert age.sum / age.observations == pytest.approx((step.sum + waiting.sum) / age.observations, abs=0.001)
    assert age.sum / age.observations < PERIOD


def test_of_one_that_is_too_slow_the_picture_stands_still():
    frames = play_with_model(Slow, for_ten_seconds).runtime.measures.frames
    shown = frames.age.read().observations
    assert shown == pytest.approx(10 / 0.08, abs=2)
    assert frames.missed == pytest.approx(shown, abs=2)
    assert frames.continuous == pytest.approx(PERIOD / 0.08, abs=0.02)
    assert frames.played == pytest.approx(10, abs=0.2)


def test_one_that_waits_for_its_client_does_not_stall():
    async def scenario(world: World) -> None:
        client = await world.connect()
        for _ in range(5):
            await client.command("go")
            await asyncio.sleep(1)

    frames = play_with_model(Idle, scenario).runtime.measures.frames
    assert frames.age.read().observations == 5
    assert (frames.missed, frames.stalled) == (0, 0.0)
    assert frames.played == pytest.approx(5 * PERIOD)


def test_what_is_continuous_is_that_of_the_session():
    async def scenario(world: World) -> None:
        await for_ten_seconds(world)
        assert world.runtime.measures.frames.continuous < 0.7
        await world.runtime.stop_session("enough")
        await asyncio.sleep(1)
        await world.runtime.start_session()
        assert world.runtime.measures.frames.continuous == 1.0

    play_with_model(Slow, scenario)


def test_a_command_waits_for_the_step_and_then_takes_as_long_as_its_handler():
    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        for _ in range(10):
            await client.command("go")
            await asyncio.sleep(0.1)

    commands = play_with_model(Slow, scenario).runtime.measures.commands
    handler, queue, whole = commands.handler.read(), commands.queue.read(), commands.whole.read()
    assert whole.observations == commands.ok == 10
    assert handler.sum >= 10 * 0.002
    assert whole.sum == pytest.approx(
        sum(part.read().sum for part in (commands.validation, commands.queue, commands.handler, commands.answer))
    )
    assert queue.observations == 10
