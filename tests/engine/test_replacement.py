"""New code under a model that runs: what stays, what is new, and that nothing changes where it cannot be."""

from __future__ import annotations

import asyncio
import re
import weakref

import pytest

from reactor_runtime.engine.replacement import FreshLoad, Replacement
from reactor_runtime.engine.run_loop import END_SECONDS
from reactor_runtime.errors import ReloadError
from reactor_runtime.interface import (
    InputField,
    ModelMessage,
    Output,
    ReactorModel,
    Video,
    connected,
    event,
    session_started,
)
from reactor_runtime.transport.memory import MemoryConnection
from reactor_runtime.wire.messages import Message, Refusal, Reply, Schema

from .scenario import Picture, World, grey, level, play


class Said(ModelMessage):
    text: str


class Two(Output):
    main_video: Video
    depth: Video


class Before(ReactorModel):
    output: Picture

    def load(self, config):
        self.weights = config.get("weights", "w")
        self.log = []
        self.loads = 1

    @session_started
    def begin(self):
        self.log.append("begin")

    @connected
    async def join(self):
        self.log.append("join")

    @event(name="ask")
    def ask(self) -> Said:
        return Said(text="before")

    @event(name="gone")
    def gone(self):
        pass

    def shade(self):
        return 10

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                await self.emit(grey(self.shade()))


class After(ReactorModel):
    output: Picture

    def load(self, config):
        self.weights = config["weights"] + "!"
        self.log = []

    @session_started
    def begin(self):
        self.log.append("begin again")

    @connected
    async def join(self):
        await self.send(Said(text="hello"))
        self.log.append("join again")

    @event(name="ask")
    def ask(self, loud: bool = InputField(default=False)) -> Said:
        return Said(text="AFTER" if loud else "after")

    @event(name="fresh")
    def fresh(self):
        pass

    def shade(self):
        return 200

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                await self.emit(grey(self.shade()))


def test_the_instance_stays_and_its_code_is_new():
    async def scenario(world: World) -> None:
        client, other = await world.connect(), await world.connect()
        await asyncio.sleep(1)
        assert level(client) == 10
        instance, session = world.model, world.runtime.session
        await world.runtime.replace_model(Replacement(After))
        await asyncio.sleep(1)
        assert world.model is instance and isinstance(instance, After) and instance.weights == "w"
        assert instance.log == ["begin", "join", "join"]
        assert world.runtime.session is session and client.ended is None
        assert level(client) == level(other) == 200
        assert (await client.command("ask", loud=True)).message.data == {"text": "AFTER"}
        assert isinstance(await client.command("fresh"), Reply)
        gone = await client.command("gone")
        assert isinstance(gone, Refusal) and gone.code == "invalid_command"
        for each in (client, other):
            schema = next(message for _, message in each.received if isinstance(message, Schema))
            assert "/events/fresh" in schema.openapi["paths"] and schema.request_id is None
        assert world.runtime.schema == schema.openapi and world.runtime.session.schema == schema.openapi
        third = await world.connect()
        assert isinstance(await third.command("fresh"), Reply)
        assert instance.log[-1] == "join again"

    assert "run.ended" not in play(Before, scenario).counts


def test_hooks_whose_code_changed_run_again_before_the_new_loop_does():
    async def scenario(world: World) -> None:
        client, _ = await world.connect(), await world.connect()
        await asyncio.sleep(0.5)
        await world.runtime.replace_model(Replacement(After, rerun=frozenset({"session_started", "connected"})))
        assert world.model.log == ["begin", "join", "join", "begin again", "join again", "join again"]
        assert [message.data for message in client.messages] == [{"text": "hello"}] * 2
        await asyncio.sleep(0.5)
        assert level(client) == 200

    play(Before, scenario)


