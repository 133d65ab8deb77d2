"""What never ends, and what comes from the wrong thread: whom it holds up, who is told, and what is sound after it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable

import pytest

from reactor_runtime.clock import SystemClock
from reactor_runtime.engine.runtime import Runtime
from reactor_runtime.engine.state import State
from reactor_runtime.errors import CommandError, ModelError
from reactor_runtime.interface import (
    ModelMessage,
    ReactorModel,
    UploadedFile,
    connected,
    event,
    file_uploaded,
    session_ended,
    session_started,
)
from reactor_runtime.limits import Limits
from reactor_runtime.transport.memory import MemoryTransport
from reactor_runtime.wire.messages import Refusal, Reply

from .scenario import World, grey, levels, play
from .test_threads import DEADLINE, running, until


class Note(ModelMessage):
    text: str


class Pinged(ReactorModel):
    """Shows a picture, and answers."""

    @event(name="ping")
    def ping(self): ...

    async def run(self):
        level = 0
        while True:
            await self.connected.wait()
            level = level % 200 + 1
            await self.emit(grey(level))


class HangsAsync(Pinged):
    hangs = True

    @event(name="hang")
    async def hang(self):
        if self.hangs:
            await asyncio.Event().wait()  # the line that never ends


def test_an_async_handler_that_never_returns_is_named_and_cancelled_with_its_session(caplog):
    async def scenario(world: World) -> None:
        one, two = await world.connect(), await world.connect()
        hanging = one.post("hang")
        await asyncio.sleep(0.1)
        waiting = [two.post("ping") for _ in range(6)]
        assert [future.result().code for future in waiting if future.done()] == ["busy"] * 2
        before = len(two.frames)
        answers = await asyncio.gather(hanging, *waiting[:4])
        assert {answer.code for answer in answers} == {"timeout"}
        assert "no answer within 9 s" in answers[0].message
        assert len(two.frames) > before + 100, "the picture goes on"
        assert "hang has not finished for over 1 s" in caplog.text and "# the line that never ends" in caplog.text
        await world.runtime.stop_session("enough")
        HangsAsync.hangs = False
        next_one = await world.connect()
        assert isinstance(await next_one.command("ping"), Reply)
        await asyncio.sleep(1)
        assert levels(next_one)

    try:
        counts = play(HangsAsync, scenario, limits=Limits(commands=4)).counts
    finally:
        HangsAsync.hangs = True
    assert counts["sessions.slow_end"] == 1 and counts["commands.refused.timeout"] == 5


async def test_a_plain_handler_that_never_returns_is_reported_with_its_line(caplog):
    """Nothing stops a thread; all that is not the model's goes on, and the process can end."""
    entered, release = threading.Event(), threading.Event()

    class Hangs(Pinged):
        @event(name="hang")
        def hang(self):
            entered.set()
            release.wait(DEADLINE)  # the line that holds the thread

    limits = Limits(answer_timeout=0.2, starvation=0.05, commands=1, close_grace=0.05)
    runtime = Runtime(Hangs, name="hangs", limits=limits)
    transport = MemoryTransport(runtime, SystemClock())
    runtime.add_transport(transport)
    runtime.start()
    await runtime.loaded()
    await runtime.start_session()
    one, two = transport.connect(), transport.connect()
    with caplog.at_level(logging.WARNING):
        hanging = one.post("hang")
        await until(entered.is_set, "the handler has begun")
        waits, too_many = two.post("ping"), two.post("ping")
        assert too_many.result().code == "busy"
        assert (await hanging).code == (await waits).code == "timeout"
        await until(lambda: "# the line that holds the thread" in caplog.text, "the report")
        await runtime.stop_session("enough")
        assert one.ended == two.ended == "enough"
        await runtime.start_session()
        assert transport.connect().ended is None, "the next session has begun"
        assert "# the line that holds the thread" in runtime.holdup
        assert await runtime.close("over", timeout=0.05, hooks=0.05) is False
    release.set()


async def test_a_handler_that_waits_is_named_beside_the_step_that_the_thread_is_in():
    waiting, entered, release = threading.Event(), threading.Event(), threading.Event()

    class Both(Pinged):
        @event(name="hang")
        async def hang(self):
            waiting.set()
            await asyncio.Event().wait()  # the line that waits

        async def run(self):
            while True:
                await self.connected.wait()
                await self.emit(grey(1))
                if waiting.is_set():
                    entered.set()
                    release.wait(DEADLINE)  # the line of the step
                    waiting.clear()

    async with running(Both) as (runtime, transport):
        transport.connect().post("hang")
        await until(entered.is_set, "the step has begun")
        await until(lambda: "# the line of the step" in runtime.holdup, "the step is at its line")
        assert "hang, at " in runtime.holdup and "# the line that waits" in runtime.holdup
        release.set()


