"""Nothing crosses a disconnect or the end of a session: frames, messages, failures, commands, reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from reactor_runtime.engine.state import State
from reactor_runtime.errors import BufferClosed
from reactor_runtime.interface import (
    ClientInfo,
    Input,
    ModelMessage,
    ReactorModel,
    UploadedFile,
    Video,
    connected,
    disconnected,
    event,
)
from reactor_runtime.wire.messages import Reply, UploadReference

from .scenario import World, grey, levels, play, play_with_model


class Progress(ModelMessage):
    session: int
    part: int


class Camera(Input):
    camera: Video


# -- frames


class DrawsLate(ReactorModel):
    """A handler whose frame takes its time."""

    @event(name="draw")
    async def draw(self, level: int, seconds: float):
        await asyncio.sleep(seconds)
        await self.emit(grey(level))


def test_a_handlers_frame_is_not_shown_in_the_session_after_its_own():
    async def scenario(world: World) -> None:
        one = await world.connect()
        one.post("draw", {"level": 111, "seconds": 6})
        await asyncio.sleep(0.1)
        await world.runtime.stop_session("over")
        two = await world.connect()
        await asyncio.sleep(8)
        await two.command("draw", level=50, seconds=0)
        assert levels(two)[-1] == 50 and 111 not in levels(two)

    play(DrawsLate, scenario)


def test_a_handlers_frame_is_not_shown_to_the_client_after_its_own():
    async def scenario(world: World) -> None:
        one = await world.connect()
        one.post("draw", {"level": 111, "seconds": 1})
        await asyncio.sleep(0.1)
        one.leave()
        two = await world.connect()
        await asyncio.sleep(3)
        await two.command("draw", level=50, seconds=0)
        assert levels(two)[-1] == 50 and 111 not in levels(two)

    play(DrawsLate, scenario)


class Personal(ReactorModel):
    """Its frames show whom they were made for: client n sees 10 * n."""

    chunk = 1
    step = 0.02

    @connected
    def hello(self, client: ClientInfo):
        self.value = client.id * 10

    @event(name="slow")
    async def slow(self):
        await asyncio.sleep(6)

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                await asyncio.sleep(self.step)
                for picture in [grey(self.value)] * self.chunk:
                    await self.emit(picture)


def test_frames_for_the_one_who_left_are_not_shown_while_a_handler_holds_up_the_disconnect():
    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(1)
        assert levels(one)[-1] == 10
        one.post("slow")
        await asyncio.sleep(0.1)
        one.leave()
        two = await world.connect()
        await asyncio.sleep(10)
        assert levels(two)[-1] == 20 and 10 not in levels(two)

    play(Personal, scenario)


def test_frames_of_a_chunk_for_the_one_who_left_are_not_shown_to_the_next():
    class InChunks(Personal):
        chunk = 2  # with more, the edge is given up before the chunk is through
        step = 0.2

    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(1.1)
        assert levels(one)[-1] == 10
        one.leave()
        two = await world.connect()
        await asyncio.sleep(5)
        assert levels(two)[-1] == 20 and 10 not in levels(two)

    play(InChunks, scenario)


def test_frames_of_one_session_are_not_shown_in_the_next_also_from_a_step_that_is_under_way():
    class LongSteps(Personal):
        step = 7  # longer than the end of a session waits

    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(8)
        await world.runtime.stop_session("over")
        two = await world.connect()
        await asyncio.sleep(4)
        assert levels(two) == [], "the frame of the step that began for the one before"
        await asyncio.sleep(10)
        assert levels(one) == [10]
        assert levels(two) == [10], "client 1 of its own session, as the one before was of that"

    play(LongSteps, scenario)


# -- messages and failures


def test_messages_of_a_step_do_not_reach_the_session_after_its_own():
    class Reports(ReactorModel):
        def load(self, config):
            self.step = 0

        async def run(self):
            while True:
                await self.connected.wait()
                while self.connected.is_set():
                    self.step += 1
                    for part in range(4):
                        await asyncio.sleep(0.5)
                        await self.send(Progress(session=self.step, part=part))
                    await self.emit(grey(1))

    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(0.7)
        assert [message.data for message in one.messages] == [{"session": 1, "part": 0}]
        await world.runtime.stop_session("over")
        two = await world.connect()
        await asyncio.sleep(5)
        assert two.messages and all(message.data["session"] > 1 for message in two.messages)

    play(Reports, scenario)


def test_a_failure_in_a_step_of_one_session_does_not_end_the_next():
    class FailsLate(ReactorModel):
        def load(self, config):
            self.failing = False

        @event(name="fail")
        def fail(self):
            self.failing = True

        @disconnected
        async def bye(self):
            await asyncio.sleep(7)

        async def run(self):
            while True:
                await self.connected.wait()
                await self.emit(grey(1))
                if self.failing:
                    self.failing = False
                    await asyncio.sleep(5.5)
                    raise RuntimeError("of the session before")

    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(0.5)
        await one.command("fail")
        await asyncio.sleep(0.1)
        await world.runtime.stop_session("over")
        two = await world.connect()
        await asyncio.sleep(10)
        assert one.ended == "over" and two.ended is None
        assert levels(two)[-1] == 1, "run() was started again for it"

    assert play_with_model(FailsLate, scenario).counts["run.ended"] == 1


# -- commands that wait for their files


class Seeded(ReactorModel):
    def load(self, config):
        self.log = []

    @connected
    def hello(self, client: ClientInfo):
        self.log.append(f"hello {client.id}")

    @disconnected
    def bye(self, client: ClientInfo):
        self.log.append(f"bye {client.id}")

    @event(name="seed")
    def seed(self, image: UploadedFile, client: ClientInfo):
        self.log.append(f"seed of {client.id}")

    @event(name="other")
    def other(self, client: ClientInfo):
        self.log.append(f"other of {client.id}")


async def body(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def test_a_command_that_waits_for_its_file_does_not_run_after_its_client_has_left():
    async def scenario(world: World) -> None:
        one, two = await world.connect(), await world.connect()
        uploads = world.runtime.session.uploads
        image = uploads.declare("a.png", 3, "image/png")
        reference = UploadReference(image, "a.png", "image/png", 3)
        one.post("seed", {}, {"image": reference})
        one.post("other")
        await asyncio.sleep(0.5)
        one.leave()
        await asyncio.sleep(0.5)
        await uploads.write(image, body(b"abc"), 3)
        assert isinstance(await two.post("seed", {}, {"image": reference}), Reply)
        assert world.model.log == ["hello 1", "hello 2", "bye 1", "seed of 2"]

    assert play_with_model(Seeded, scenario).counts["commands.refused.session_ended"] == 2


def test_a_command_that_waits_for_its_file_does_not_outlive_its_session():
    async def scenario(world: World) -> None:
        one = await world.connect()
        image = world.runtime.session.uploads.declare("a.png", 3, "image/png")
        waiting = one.post("seed", {}, {"image": UploadReference(image, "a.png", "image/png", 3)})
        behind = one.post("other")
        await asyncio.sleep(0.5)
        await world.runtime.stop_session("over")
        assert [answer.code for answer in await asyncio.gather(waiting, behind)] == ["session_ended"] * 2
        two = await world.connect()
        assert isinstance(await two.command("other"), Reply)
        assert world.model.log == ["hello 1", "bye 1", "hello 1", "other of 1"]

    play_with_model(Seeded, scenario)


# -- reads


def test_a_handler_that_waits_for_a_frame_is_released_when_the_last_client_leaves():
    class Snaps(ReactorModel):
        input: Camera

        @event(name="snap")
        async def snap(self):
            await self.input.camera.read()

        @event(name="ping")
        def ping(self): ...

    async def scenario(world: World) -> None:
        one = await world.connect()
        one.post("snap")
        await asyncio.sleep(1)
        one.leave()
        await asyncio.sleep(40)
        assert world.runtime.state is State.READY
        two = await world.connect()
        assert isinstance(await two.command("ping"), Reply)

    assert "sessions.slow_end" not in play(Snaps, scenario).counts


def test_a_pending_read_hears_of_a_change_of_clients_at_once():
    class Reads(ReactorModel):
        input: Camera

        def load(self, config):
            self.closed = 0

        async def run(self):
            while True:
                await self.connected.wait()
                try:
                    while True:
                        await self.input.camera.read()
                except BufferClosed:
                    self.closed += 1

    async def scenario(world: World) -> None:
        for times in (1, 2, 3):
            one = await world.connect()
            await asyncio.sleep(1)
            one.leave()
            two = await world.connect()  # in the same turn: the buffer is open again when the reader wakes
            await asyncio.sleep(1)
            assert world.model.closed == 2 * times - 1
            two.leave()
            await asyncio.sleep(1)
            assert world.model.closed == 2 * times

    play_with_model(Reads, scenario)