def test_objects_are_adopted_while_no_code_of_the_model_runs():
    async def scenario(world: World) -> None:
        await world.connect()
        adopted = []
        await world.runtime.replace_model(
            Replacement(After, adopt=lambda: adopted.append(asyncio.current_task().get_name()))
        )
        assert adopted == ["dispatcher"]

    play(Before, scenario)


def test_a_rate_that_changed_holds_at_once():
    class Slower(Before):
        fps = 10

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        await world.runtime.replace_model(Replacement(Slower))
        seen = len(client.frames)
        await asyncio.sleep(2)
        assert len(client.frames) - seen == pytest.approx(20, abs=1)

    play(Before, scenario)


def test_changed_tracks_are_refused_and_everything_goes_on():
    class Changed(Before):
        output: Two

    async def scenario(world: World) -> None:
        client = await world.connect()
        with pytest.raises(ReloadError, match="the tracks have changed") as caught:
            await world.runtime.replace_model(Replacement(Changed))
        assert caught.value.restart
        await asyncio.sleep(1)
        assert level(client) == 10 and type(world.model) is Before

    play(Before, scenario)


def test_another_layout_is_refused_and_everything_goes_on():
    class Slotted(Before):
        __slots__ = ("x",)

    async def scenario(world: World) -> None:
        client = await world.connect()
        with pytest.raises(ReloadError, match="lays out its attributes in another way"):
            await world.runtime.replace_model(Replacement(Slotted))
        await asyncio.sleep(1)
        assert level(client) == 10

    play(Before, scenario)


def test_a_run_that_does_not_end_keeps_its_code():
    class Clings(Before):
        clinging = True

        async def run(self):
            while True:
                try:
                    await self.connected.wait()
                    await self.emit(grey(99))
                except asyncio.CancelledError:
                    if not self.clinging:
                        raise

    async def scenario(world: World) -> None:
        client = await world.connect()
        began = world.clock.now()
        with pytest.raises(ReloadError, match="run\\(\\) has not ended within 5 s") as caught:
            await world.runtime.replace_model(Replacement(After))
        assert caught.value.restart and world.clock.now() - began == pytest.approx(END_SECONDS, abs=0.1)
        await asyncio.sleep(1)
        assert level(client) == 99 and type(world.model) is Clings
        world.model.clinging = False

    play(Clings, scenario)


def test_a_handler_that_does_not_end_holds_the_new_code_up_and_is_named():
    class Thinks(Before):
        @event(name="think")
        async def think(self):
            await asyncio.sleep(8)

    async def scenario(world: World) -> None:
        client = await world.connect()
        client.post("think")
        await asyncio.sleep(0.1)
        with pytest.raises(ReloadError, match="has not come to its next await point within 5 s"):
            await world.runtime.replace_model(Replacement(After))
        await asyncio.sleep(4)
        assert type(world.model) is Thinks and level(client) == 10
        await world.runtime.replace_model(Replacement(After))
        await asyncio.sleep(0.5)
        assert level(client) == 200

    play(Thinks, scenario)


def test_a_fresh_load_makes_a_fresh_instance_for_the_clients_there_are():
    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(0.5)
        old = world.model
        await world.runtime.replace_model(Replacement(After, load=FreshLoad({"weights": "new"})))
        assert world.model is not old and world.model.weights == "new!"
        assert world.model.log == ["begin again", "join again"]
        assert client.messages == [Message("said", {"text": "hello"})]
        await asyncio.sleep(0.5)
        assert level(client) == 200 and client.ended is None

    play(Before, scenario)


def test_a_load_that_fails_leaves_the_clients_waiting_for_one_that_does_not():
    async def scenario(world: World) -> None:
        client = await world.connect()
        with pytest.raises(KeyError, match="weights"):
            await world.runtime.replace_model(Replacement(After, load=FreshLoad({})))
        await asyncio.sleep(1)
        assert client.ended is None
        await world.runtime.replace_model(Replacement(Before))
        seen = len(client.frames)
        await asyncio.sleep(1)
        assert len(client.frames) == seen  # new code, and still nothing loaded
        await world.runtime.replace_model(Replacement(Before, load=FreshLoad({"weights": "x"})))
        await asyncio.sleep(1)
        assert level(client) == 10 and world.model.weights == "x"

    play(Before, scenario)


