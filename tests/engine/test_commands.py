"""Commands: validation, order, answers, dedupe, and when they run."""

from __future__ import annotations

import asyncio

import pytest

from reactor_runtime.interface import (
    ClientInfo,
    CommandError,
    InputField,
    ModelMessage,
    ReactorModel,
    connected,
    event,
)
from reactor_runtime.limits import Limits
from reactor_runtime.wire.messages import Message, Refusal, Reply

from .scenario import World, grey, play, play_with_model


class Said(ModelMessage):
    text: str


class Talker(ReactorModel):
    def load(self, config):
        self.log = []
        self.gate = asyncio.Event()

    @event(name="say", description="Answer.")
    async def say(self, text: str = InputField(default="hi", max_length=10)) -> Said:
        self.log.append(f"say {text}")
        return Said(text=text)

    @event(name="ack")
    def ack(self, level: int = 0):
        self.log.append(f"ack {level}")

    @event(name="who")
    def who(self, client: ClientInfo) -> Said:
        return Said(text=str(client.id))

    @event(name="fail")
    async def fail(self):
        raise CommandError("nope", "always refuses")

    @event(name="broken")
    def broken(self):
        raise RuntimeError("secret")

    @event(name="odd")
    def odd(self):
        return {"not": "a message"}

    @event(name="shout")
    async def shout(self, text: str):
        await self.send(Said(text=text))

    @event(name="stuck")
    async def stuck(self):
        await self.gate.wait()
        self.log.append("stuck done")

    @event(name="slide", dedupe=True)
    async def slide(self, value: float):
        self.log.append(f"slide {value}")
        await asyncio.sleep(1)


def test_each_command_gets_exactly_its_answer():
    async def scenario(world: World) -> None:
        client = await world.connect()
        assert await client.command("say", text="yo") == Reply("say", Message("said", {"text": "yo"}), "request_1")
        assert await client.command("ack", level=3.0) == Reply("ack", None, "request_2")
        assert await client.command("fail") == Refusal("fail", "nope", "always refuses", "request_3")
        internal = await client.command("broken")
        assert isinstance(internal, Refusal) and internal.code == "internal_error"
        assert "secret" not in internal.message and "broken" in internal.message
        odd = await client.command("odd")
        assert isinstance(odd, Refusal) and odd.code == "internal_error"
        second = await world.connect()
        assert (await second.command("who")).message.data == {"text": "2"}

    world = play(Talker, scenario)
    assert world.counts["handlers.failed"] == 2
    assert world.counts["commands.refused.nope"] == 1


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("sey", {}, "sey: no such command; did you mean say?"),
        ("say", {"text": 3}, "say: text: expected a string, got 3"),
        ("say", {"text": "x" * 11}, "say: text: has length 11, above the maximum 10"),
        ("ack", {"level": True}, "ack: level: expected an integer, got True"),
        ("ack", {"level": 1.5}, "ack: level: expected an integer, got 1.5"),
        ("ack", {"levle": 1}, "ack: levle: no such argument; did you mean level?"),
        ("slide", {"value": float("nan")}, "slide: value: expected a finite number, got nan"),
        ("slide", {}, "slide: value: required, and missing"),
    ],
)
def test_bad_commands_are_refused_with_the_path(name, arguments, text):
    async def scenario(world: World) -> None:
        client, other = await world.connect(), await world.connect()
        answer = await client.command(name, **arguments)
        assert answer == Refusal(name, "invalid_command", text, "request_1")
        assert (await other.command("say")).message.data == {"text": "hi"}

    assert play(Talker, scenario).counts["commands.refused.invalid_command"] == 1


def test_a_broadcast_goes_out_before_its_commands_acknowledgement_and_to_everybody():
    async def scenario(world: World) -> None:
        client, other = await world.connect(), await world.connect()
        await client.command("shout", text="all")
        assert [type(message) for _, message in client.received] == [Message, Reply]
        assert other.messages == [Message("said", {"text": "all"})]

    play(Talker, scenario)


def test_commands_run_in_arrival_order_across_clients():
    async def scenario(world: World) -> None:
        one, two = await world.connect(), await world.connect()
        answers = [one.post("ack", {"level": 1}), two.post("ack", {"level": 2}), one.post("say", {"text": "3"})]
        await asyncio.gather(*answers)
        assert world.model.log == ["ack 1", "ack 2", "say 3"]

    play_with_model(Talker, scenario)


