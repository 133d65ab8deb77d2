"""Limits of what waits inside: queues of the model, and waits for it. Under a virtual clock."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from reactor_runtime.errors import OutputError, UploadError
from reactor_runtime.interface import (
    ClientInfo,
    Input,
    Metadata,
    ModelMessage,
    Output,
    ReactorModel,
    UploadedFile,
    Video,
    event,
)
from reactor_runtime.limits import Limits
from reactor_runtime.media.frames import picture_from_rgb
from reactor_runtime.wire.messages import Reply
from tests.engine.scenario import World, grey, levels, play, play_with_model


class Note(ModelMessage):
    number: int


class Says(ReactorModel):
    """Says much without an await that lets the server's loop turn."""

    @event(name="shout")
    def shout(self, times: int):
        for number in range(times):
            self.send_threadsafe(Note(number=number))

    @event(name="ping")
    def ping(self): ...


@pytest.mark.limit("outbox", counted="messages.dropped")
def test_messages_that_find_no_room_are_dropped_and_what_follows_arrives():
    async def scenario(world: World) -> None:
        one, two = await world.connect(), await world.connect()
        await one.command("shout", times=10)
        assert [message.data["number"] for message in two.messages] == [0, 1, 2, 3]
        assert isinstance(await two.command("ping"), Reply)
        await one.command("shout", times=1)
        assert len(two.messages) == len(one.messages) == 5

    assert play(Says, scenario, limits=Limits(outbox=4)).counts["messages.dropped"] == 6


@pytest.mark.limit("send_wait", counted="messages.dropped")
def test_a_send_waits_for_room_no_longer_than_that():
    class Sends(ReactorModel):
        @event(name="send")
        async def send_one(self) -> Note:
            began = asyncio.get_running_loop().time()
            await self.send(Note(number=1))
            return Note(number=round(asyncio.get_running_loop().time() - began))

    async def scenario(world: World) -> None:
        client = await world.connect()
        outbox = world.runtime.stage._outbox
        assert outbox is not None
        outbox._bound = 0  # as where the server's loop does not turn
        answer = await client.command("send")
        assert isinstance(answer, Reply) and answer.message is not None
        assert answer.message.data == {"number": 3}

    play(Sends, scenario, limits=Limits(send_wait=3.0))


class Slow(ReactorModel):
    """Its handlers take a tenth of a second."""

    def load(self, config):
        self.log = []

    @event(name="step")
    async def step(self, client: ClientInfo):
        await asyncio.sleep(0.1)
        self.log.append(client.id)


@pytest.mark.limit("commands_each", counted="commands.refused.busy")
def test_one_client_leaves_room_for_the_others():
    async def scenario(world: World) -> None:
        hog, other = await world.connect(), await world.connect()
        await asyncio.sleep(0.1)
        answers = [hog.post("step") for _ in range(20)]
        theirs = [other.post("step") for _ in range(3)]
        refused = [answer.result() for answer in answers if answer.done()]
        assert len(refused) >= 14 and {answer.code for answer in refused} == {"busy"}
        assert "8 commands wait for the model already, or 5 of this client" in refused[0].message
        assert all(isinstance(answer, Reply) for answer in await asyncio.gather(*theirs))

    play_with_model(Slow, scenario, limits=Limits(commands=8, commands_each=5))


@pytest.mark.limit("commands_ahead")
def test_one_client_with_very_much_lets_the_others_go_first():
    async def scenario(world: World) -> None:
        hog, other = await world.connect(), await world.connect()
        await asyncio.sleep(0.1)
        answers = [hog.post("step") for _ in range(20)]
        await other.command("step")
        assert 2 in world.model.log[:3]
        assert all(isinstance(answer, Reply) for answer in await asyncio.gather(*answers))
        assert world.model.log.count(1) == 20

    play_with_model(Slow, scenario, limits=Limits(commands_ahead=4))


class Cam(Input):
    camera: Video


class Looks(ReactorModel):
    """Reads its camera when told to."""

    input: Cam

    @event(name="look")
    def look(self) -> Note:
        return Note(number=self.input.camera.available)


def look(limits: Limits) -> World:
    """A client sends ten pictures of 4 × 6 which nobody reads; three are kept, and another client is served."""
    nbytes = picture_from_rgb(grey(1).main_video).nbytes
    if limits.input_bytes < Limits().input_bytes:
        limits = replace(limits, input_bytes=3 * nbytes)

    async def scenario(world: World) -> None:
        one, two = await world.connect(), await world.connect()
        await asyncio.sleep(0.1)  # the buffer is open when the first has been let in
        for level in range(10):
            one.client.frame("camera", picture_from_rgb(grey(level).main_video))
        answer = await two.command("look")
        assert isinstance(answer, Reply) and answer.message is not None
        assert answer.message.data == {"number": 3}

    return play(Looks, scenario, limits=limits)