FAILED = r"run\(\) failed with ZeroDivisionError: it was meant to at test_replacement\.py:\d+; it waits for new code"


def test_where_new_code_is_awaited_a_failing_run_ends_no_session():
    class Breaks(Before):
        async def run(self):
            await self.connected.wait()
            raise ZeroDivisionError("it was\nmeant to")

    async def scenario(world: World) -> None:
        world.runtime.awaits_new_code = True
        client = await world.connect()
        for _ in range(4):
            await world.runtime.replace_model(Replacement(Breaks))
            await asyncio.sleep(0.1)
        told = [message for _, message in client.received if isinstance(message, Refusal)]
        assert {message.code for message in told} == {"run_failed"} and len(told) == 4
        assert all(re.fullmatch(FAILED, message.message) for message in told)
        kinds = [type(message) for _, message in client.received if isinstance(message, (Refusal, Schema))]
        assert kinds[-2:] == [Schema, Refusal]  # a page takes the schema for good news
        assert client.ended is None and world.runtime.healthy and not world.runtime.fatal.done()
        late = await world.connect()
        assert [message.code for _, message in late.received if isinstance(message, Refusal)] == ["run_failed"]
        await world.runtime.replace_model(Replacement(Before))
        assert isinstance(late.received[-1][1], Schema)  # which tells a page that new code runs
        await asyncio.sleep(0.5)
        assert level(client) == 10
        fine = await world.connect()
        assert not [message for _, message in fine.received if isinstance(message, Refusal)]

    play(Before, scenario)


def refusals(client: MemoryConnection) -> list[tuple[str, str]]:
    return [(message.code, message.message) for _, message in client.received if isinstance(message, Refusal)]


def test_a_run_that_returns_is_told_as_that():
    class Returns(Before):
        async def run(self):
            await self.connected.wait()

    async def scenario(world: World) -> None:
        world.runtime.awaits_new_code = True
        client = await world.connect()
        await asyncio.sleep(0.1)
        ((code, text),) = refusals(client)
        assert code == "run_failed"
        assert text.startswith("the model's run() returned; ") and text.endswith("; it waits for new code")

    play(Returns, scenario)


def test_a_failed_load_is_told_to_all_until_one_has_not_failed():
    async def scenario(world: World) -> None:
        runtime = world.runtime
        runtime.awaits_new_code = True
        client = await world.connect()
        with pytest.raises(KeyError) as caught:
            await runtime.replace_model(Replacement(After, load=FreshLoad({})))
        runtime.load_failed(caught.value)
        ((code, text),) = told = refusals(client)
        assert code == "run_failed" and runtime.detail is not None
        assert text == f"{runtime.detail}; it waits for new code" and "load() failed with KeyError: 'weights'" in text
        assert refusals(await world.connect()) == told
        await runtime.replace_model(Replacement(After))  # there is nothing that it could run with
        assert refusals(client) == told * 2 and isinstance(client.received[-1][1], Refusal)
        assert not runtime.healthy
        await runtime.stop_session("enough")
        assert refusals(await world.connect()) == told
        later = await world.connect()
        await runtime.replace_model(Replacement(After, load=FreshLoad({"weights": "x"})))
        assert refusals(later) == told and isinstance(later.received[-1][1], Schema)
        assert runtime.healthy and not refusals(await world.connect())

    play(Before, scenario)


def test_code_that_is_refused_is_told_to_who_is_there():
    async def scenario(world: World) -> None:
        world.runtime.code_refused("nobody is there to hear it")
        client = await world.connect()
        world.runtime.code_refused("my_model.py:16: SyntaxError: expected ':'; the code from before goes on")
        ((code, text),) = refusals(client)
        assert code == "reload_refused" and text.startswith("my_model.py:16: SyntaxError")
        assert not refusals(await world.connect())

    play(Before, scenario)