def test_dedupe_collapses_to_the_newest_of_the_same_client_at_its_place():
    async def scenario(world: World) -> None:
        one, two = await world.connect(), await world.connect()
        first = one.post("slide", {"value": 0})
        await asyncio.sleep(0.1)  # it runs now, and is not cancelled by what follows
        burst = [one.post("slide", {"value": i}) for i in range(1, 6)]
        between = one.post("ack", {"level": 9})
        last = one.post("slide", {"value": 6})
        theirs = two.post("slide", {"value": 100})
        answers = await asyncio.gather(first, *burst, between, last, theirs)
        assert all(isinstance(answer, Reply) and answer.message is None for answer in answers)
        assert world.model.log == ["slide 0.0", "ack 9", "slide 6.0", "slide 100.0"]

    assert play_with_model(Talker, scenario).counts["commands.superseded"] == 5


@pytest.mark.limit("answer_timeout", counted="commands.refused.timeout")
def test_a_handler_that_does_not_answer_is_reported_and_goes_on():
    async def scenario(world: World) -> None:
        client = await world.connect()
        began = world.clock.now()
        answer = await client.command("stuck")
        assert isinstance(answer, Refusal) and answer.code == "timeout"
        assert world.clock.now() - began == pytest.approx(9.0)
        world.model.gate.set()
        await client.command("ack")
        assert world.model.log == ["stuck done", "ack 0"]

    play_with_model(Talker, scenario)


@pytest.mark.limit("commands", counted="commands.refused.busy")
def test_a_full_queue_says_busy():
    async def scenario(world: World) -> None:
        client = await world.connect()
        stuck = client.post("stuck")
        await asyncio.sleep(0.01)
        waiting = [client.post("ack", {"level": i}) for i in range(5)]
        answers = [future.result() for future in waiting if future.done()]
        assert [answer.code for answer in answers] == ["busy"] * 2
        world.model.gate.set()
        assert isinstance(await stuck, Reply)
        assert [answer.command for answer in await asyncio.gather(*waiting[:3])] == ["ack"] * 3

    play_with_model(Talker, scenario, limits=Limits(commands=3))


class Slow(ReactorModel):
    """Its step blocks for 200 ms."""

    def load(self, config):
        self.clock = config["clock"]
        self.value = 0
        self.steps = []

    @event(name="set")
    def set(self, value: int):
        self.value = value

    @event(name="nap")
    async def nap(self):
        await asyncio.sleep(0.5)
        self.value = -1

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                self.steps.append((self.clock.now(), self.value))
                self.clock.advance(0.2)
                await self.emit(grey(self.value))


def test_a_blocking_step_costs_a_command_at_most_one_step():
    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        for value in (10, 20, 30):
            sent = world.clock.now()
            assert isinstance(await client.command("set", value=value), Reply)
            await asyncio.sleep(0.3)
            seen = next(at for at, used in world.model.steps if used == value)
            assert seen - sent <= 0.2 + 1e-6

    play_with_model(Slow, scenario)


def test_emit_does_not_wait_for_a_handler_that_suspends():
    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        before = len(world.model.steps)
        await client.command("nap")
        assert len(world.model.steps) - before >= 2
        assert world.model.value == -1

    play_with_model(Slow, scenario)


class SelfTalk(ReactorModel):
    """A handler whose own send and emit must not let others in."""

    def load(self, config):
        self.log = []

    @event(name="outer")
    async def outer(self):
        self.log.append("outer begins")
        await self.send(Said(text="x"))
        await self.emit(grey(1), drop=True)
        self.log.append("outer ends")

    @event(name="inner")
    async def inner(self):
        self.log.append("inner")


def test_nothing_is_dispatched_inside_a_handlers_own_send_or_emit():
    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.gather(client.post("outer"), client.post("inner"))
        assert world.model.log == ["outer begins", "outer ends", "inner"]

    play_with_model(SelfTalk, scenario)


class Greeter(ReactorModel):
    @connected
    async def greet(self, client: ClientInfo):
        await asyncio.sleep(0.1)
        await client.send(Said(text=f"hello {client.id}"))


def test_a_greeting_arrives_at_the_one_it_is_for():
    async def scenario(world: World) -> None:
        one, two = await world.connect(), await world.connect()
        await asyncio.sleep(1)
        assert one.messages == [Message("said", {"text": "hello 1"})]
        assert two.messages == [Message("said", {"text": "hello 2"})]

    play(Greeter, scenario)


def test_dedupe_keeps_the_newest_where_there_is_no_room():
    async def scenario(world: World) -> None:
        client = await world.connect()
        answers = await asyncio.gather(*(client.post("slide", {"value": value}) for value in range(10)))
        assert all(isinstance(answer, Reply) for answer in answers)
        assert world.model.log == ["slide 9.0"]

    assert play_with_model(Talker, scenario, limits=Limits(commands=4)).counts["commands.superseded"] == 9
