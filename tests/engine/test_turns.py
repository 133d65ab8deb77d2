"""`run()` and the handlers share one loop: neither keeps the other from its turn."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from reactor_runtime.interface import ModelMessage, ReactorModel, event
from reactor_runtime.wire.messages import Reply

from .scenario import World, grey, play_with_model


class Said(ModelMessage):
    text: str


class Flooded(ReactorModel):
    """Its commands take 20 ms each, its step 10 ms."""

    def load(self, config):
        self.clock = config["clock"]
        self.steps = []

    @event(name="set")
    def set(self, value: int):
        self.clock.advance(0.02)

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                self.clock.advance(0.01)
                await self.emit(grey(1))
                self.steps.append(self.clock.now())


@pytest.mark.limit("settle")
def test_commands_that_come_faster_than_they_are_handled_do_not_stop_run():
    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        began = world.clock.now()
        ends = began + 10

        def flood() -> None:
            client.post("set", {"value": 1})
            if world.clock.now() < ends:
                world.clock.call_at(world.clock.now() + 0.016, flood)

        flood()
        while world.clock.now() < ends:
            await asyncio.sleep(0.05)
        steps = [at for at in world.model.steps if began <= at <= ends]
        pauses = [after - before for before, after in pairwise(steps)]
        # beyond what settles: the step itself, and a handler for each turn of the loop that an emit takes
        assert max(pauses) <= world.runtime.limits.settle + 0.01 + 6 * 0.02
        assert len(steps) > 30

    play_with_model(Flooded, scenario)


class Sender(ReactorModel):
    """Sends with every step, and notes how many steps a suspended handler took."""

    def load(self, config):
        self.clock = config["clock"]
        self.sent = 0
        self.took = None

    @event(name="nap")
    async def nap(self):
        before = self.sent
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.took = self.sent - before

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set() and self.sent < 500:
                self.clock.advance(0.1)
                self.sent += 1
                await self.send(Said(text="x"))
            await asyncio.sleep(1000)


def test_a_send_of_run_lets_a_suspended_handler_go_on():
    async def scenario(world: World) -> None:
        client = await world.connect()
        assert isinstance(await client.command("nap"), Reply)
        assert world.model.took < 10

    play_with_model(Sender, scenario)