def test_without_new_code_to_wait_for_no_clients_are_told_the_text_of_an_exception():
    class Leaks(Before):
        @connected
        async def join(self):
            raise RuntimeError("secret")

        async def run(self):
            await self.connected.wait()
            raise RuntimeError("secret")

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        assert client.ended is not None and "secret" not in client.ended
        assert "run() failed with RuntimeError (after the @connected hook join(), which had failed" in client.ended

    play(Leaks, scenario)


def test_between_sessions_the_code_is_replaced_too():
    async def scenario(world: World) -> None:
        await world.runtime.replace_model(Replacement(After, rerun=frozenset({"session_started"})))
        assert world.model.log == []
        client = await world.connect()
        await asyncio.sleep(0.5)
        assert level(client) == 200 and world.model.log == ["begin again", "join again"]

    play(Before, scenario)


def test_the_old_weights_are_let_go_before_the_new_ones_are_loaded():
    alive: list[bool] = []

    class Counts(Before):
        def load(self, config):
            super().load(config)
            alive.append(old() is not None)

    async def scenario(world: World) -> None:
        nonlocal old
        await world.connect()
        await asyncio.sleep(0.5)
        old = weakref.ref(world.model)
        await world.runtime.replace_model(Replacement(Counts, load=FreshLoad({})))
        assert alive == [False]

    def old() -> object:
        return None

    play(Before, scenario)


def test_what_run_and_load_had_started_ends_with_them():
    class Ticks(Before):
        async def load(self, config):
            super().load(config)
            self.ticks = []
            self.task = asyncio.create_task(self.tick("load"))

        async def tick(self, what):
            while True:
                self.ticks.append(what)
                await asyncio.sleep(0.1)

        async def run(self):
            asyncio.create_task(self.tick("run"))  # noqa: RUF006 - as authors write it
            await super().run()

    async def scenario(world: World) -> None:
        await world.connect()
        await asyncio.sleep(1)
        ticks = world.model.ticks
        await world.runtime.replace_model(Replacement(Before))
        ticks.clear()
        await asyncio.sleep(1)
        assert set(ticks) == {"load"}
        await world.runtime.replace_model(Replacement(Before, load=FreshLoad({})))
        ticks.clear()
        await asyncio.sleep(1)
        assert not ticks

    play(Ticks, scenario)


def test_a_session_may_end_while_a_fresh_load_goes_on():
    class Slow(Before):
        async def load(self, config):
            super().load(config)
            await asyncio.sleep(20)

    async def scenario(world: World) -> None:
        await world.connect()
        loading = asyncio.ensure_future(world.runtime.replace_model(Replacement(Slow, load=FreshLoad({}))))
        await asyncio.sleep(1)
        await world.runtime.stop_session("enough")
        await loading
        client = await world.connect()
        await asyncio.sleep(1)
        assert level(client) == 10 and type(world.model) is Slow

    play(Before, scenario)


def test_code_that_is_refused_does_not_hide_that_the_model_has_failed():
    class Breaks(Before):
        async def run(self):
            await self.connected.wait()
            raise ZeroDivisionError

        @event(name="think")
        async def think(self):
            await asyncio.sleep(8)

    async def scenario(world: World) -> None:
        world.runtime.awaits_new_code = True
        client = await world.connect()
        await asyncio.sleep(0.1)
        client.post("think")
        await asyncio.sleep(0.1)
        with pytest.raises(ReloadError, match="has not come to its next await point"):
            await world.runtime.replace_model(Replacement(Before))
        late = await world.connect()
        assert [message.code for _, message in late.received if isinstance(message, Refusal)] == ["run_failed"]

    play(Breaks, scenario)
