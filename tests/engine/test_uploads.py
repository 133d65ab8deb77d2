"""Files: limits, lengths, order, and the hook that fires once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from reactor_runtime.engine.uploads import UploadStore
from reactor_runtime.errors import UploadError
from reactor_runtime.interface import ModelMessage, ReactorModel, UploadedFile, event, file_uploaded
from reactor_runtime.limits import Limits
from reactor_runtime.wire.messages import Refusal, Reply, UploadReference

from .scenario import World, play_with_model


class Got(ModelMessage):
    names: list[str]
    size: int


class Files(ReactorModel):
    def load(self, config):
        self.log = []

    @file_uploaded
    async def on_file(self, uploaded_file: UploadedFile):
        self.log.append(f"file {uploaded_file.name}")

    @event(name="one")
    def one(self, image: UploadedFile) -> Got:
        self.log.append(f"one {image.name}")
        return Got(names=[image.name], size=len(image.data))

    @event(name="many")
    def many(self, images: list[UploadedFile], extra: dict[str, UploadedFile] | None = None) -> Got:
        return Got(names=[image.name for image in images], size=sum(image.size for image in images))

    @event(name="other")
    def other(self):
        self.log.append("other")


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def test_a_file_arrives_with_its_bytes_and_the_hook_comes_first_and_once():
    async def scenario(world: World) -> None:
        client = await world.connect()
        store = world.runtime.session.uploads
        one = store.declare("a.png", 6, "image/png")
        await store.write(one, pieces(b"abc", b"def"), 6)
        reference = UploadReference(one, "claimed.png", "text/html", 999)
        answer = await client.post("one", {}, {"image": reference})
        assert isinstance(answer, Reply)
        assert answer.message.data == {"names": ["a.png"], "size": 6}  # what was measured, not what is claimed
        inline = await client.command("many", images=[{"upload_id": one}, {"upload_id": one}])
        assert inline.message.data == {"names": ["a.png", "a.png"], "size": 12}
        assert world.model.log == ["file a.png", "one a.png"]

    play_with_model(Files, scenario)


def test_a_command_waits_for_its_bytes_and_only_its_own_client_waits_with_it():
    async def scenario(world: World) -> None:
        one, two = await world.connect(), await world.connect()
        store = world.runtime.session.uploads
        late = store.declare("late.bin", 3, "application/octet-stream")
        waiting = one.post("one", {"image": {"upload_id": late}})
        behind = one.post("other")
        assert isinstance(await two.post("other"), Reply)
        assert not waiting.done() and not behind.done()
        await asyncio.sleep(5)
        await store.write(late, pieces(b"xyz"), None)
        assert (await waiting).message.data["size"] == 3
        assert isinstance(await behind, Reply)
        assert world.model.log == ["other", "file late.bin", "one late.bin", "other"]

    play_with_model(Files, scenario)


def test_bytes_that_never_come_are_refused_and_what_waited_behind_goes_on():
    async def scenario(world: World) -> None:
        client = await world.connect()
        missing = world.runtime.session.uploads.declare("never.bin", 3, "application/octet-stream")
        answer, behind = await asyncio.gather(
            client.post("one", {"image": {"upload_id": missing}}), client.post("other")
        )
        assert answer.code == "unresolved_upload" and "image" in answer.message
        assert isinstance(behind, Reply)
        unknown = await client.command("one", image={"upload_id": "feed"})
        assert unknown.code == "unresolved_upload" and "feed" in unknown.message
        wrong = await client.command("many", images=[{"upload_id": 3}])
        assert wrong.code == "invalid_command" and "images[0]" in wrong.message

    play_with_model(Files, scenario)


def test_wrong_lengths_and_limits_are_refused_by_name():
    async def scenario(world: World) -> None:
        await world.connect()
        store = world.runtime.session.uploads

        async def refused(status: int, words: str, work) -> None:
            async def do() -> None:
                result = work()
                if asyncio.iscoroutine(result):
                    await result

            with pytest.raises(UploadError, match=words) as refusal:
                await do()
            assert refusal.value.status == status

        await refused(400, "name", lambda: store.declare("", 1, "a/b"))
        await refused(400, "size", lambda: store.declare("x", 0, "a/b"))
        await refused(413, "limit", lambda: store.declare("x", 101, "a/b"))
        small = store.declare("x", 4, "a/b", "chosen")
        await refused(409, "taken", lambda: store.declare("x", 4, "a/b", "chosen"))
        await refused(404, "declare it first", lambda: store.write("nope", pieces(b""), None))
        await refused(400, "5 bytes, 4 were declared", lambda: store.write(small, pieces(b"12345"), 5))
        await refused(400, "longer than the 4", lambda: store.write(small, pieces(b"12", b"345"), None))
        await refused(400, "after 2 of the 4", lambda: store.write(small, pieces(b"12"), None))
        await store.write(small, pieces(b"1234"), None)  # a failed try leaves it writable
        await refused(409, "written already", lambda: store.write(small, pieces(b"1234"), None))
        store.declare("y", 90, "a/b")
        await refused(413, "a session", lambda: store.declare("z", 60, "a/b"))

        async def stalling() -> AsyncIterator[bytes]:
            yield b"1"
            await asyncio.sleep(1000)

        stuck = store.declare("s", 2, "a/b")
        await refused(408, "no bytes", lambda: store.write(stuck, stalling(), None))

    play_with_model(Files, scenario, limits=Limits(upload_bytes=100, session_upload_bytes=150))


@pytest.mark.limit("client_commands", counted="commands.refused.busy")
def test_too_many_commands_behind_a_file_are_busy():
    async def scenario(world: World) -> None:
        client = await world.connect()
        late = world.runtime.session.uploads.declare("late.bin", 3, "a/b")
        client.post("one", {"image": {"upload_id": late}})
        behind = [client.post("other") for _ in range(4)]
        answers = [future.result() for future in behind if future.done()]
        assert [type(a) for a in answers] == [Refusal, Refusal] and answers[0].code == "busy"
        await world.runtime.session.uploads.write(late, pieces(b"123"), None)
        assert [type(a) for a in await asyncio.gather(*behind[:2])] == [Reply, Reply]

    play_with_model(Files, scenario, limits=Limits(client_commands=2))


def test_a_large_file_lies_on_disk_and_outlives_its_session_in_the_models_hands(tmp_path):
    done = []

    async def whole() -> None:
        store = UploadStore(Limits(upload_memory_bytes=1000), lambda _, file: done.append(file))
        big = store.declare("big", 300_000, "a/b")
        await store.write(big, pieces(*[b"x" * 100_000] * 3), 300_000)
        store.close()

    asyncio.run(whole())
    assert done[0].size == 300_000 and done[0].data == b"x" * 300_000


@pytest.mark.limit("upload_wait", counted="commands.refused.unresolved_upload")
def test_a_second_command_behind_a_file_that_never_comes_is_told_the_same():
    async def scenario(world: World) -> None:
        client = await world.connect()
        missing = world.runtime.session.uploads.declare("never.bin", 3, "application/octet-stream")
        began = world.clock.now()
        one, two = await asyncio.gather(*(client.post("one", {"image": {"upload_id": missing}}) for _ in range(2)))
        assert one.code == two.code == "unresolved_upload"
        assert world.clock.now() - began == pytest.approx(world.runtime.limits.upload_wait, abs=0.1)

    play_with_model(Files, scenario)


@pytest.mark.limit("upload_declared")
def test_a_declaration_nobody_writes_to_is_forgotten_and_its_room_is_free_again():
    async def scenario(world: World) -> None:
        await world.runtime.start_session()
        store = world.runtime.session.uploads
        written = store.declare("written", 3, "a/b")
        await store.write(written, pieces(b"123"), 3)
        abandoned = store.declare("abandoned", 90, "a/b")
        await asyncio.sleep(250)
        with pytest.raises(UploadError) as refusal:
            store.declare("next", 20, "a/b")
        assert refusal.value.status == 413 and store.find(abandoned) is not None
        await asyncio.sleep(100)
        store.declare("next", 20, "a/b")
        assert store.find(abandoned) is None
        file, complete = store.find(written)
        assert complete.is_set() and file.data == b"123"

    limits = Limits(session_upload_bytes=100, upload_declared=300, orphan_timeout=10_000)
    play_with_model(Files, scenario, limits=limits)


def test_a_try_that_failed_keeps_a_declaration_from_being_forgotten():
    async def scenario(world: World) -> None:
        await world.runtime.start_session()
        store = world.runtime.session.uploads
        kept = store.declare("kept", 3, "a/b")
        await asyncio.sleep(200)
        with pytest.raises(UploadError):
            await store.write(kept, pieces(b"1"), None)
        await asyncio.sleep(200)
        store.declare("other", 3, "a/b")
        await store.write(kept, pieces(b"123"), None)
        assert store.find(kept)[0].data == b"123"

    play_with_model(Files, scenario, limits=Limits(upload_declared=300, orphan_timeout=10_000))


@pytest.mark.parametrize("memory", [1000, 2], ids=["in memory", "on disk"])
async def test_a_write_that_breaks_off_leaves_the_file_writable_and_nothing_of_it_behind(memory):
    done: list[UploadedFile] = []
    store = UploadStore(Limits(upload_memory_bytes=memory), lambda _, file: done.append(file))
    image = store.declare("a.png", 6, "image/png")

    async def breaks_off() -> AsyncIterator[bytes]:
        yield b"xxxx"
        raise ConnectionResetError("the client is gone")

    with pytest.raises(ConnectionResetError):
        await store.write(image, breaks_off(), 6)

    under_way = asyncio.Event()

    async def hangs() -> AsyncIterator[bytes]:
        yield b"yyyy"
        under_way.set()
        await asyncio.Event().wait()

    hanging = asyncio.create_task(store.write(image, hangs(), 6))
    await under_way.wait()
    with pytest.raises(UploadError, match="written already"):  # one at a time
        await store.write(image, pieces(b"abcdef"), 6)
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)

    await store.write(image, pieces(b"abc", b"def"), 6)
    assert [file.data for file in done] == [b"abcdef"]
    store.close()


async def stands_still(first: bytes) -> AsyncIterator[bytes]:
    yield first
    await asyncio.sleep(20)
    yield b"the rest"


def test_a_write_that_the_end_of_its_session_overtakes_is_refused():
    async def scenario(world: World) -> None:
        await world.connect()
        store = world.runtime.session.uploads
        image, other = store.declare("a.png", 12, "image/png"), store.declare("b.png", 3, "image/png")
        writing = asyncio.create_task(store.write(image, stands_still(b"1234"), 12))
        await asyncio.sleep(1)
        await world.runtime.stop_session("over")
        with pytest.raises(UploadError, match="declare it first") as refusal:
            await store.write(other, pieces(b"123"), 3)
        assert refusal.value.status == 404
        with pytest.raises(UploadError, match="the session ended") as refusal:
            await writing
        assert refusal.value.status == 404
        assert world.model.log == []

    play_with_model(Files, scenario)
