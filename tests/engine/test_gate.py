"""The edge between two clients within one step of `run()`: who sees it, and who keeps nobody waiting."""

from __future__ import annotations

import asyncio

from reactor_runtime.errors import BufferClosed
from reactor_runtime.interface import ClientInfo, Input, ReactorModel, Video, connected, event
from reactor_runtime.media.frames import picture_from_rgb
from reactor_runtime.wire.messages import Reply

from .scenario import World, grey, levels, play, play_with_model


class Looped(ReactorModel):
    """Loops as the documents say, with a step of a second that does not hold the loop."""

    def load(self, config):
        self.log = []

    @connected
    def hello(self, client: ClientInfo):
        self.log.append(f"hello {client.id}")

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                await asyncio.sleep(1)
                await self.emit(grey(1))
            self.log.append("pause")


def test_a_helper_of_run_that_polls_the_gate_does_not_hide_the_edge_from_it():
    class Polled(Looped):
        async def watch(self):
            while True:
                self.connected.is_set()
                await asyncio.sleep(0.01)

        async def run(self):
            watching = asyncio.create_task(self.watch())
            try:
                await super().run()
            finally:
                watching.cancel()

    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(2.5)
        one.leave()
        await world.connect()
        await asyncio.sleep(5)
        assert world.model.log == ["hello 1", "pause", "hello 2"]

    play_with_model(Polled, scenario)


def test_a_handler_that_looks_at_the_gate_does_not_hide_the_edge_from_run():
    class Asked(Looped):
        @event(name="ask")
        def ask(self):
            self.log.append(f"open: {self.connected.is_set()}")

    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(2.5)
        one.post("ask")
        one.leave()
        two = await world.connect()
        assert isinstance(await two.command("ask"), Reply)
        await asyncio.sleep(5)
        assert world.model.log == ["hello 1", "open: True", "pause", "hello 2", "open: True"]

    play_with_model(Asked, scenario)


def test_of_many_who_come_and_go_within_one_step_the_one_who_stays_waits_for_the_pause():
    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1.5)
        for _ in range(5):
            client.leave()
            client = await world.connect()
        await asyncio.sleep(10)
        assert world.model.log == [*(f"hello {number}" for number in range(1, 6)), "pause", "hello 6"]
        assert levels(client)[-1] == 1

    play_with_model(Looped, scenario)


class OnDemand(ReactorModel):
    """Consults the gate once, then draws when told to."""

    @event(name="draw")
    def draw(self, level: int):
        self.wanted.put_nowait(level)

    async def run(self):
        self.wanted = asyncio.Queue()
        await self.connected.wait()
        while True:
            await self.emit(grey(await self.wanted.get()))


def test_a_page_that_is_reloaded_again_and_again_finds_a_model_that_looked_once():
    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        for _ in range(20):  # three minutes of it, which is longer than an edge is waited for
            client.leave()
            client = await world.connect()
            await asyncio.sleep(9.9)
        assert isinstance(await client.command("draw", level=9), Reply)

    play(OnDemand, scenario)


class Camera(Input):
    camera: Video


def test_a_model_that_reads_its_camera_shows_its_first_frame_to_the_second_client():
    class Echo(ReactorModel):
        input: Camera

        async def run(self):
            while True:
                try:
                    frame = (await self.input.camera.read())[0]
                except BufferClosed:
                    await self.connected.wait()
                    continue
                await self.emit(grey(int(frame.data[0, 0, 0])))

    async def scenario(world: World) -> None:
        for level in (1, 2, 3):
            client = await world.connect()
            await asyncio.sleep(0.5)
            client.client.frame("camera", picture_from_rgb(grey(level).main_video))
            await asyncio.sleep(0.5)
            assert levels(client) == [level]
            client.leave()
            await asyncio.sleep(0.5)

    play(Echo, scenario)