@pytest.mark.limit("input_frames", counted="input.evicted")
def test_of_pictures_that_nobody_reads_so_many_are_kept():
    assert look(Limits(input_frames=3)).counts["input.evicted"] == 7


@pytest.mark.limit("input_bytes", counted="input.evicted")
def test_of_pictures_that_nobody_reads_so_many_bytes_are_kept():
    assert look(Limits(input_bytes=1)).counts["input.evicted"] == 7


class Tagged(Output):
    main_video: Video
    info: Metadata


@pytest.mark.limit("metadata_bytes")
def test_metadata_above_the_limit_is_refused_where_it_is_emitted():
    class Tags(ReactorModel):
        def load(self, config):
            self.errors = []

        @event(name="tag")
        async def tag(self, length: int):
            try:
                await self.emit(Tagged(main_video=np.full((4, 6, 3), length, np.uint8), info={"x": "y" * length}))
            except OutputError as error:
                self.errors.append(str(error))

    async def scenario(world: World) -> None:
        client = await world.connect()
        await client.command("tag", length=100)
        await client.command("tag", length=10)
        await asyncio.sleep(1)
        (error,) = world.model.errors
        assert "50" in error
        assert levels(client) == [10]

    play_with_model(Tags, scenario, limits=Limits(metadata_bytes=50))


@pytest.mark.limit("edge_wait")
def test_a_new_client_waits_so_long_for_a_model_that_does_not_notice_that_the_last_one_left(caplog):
    class Busy(ReactorModel):
        """Looked at the gate once, and works since then."""

        @event(name="ping")
        def ping(self): ...

        async def run(self):
            await self.connected.wait()
            while True:
                await asyncio.sleep(1)

    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(1)
        one.leave()
        two = await world.connect()
        began = world.clock.now()
        assert isinstance(await two.command("ping"), Reply)
        assert world.clock.now() - began == pytest.approx(5.0, abs=0.1)

    play(Busy, scenario, limits=Limits(edge_wait=5.0))
    assert "gone on for 5 s without looking at self.connected" in caplog.text


@pytest.mark.limit("crash_window", counted="run.ended")
def test_failures_further_apart_than_that_do_not_end_the_process():
    class Crashes(ReactorModel):
        @event(name="crash")
        def crash(self):
            self.broken = True

        async def run(self):
            self.broken = False
            while True:
                await asyncio.sleep(0.1)
                if self.broken:
                    raise RuntimeError("again")

    async def scenario(world: World) -> None:
        for _ in range(5):
            client = await world.connect()
            await client.command("crash")
            await asyncio.sleep(31)
            assert "RuntimeError" in client.ended
        assert world.runtime.healthy and not world.runtime.fatal.done()

    assert play(Crashes, scenario, limits=Limits(crash_window=60.0)).counts["run.ended"] == 5


class Files(ReactorModel):
    @event(name="take")
    def take(self, image: UploadedFile): ...


async def chunks(*parts: bytes):
    for part in parts:
        yield part


@pytest.mark.limit("upload_pace")
def test_a_body_that_hardly_moves():
    async def drips():
        for _ in range(1000):
            yield b"x"
            await asyncio.sleep(20)

    async def slow():
        for _ in range(10):
            yield b"x" * 100
            await asyncio.sleep(9)

    async def scenario(world: World) -> None:
        await world.runtime.start_session()
        uploads = world.runtime.session.uploads
        upload = uploads.declare("a.bin", 1000, "a/b")
        with pytest.raises(UploadError, match=r"'a.bin' comes too slowly: 3 of 1000 bytes .* 10 a second") as refusal:
            await uploads.write(upload, drips(), None)
        assert refusal.value.status == 408
        await uploads.write(upload, slow(), 1000)  # it may be tried again

    play(Files, scenario, limits=Limits(upload_pace=10, orphan_timeout=100_000))


@pytest.mark.limit("upload_memory_bytes")
def test_a_file_above_that_lies_on_disk():
    async def scenario(world: World) -> None:
        client = await world.connect()
        uploads = world.runtime.session.uploads
        for size, on_disk in ((1000, False), (1001, True)):
            upload = uploads.declare("a.bin", size, "a/b")
            await uploads.write(upload, chunks(b"x" * size), size)
            file, _ = uploads.find(upload)
            assert file.body._rolled is on_disk  # of tempfile.SpooledTemporaryFile
            assert isinstance(await client.command("take", image={"upload_id": upload}), Reply)

    play(Files, scenario, limits=Limits(upload_memory_bytes=1000))
