"""The engine on its real threads."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from reactor_runtime.clock import SystemClock
from reactor_runtime.engine.runtime import Runtime
from reactor_runtime.errors import ModelError
from reactor_runtime.interface import ClientInfo, ModelMessage, ReactorModel, connected, event
from reactor_runtime.limits import Limits
from reactor_runtime.transport.memory import MemoryTransport
from reactor_runtime.wire.messages import Reply

from .scenario import Picture

DEADLINE = 40.0


class Threads(ModelMessage):
    load: int
    run: int
    hook: int
    handler: int


class Where(ReactorModel):
    """Notes on which thread each part of it runs."""

    def load(self, config):
        self.loaded = threading.get_ident()
        self.frame = np.zeros((4, 6, 3), np.uint8)

    @connected
    def note(self):
        self.hooked = threading.get_ident()

    @event(name="where")
    async def where(self) -> Threads:
        return Threads(load=self.loaded, run=self.ran, hook=self.hooked, handler=threading.get_ident())

    @event(name="shout")
    def shout(self):
        self.send_threadsafe(Threads(load=0, run=0, hook=0, handler=0))

    async def run(self):
        self.ran = threading.get_ident()
        level = 0
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                level = level % 200 + 1
                self.frame[:] = level
                await self.emit(Picture(main_video=self.frame))
                self.frame[:] = 255  # the buffer is the author's again


@asynccontextmanager
async def running(
    model: type[ReactorModel], limits: Limits | None = None
) -> AsyncIterator[tuple[Runtime, MemoryTransport]]:
    runtime = Runtime(model, name="threads", limits=limits)
    transport = MemoryTransport(runtime, SystemClock())
    runtime.add_transport(transport)
    runtime.start()
    await runtime.loaded()
    try:
        await runtime.start_session()
        yield runtime, transport
    finally:
        await runtime.close("over")


async def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something another thread does."""
    async with asyncio.timeout(DEADLINE):
        while not condition():
            await asyncio.sleep(0.001)
    assert condition(), what


async def test_the_whole_model_lives_on_one_thread_that_is_not_the_servers():
    async with running(Where) as (_, transport):
        client = transport.connect()
        answer = await client.command("where")
        assert isinstance(answer, Reply) and answer.message is not None
        threads = set(answer.message.data.values())
        assert len(threads) == 1 and threading.get_ident() not in threads
        await client.command("shout")
        await until(lambda: len(client.messages) == 1, "the message of another thread")


async def test_what_is_shown_is_what_the_buffer_held_when_it_was_emitted():
    async with running(Where) as (_, transport):
        client = transport.connect()
        await until(lambda: len(client.frames) >= 20, "twenty frames")
        levels = [int(frame.picture.rgb()[0, 0, 0]) for frame in client.frames]
        assert 255 not in levels
        assert levels == list(range(levels[0], levels[0] + len(levels)))


@pytest.mark.limit("starvation", counted="model.starved_commands")
async def test_a_step_that_holds_the_loop_is_reported_with_its_line(caplog):
    entered, release = threading.Event(), threading.Event()

    class Holds(ReactorModel):
        @event(name="nothing")
        def nothing(self): ...

        async def run(self):
            await self.connected.wait()
            while True:
                entered.set()
                release.wait(DEADLINE)  # the line that holds the loop
                await asyncio.sleep(0)

    async with running(Holds, Limits(starvation=0.05)) as (runtime, transport):
        client = transport.connect()
        await until(entered.is_set, "the step has begun")
        with caplog.at_level(logging.WARNING):
            answer = client.post("nothing")
            await until(lambda: runtime.counters["model.starved_commands"] == 1, "the report")
        assert "release.wait(DEADLINE)" in caplog.text and "in run" in caplog.text
        _, stack = caplog.text.split("Its stack, innermost last:\n")
        assert stack.index("in run") < stack.index("threading.py")  # down to what does not come back
        assert "asyncio" not in stack and "reactor_runtime" not in stack
        (starved,) = [entry for entry in runtime.journal.since(0) if entry.event == "starved"]
        assert "release.wait(DEADLINE)" in starved.detail["message"]
        assert not answer.done()
        release.set()
        assert isinstance(await answer, Reply)


