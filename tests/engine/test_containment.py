"""Failures of an author's code, of a client and of a transport stay where they are."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import pytest

from reactor_runtime.interface import (
    CommandError,
    ModelMessage,
    ReactorModel,
    UploadedFile,
    connected,
    disconnected,
    event,
    file_uploaded,
    session_ended,
    session_started,
)
from reactor_runtime.limits import Limits
from reactor_runtime.wire.json_v0 import JsonV0
from reactor_runtime.wire.messages import Message, Refusal, Reply, ServerMessage
from reactor_runtime.wire.protobuf_v1 import ProtobufV1

from .scenario import World, grey, levels, play, play_with_model


class Note(ModelMessage):
    text: str


class Pinged(ReactorModel):
    """What still answers is alive."""

    @event(name="ping")
    def ping(self): ...


async def await_a_cancelled_task() -> None:
    """As an author does who replaces a task: cancel the old one, and wait for its end."""
    task = asyncio.create_task(asyncio.sleep(100))
    task.cancel()
    await task


async def answers(world: World) -> bool:
    """Whether a client that comes now is served."""
    client = await world.connect()
    return isinstance(await client.command("ping"), Reply)


# -- what ends more than itself elsewhere


def test_a_handler_that_awaits_a_task_it_cancelled_fails_alone():
    class Replaces(Pinged):
        @event(name="again")
        async def again(self):
            await await_a_cancelled_task()

    async def scenario(world: World) -> None:
        client = await world.connect()
        answer = await client.command("again")
        assert isinstance(answer, Refusal) and answer.code == "internal_error"
        assert isinstance(await client.command("ping"), Reply)

    assert play(Replaces, scenario).counts["handlers.failed"] == 1


def test_hooks_that_await_a_task_they_cancelled_fail_alone():
    class Replaces(Pinged):
        @session_started
        async def begin(self):
            await await_a_cancelled_task()

        @connected
        async def hello(self):
            await await_a_cancelled_task()

        @file_uploaded
        async def file(self, uploaded_file: UploadedFile):
            await await_a_cancelled_task()

        @disconnected
        async def bye(self):
            await await_a_cancelled_task()

        @session_ended
        async def end(self):
            await await_a_cancelled_task()

    async def body():
        yield b"abc"

    async def scenario(world: World) -> None:
        client = await world.connect()
        uploads = world.runtime.session.uploads
        await uploads.write(uploads.declare("a.png", 3, "image/png"), body(), 3)
        assert isinstance(await client.command("ping"), Reply)
        await world.runtime.stop_session()
        assert await answers(world)

    assert play(Replaces, scenario).counts["hooks.failed"] >= 5


def test_run_that_ends_with_a_cancellation_of_its_own_is_a_failure():
    class Replaces(ReactorModel):
        async def run(self):
            await self.connected.wait()
            await await_a_cancelled_task()

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        assert "CancelledError" in client.ended

    assert play(Replaces, scenario).counts["run.ended"] == 1


@pytest.mark.parametrize("exception", [SystemExit, KeyboardInterrupt])
def test_what_would_end_the_process_ends_no_more_than_its_handler_hook_or_run(exception):
    class Exits(Pinged):
        def load(self, config):
            self.leave = False

        @connected
        def hello(self):
            raise exception("hook")

        @event(name="exit")
        async def exit(self):
            raise exception("handler")

        @event(name="leave_run")
        def leave_run(self):
            self.leave = True

        async def run(self):
            while True:
                await self.connected.wait()
                await self.emit(grey(1))
                if self.leave:
                    self.leave = False
                    raise exception("run")

    async def scenario(world: World) -> None:
        client = await world.connect()
        assert (await client.command("exit")).code == "internal_error"
        assert isinstance(await client.command("ping"), Reply)
        await client.command("leave_run")
        await asyncio.sleep(1)
        assert exception.__name__ in client.ended and not world.runtime.fatal.done()
        assert await answers(world)

    assert play(Exits, scenario).counts["hooks.failed"] == 2


# -- what never ends


class Hangs(Pinged):
    """Handlers and hooks that wait for ever in the first session, where told to."""

    places: tuple[str, ...] = ()
    sessions = 0

    async def _hang(self, place: str) -> None:
        if self.sessions == 1 and place in self.places:
            await asyncio.Event().wait()

    @session_started
    def begin(self):
        self.sessions += 1

    @connected
    async def hello(self):
        await self._hang("connected")

    @disconnected
    async def bye(self):
        await self._hang("disconnected")

    @session_ended
    async def end(self):
        await self._hang("session_ended")

    @event(name="hang")
    async def hang(self):
        await self._hang("handler")


def hanging_at(*places: str) -> type[Hangs]:
    return type("HangsSomewhere", (Hangs,), {"places": places, "__doc__": Hangs.__doc__})


async def hang_and_come_again(world: World, clients: int) -> None:
    """One session in which something hangs; the one after it is served."""
    first, *_ = [await world.connect() for _ in range(clients)]
    first.post("hang")
    await asyncio.sleep(1)
    await world.runtime.stop_session("enough")
    client = await world.connect()  # waits for the end of the session before, which has its bound
    assert isinstance(await client.command("ping"), Reply)


@pytest.mark.parametrize("place", ["connected", "handler", "disconnected", "session_ended"])
def test_what_never_ends_holds_up_its_own_session_only(place):
    async def scenario(world: World) -> None:
        await hang_and_come_again(world, clients=1)

    assert play(hanging_at(place), scenario).counts["sessions.slow_end"] == 1


@pytest.mark.parametrize("places", [("connected",), ("disconnected",), ("handler", "disconnected")])
def test_several_that_never_end_hold_up_their_own_session_only(places):
    async def scenario(world: World) -> None:
        await hang_and_come_again(world, clients=2)

    play(hanging_at(*places), scenario)


def test_a_handler_that_takes_its_cancellation_for_its_end_leaves_no_trace():
    class Swallows(Pinged):
        @event(name="hang")
        async def hang(self):
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

        @event(name="again")
        async def again(self):
            await await_a_cancelled_task()

    async def scenario(world: World) -> None:
        (await world.connect()).post("hang")
        await asyncio.sleep(1)
        await world.runtime.stop_session("enough")
        client = await world.connect()
        assert (await client.command("again")).code == "internal_error"
        assert isinstance(await client.command("ping"), Reply)

    play(Swallows, scenario)


# -- arguments and answers


@dataclass
class Positive:
    value: float

    def __post_init__(self):
        assert self.value > 0


def test_whatever_a_dataclass_of_the_author_raises_refuses_the_command():
    class Checks(Pinged):
        @event(name="at")
        def at(self, point: Positive): ...

    async def scenario(world: World) -> None:
        client = await world.connect()
        answer = await client.command("at", point={"value": -1})
        assert isinstance(answer, Refusal) and answer.code in ("invalid_command", "internal_error")
        assert answer.message.startswith("at: ")
        assert isinstance(await client.command("at", point={"value": 1}), Reply)
        assert isinstance(await client.command("ping"), Reply)

    play(Checks, scenario)


def test_a_command_error_made_of_anything_is_answered_in_every_codec():
    class Refuses(ReactorModel):
        @event(name="parse")
        def parse(self):
            try:
                int("a")
            except ValueError as problem:
                raise CommandError("bad_number", problem) from None

    async def scenario(world: World) -> None:
        client = await world.connect()
        answer = await client.command("parse")
        assert isinstance(answer, Refusal) and answer.code == "bad_number" and "'a'" in answer.message
        for codec in (JsonV0(Limits()), ProtobufV1(Limits())):
            assert list(codec.encode(answer))

    play(Refuses, scenario)


# -- clients and transports


def test_a_broadcast_reaches_the_others_when_a_client_is_dropped_while_it_is_sent_to():
    class Says(ReactorModel):
        @event(name="say")
        async def say(self):
            await self.send(Note(text="x"))

    async def scenario(world: World) -> None:
        slow, one, two = await world.connect(), await world.connect(), await world.connect()
        takes = slow.send

        def too_slow(message: ServerMessage) -> None:
            """As a peer whose channel is full does."""
            if isinstance(message, Message):
                slow.client.left("it does not take what is sent")
            else:
                takes(message)

        slow.send = too_slow
        await one.command("say")
        assert one.messages == two.messages == [Message("note", {"text": "x"})]
        assert not slow.client.present

    assert "outbox.errors" not in play(Says, scenario).counts


def test_a_session_ends_whole_though_a_transport_cannot_be_reset():
    class Ends(Pinged):
        def load(self, config):
            self.log = []

        @session_ended
        def end(self):
            self.log.append("ended")

        @event(name="draw")
        async def draw(self, level: int):
            await self.emit(grey(level))

    async def fails() -> None:
        raise OSError("the network is gone")

    async def scenario(world: World) -> None:
        one = await world.connect()
        reset, world.transport.reset = world.transport.reset, fails
        await world.runtime.stop_session("over")
        assert one.ended == "over" and one.closed
        world.transport.reset = reset
        two = await world.connect()
        assert world.model.log == ["ended"]
        await two.command("draw", level=5)
        assert levels(two) == [5]

    assert play_with_model(Ends, scenario).counts["transport.faults"] == 1
