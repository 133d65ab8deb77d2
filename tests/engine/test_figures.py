"""The figures a client may watch, under a virtual clock: the way of each frame, and of the client's own commands."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from reactor_runtime.errors import BufferClosed
from reactor_runtime.interface import Input, InputFrame, ReactorModel, Video, event
from reactor_runtime.limits import Limits
from reactor_runtime.testing.virtual_time import VirtualClock
from reactor_runtime.transport.memory import MemoryConnection
from reactor_runtime.wire.messages import Command, Figures, Ping, Pong, WatchFigures

from .scenario import Picture, World, grey, play_with_model

STEP = 0.01
RATE = 20
ALL_THE_TIME = 1.0
"""Seconds to watch."""


class Working(ReactorModel):
    """Its steps take `STEP`, and one that it is told to take longer."""

    output: Picture
    fps = RATE

    def load(self, config: Any) -> None:
        self.clock: VirtualClock = config["clock"]
        self.pause = 0.0

    @event(name="rest")
    def rest(self, seconds: float) -> None:
        self.pause = seconds

    async def run(self) -> None:
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                pause, self.pause = self.pause, 0.0
                await asyncio.sleep(pause)  # a step that works elsewhere: the loop goes on
                self.clock.advance(STEP)
                await self.emit(grey(90))


def told(client: MemoryConnection) -> list[dict[str, Any]]:
    return [message.figures for _, message in client.received if isinstance(message, Figures)]


@pytest.mark.limit("figures_interval")
def test_who_watches_is_told_the_way_of_every_frame_four_times_a_second():
    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(0.5)
        assert not told(client)  # nobody asked
        client.client.receive(WatchFigures(True))
        client.client.receive(WatchFigures(True))  # asking twice is asking once
        shown = len(client.frames)
        await asyncio.sleep(ALL_THE_TIME + 0.01)
        notices = told(client)
        assert len(notices) == 4
        ways = [way for notice in notices for way in notice["frames"]]
        assert [left for *_, left in ways] == [round(frame.at * 1e6) for frame in client.frames[shown:]][: len(ways)]
        assert len(ways) == ALL_THE_TIME * RATE
        for began, emitted, ready, left in ways:
            assert emitted - began == round(STEP * 1e6)
            assert emitted <= ready <= left
        assert {notice["missed"] for notice in notices} == {0}
        assert {notice["fps"] for notice in notices} == {RATE}
        assert notices[-1]["counts"]["frames.shown"] == shown + len(ways)
        assert "sender" not in notices[-1]  # a connection in process encodes nothing
        client.client.receive(WatchFigures(False))
        await asyncio.sleep(ALL_THE_TIME)
        assert len(told(client)) == 4

    play_with_model(Working, scenario)


def test_a_step_that_takes_long_shows_while_it_runs():
    async def scenario(world: World) -> None:
        client = await world.connect()
        client.client.receive(WatchFigures(True))
        await asyncio.sleep(0.3)
        await client.command("rest", seconds=2.0)
        await asyncio.sleep(1.5)
        seen = [notice["step_us"] for notice in told(client)]
        lasting = [step for step in seen if step]
        assert lasting == sorted(lasting) and lasting[-1] > 1e6
        await asyncio.sleep(1.5)
        assert max(step or 0 for step in [notice["step_us"] for notice in told(client)][-2:]) < 1e5

    play_with_model(Working, scenario)


class Eyes(Input):
    webcam: Video


class Watching(ReactorModel):
    """Makes a picture of each frame it gets; one that is bright takes it longer."""

    input: Eyes
    output: Picture
    fps = RATE

    async def run(self) -> None:
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                try:
                    (seen,) = await self.input.webcam.read()
                except BufferClosed:
                    break
                await asyncio.sleep(seen.data.max() / 100)  # a step that works elsewhere: the loop goes on
                await self.emit(grey(90))


def test_waiting_for_an_input_is_no_step():
    async def scenario(world: World) -> None:
        client = await world.connect()
        client.client.receive(WatchFigures(True))
        webcam = world.runtime._stage.inputs["webcam"]
        for _ in range(2):  # before the first step, and between two
            seen = len(told(client))
            await asyncio.sleep(2)
            notices = told(client)[seen:]
            assert len(notices) >= 7 and {notice["step_us"] for notice in notices} == {None}
            came = world.clock.now()
            webcam.put(InputFrame(np.full((4, 6, 3), 200, np.uint8)))
            await asyncio.sleep(1)
            notice = told(client)[-1]
            assert notice["step_us"] == notice["at_us"] - round(came * 1e6)
            await asyncio.sleep(2)
        ways = [way for notice in told(client) for way in notice["frames"]]
        assert [emitted - began for began, emitted, *_ in ways] == [2_000_000] * 2

    play_with_model(Watching, scenario)


def test_when_a_command_was_handled_is_told_to_its_client_alone():
    async def scenario(world: World) -> None:
        one, two = await world.connect(), await world.connect()
        for client in (one, two):
            client.client.receive(WatchFigures(True))
        await asyncio.sleep(0.3)
        sent = round(world.clock.now() * 1e6)
        one.client.receive(Command("rest", {"seconds": 0.0}, {}, "mine"))
        one.client.receive(Command("rest", {"seconds": "x"}, {}, "refused"))
        one.client.receive(Command("rest", {"seconds": 0.0}))  # without an id, nobody could tell it apart
        await asyncio.sleep(0.5)
        handled = [command for notice in told(one) for command in notice["commands"]]
        assert [name for name, _ in handled] == ["mine"]
        began = [began for notice in told(one) for began, *_ in notice["frames"]]
        assert sent <= handled[0][1] <= min(at for at in began if at is not None and at >= handled[0][1])
        assert not any(notice["commands"] for notice in told(two))

    play_with_model(Working, scenario)


def test_a_ping_with_an_id_is_told_the_time_on_the_clock_of_the_frames():
    async def scenario(world: World) -> None:
        client = await world.connect()
        client.client.receive(Ping())
        client.client.receive(Ping("p1"))
        pongs = [message for _, message in client.received if isinstance(message, Pong)]
        assert pongs == [Pong(round(world.clock.now() * 1e6), "p1")]

    play_with_model(Working, scenario)


@pytest.mark.limit("timeline_frames")
def test_frames_that_are_too_many_to_be_told_are_counted():
    class Fast(Working):
        fps = 240

    async def scenario(world: World) -> None:
        client = await world.connect()
        client.client.receive(WatchFigures(True))
        await asyncio.sleep(0.3)
        for notice in told(client):
            assert len(notice["frames"]) == 10
            assert notice["missed"] > 0

    play_with_model(Fast, scenario, limits=Limits(timeline_frames=10))


def test_nothing_is_told_to_one_who_left():
    async def scenario(world: World) -> None:
        stays, goes = await world.connect(), await world.connect()
        goes.client.receive(WatchFigures(True))
        await asyncio.sleep(0.3)
        before = len(told(goes))
        goes.client.left("it went")
        await asyncio.sleep(1.0)
        assert len(told(goes)) == before > 0
        assert stays.frames

    play_with_model(Working, scenario)