class Hooks(Pinged):
    """A hook that hangs in the first session, where told to."""

    place = ""
    sessions = 0

    async def _hang(self, place: str) -> None:
        if self.sessions <= 1 and place == self.place:
            await asyncio.Event().wait()

    @session_started
    async def begin(self):
        self.sessions += 1
        await self._hang("session_started")

    @file_uploaded
    async def file(self, uploaded_file: UploadedFile):
        await self._hang("file_uploaded")


@pytest.mark.parametrize("place", ["session_started", "file_uploaded"])
def test_a_hook_that_never_ends_holds_up_its_own_session_only(place, caplog):
    async def scenario(world: World) -> None:
        one = await world.connect()
        await world.upload("a.png", b"abc", "image/png")
        answer = await one.command("ping")
        assert isinstance(answer, Refusal) and answer.code == "timeout"
        assert f"@{place} has not finished for over 1 s" in caplog.text
        await world.runtime.stop_session("enough")
        two = await world.connect()
        assert isinstance(await two.command("ping"), Reply)
        await asyncio.sleep(1)
        assert levels(two)

    assert play(type("Hangs", (Hooks,), {"place": place}), scenario).counts["sessions.slow_end"] == 1


def test_hooks_of_a_session_that_ends_already_have_less_time_where_the_process_ends():
    """What is left of their own time counts, and no more than the end of the process leaves them."""
    ended: list[float] = []

    class EndlessGoodbye(Pinged):
        @session_ended
        async def goodbye(self):
            await asyncio.Event().wait()

    def scenario_of(hooks: float, waited: float) -> Callable[[World], Awaitable[None]]:
        async def scenario(world: World) -> None:
            await world.connect()
            await world.runtime.stop_session("enough")
            await asyncio.sleep(waited)
            began = world.clock.now()
            await world.runtime.close("over", hooks=hooks)
            ended.append(world.clock.now() - began)

        return scenario

    for hooks, waited in ((0.5, 1.0), (60.0, 1.0), (2.0, 4.5)):
        assert play(EndlessGoodbye, scenario_of(hooks, waited)).counts["sessions.slow_end"] == 1
    assert [round(seconds, 1) for seconds in ended] == [0.5, 4.0, 0.5]


@pytest.mark.parametrize("call", ["emit()", "send()"])
async def test_what_belongs_on_the_models_thread_says_so_elsewhere(call):
    class Elsewhere(Pinged):
        @event(name="try")
        async def attempt(self) -> Note:
            def work() -> None:
                asyncio.run(self.emit(grey(250)) if call == "emit()" else self.send(Note(text="x")))

            try:
                await asyncio.to_thread(work)
            except RuntimeError as error:
                return Note(text=str(error))
            return Note(text="nothing was said")

    async with running(Elsewhere) as (runtime, transport):
        client = transport.connect()
        answer = await client.command("try")
        assert isinstance(answer, Reply) and answer.message is not None
        assert answer.message.data["text"].startswith(f"{call} was called on thread 'asyncio_0', and works on the")
        shown = len(client.frames)
        await until(lambda: len(client.frames) >= shown + 5, "frames go on")
        assert 250 not in levels(client) and client.messages == []
        assert runtime.counters["model.wrong_thread"] == 1


class FailsInInit(ReactorModel):
    def __init__(self):
        raise ValueError("in __init__")


class FailsInHandler(Pinged):
    """`load` calls a handler of its own, which refuses."""

    def load(self, config):
        self.refuse()

    @event(name="refuse")
    def refuse(self):
        raise CommandError("no_such_style", "in a handler")


class FailsInHook(Pinged):
    def load(self, config):
        self.hello()

    @connected
    def hello(self):
        raise KeyError("in a hook")


class FailsInEmit(Pinged):
    async def load(self, config):
        await self.emit("no picture")


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (FailsInInit, "ValueError: in __init__"),
        (FailsInHandler, "CommandError: no_such_style: in a handler"),
        (FailsInHook, "KeyError: 'in a hook'"),
        (FailsInEmit, "OutputError"),
    ],
)
async def test_whatever_fails_in_load_fails_the_load_with_its_reason(model, says):
    runtime = Runtime(model, name="fails")
    runtime.start()
    with pytest.raises(ModelError) as failure:
        await runtime.loaded()
    assert f"{model.__name__}.load() failed with" in str(failure.value) and says in str(failure.value)
    assert runtime.state is State.TERMINATED and runtime.trouble == str(failure.value)
    assert await runtime.close("over")