@pytest.mark.limit("close_grace", counted="sessions.slow_end")
async def test_a_model_that_cannot_be_stopped_is_told_of():
    entered, release = threading.Event(), threading.Event()

    class Stuck(ReactorModel):
        async def run(self):
            await self.connected.wait()
            entered.set()
            release.wait(DEADLINE)
            await asyncio.sleep(3600)

    runtime = Runtime(Stuck, name="stuck", limits=Limits(close_grace=0.05))
    transport = MemoryTransport(runtime, SystemClock())
    runtime.add_transport(transport)
    runtime.start()
    await runtime.loaded()
    await runtime.start_session()
    client = transport.connect()
    await until(entered.is_set, "the step has begun")
    assert await runtime.close("over", timeout=0.05) is False
    assert client.ended == "over" and runtime.counters["sessions.slow_end"] == 1
    release.set()


async def test_a_model_that_does_not_load_says_why():
    class Broken(ReactorModel):
        def load(self, config):
            raise FileNotFoundError("weights.pt")

    runtime = Runtime(Broken, name="broken")
    runtime.start()
    with pytest.raises(ModelError, match=r"Broken\.load\(\) failed with FileNotFoundError: weights\.pt"):
        await runtime.loaded()
    assert not runtime.healthy and "weights.pt" in str(runtime.detail)
    assert await runtime.close("over")


async def test_a_helper_task_that_exits_does_not_stop_the_model():
    exits = threading.Event()

    class Exits(ReactorModel):
        @event(name="ping")
        def ping(self): ...

        @event(name="exit")
        async def exit(self):
            self.helper = asyncio.create_task(self.help())

        async def help(self):
            exits.set()
            raise SystemExit("of a library")

        async def run(self):
            while True:
                await self.connected.wait()
                await self.emit(Picture(main_video=np.zeros((4, 6, 3), np.uint8)))

    async with running(Exits) as (runtime, transport):
        client = transport.connect()
        await client.command("exit")
        await until(exits.is_set, "the helper has exited")
        shown = len(client.frames)
        await until(lambda: len(client.frames) >= shown + 3, "frames after it")
        assert isinstance(await client.command("ping"), Reply)
        assert runtime.healthy and client.ended is None


async def test_a_thread_that_looks_at_the_gate_does_not_hide_the_edge_from_run():
    generating, seen, release = threading.Event(), threading.Event(), threading.Event()
    models: list[Generates] = []

    class Generates(ReactorModel):
        def load(self, config):
            self.log = []
            models.append(self)

        @connected
        def hello(self, client: ClientInfo):
            self.log.append(f"hello {client.id}")

        def generate(self):
            """Stops early when nobody is there, as a long one does."""
            generating.set()
            while self.connected.is_set() and not release.wait(0.001):
                pass
            seen.set()
            release.wait(DEADLINE)

        async def run(self):
            self.loop = asyncio.get_running_loop()
            while True:
                await self.connected.wait()
                while self.connected.is_set():
                    await asyncio.to_thread(self.generate)
                    await self.emit(Picture(main_video=np.zeros((4, 6, 3), np.uint8)))
                self.log.append("pause")

    async def some_turns() -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async with running(Generates) as (_, transport):
        one = transport.connect()
        await until(generating.is_set, "the step has begun")
        one.leave()
        transport.connect()
        try:
            await until(seen.is_set, "the thread has seen the gate closed")
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(some_turns(), models[0].loop))
            assert models[0].log == ["hello 1"], "only run() may see the edge"
        finally:
            release.set()
        await until(lambda: len(models[0].log) >= 3, "the second client is announced")
        assert models[0].log[:3] == ["hello 1", "pause", "hello 2"]
