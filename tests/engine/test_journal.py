"""The journal, under a virtual clock: what is in it, in which order, and what does not flood it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from reactor_runtime.clock import SystemClock
from reactor_runtime.counters import Counters
from reactor_runtime.engine.journal import Entry, Journal
from reactor_runtime.engine.replacement import Replacement
from reactor_runtime.engine.state import TRANSITIONS, State
from reactor_runtime.errors import ModelError
from reactor_runtime.interface import ReactorModel, connected, event
from reactor_runtime.limits import Limits
from reactor_runtime.testing.virtual_time import VirtualClock, run

from .scenario import Picture, World, grey, play


class Talks(ReactorModel):
    """Runs until it is told to fail."""

    output: Picture

    def load(self, config: Any) -> None:
        self.fails = False

    @event(name="fail")
    def fail(self) -> None:
        self.fails = True

    @event(name="raise")
    def raises(self) -> None:
        raise ValueError("a secret")

    @connected
    def greets(self) -> None:
        if self.fails:
            raise KeyError("nobody")

    async def run(self) -> None:
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                if self.fails:
                    raise RuntimeError("as told")
                await self.emit(grey(90))


def told(world: World, *events: str) -> list[Entry]:
    return [entry for entry in world.runtime.journal.since(0) if not events or entry.event in events]


def steps(entries: list[Entry]) -> list[tuple[str, str, str]]:
    return [(entry.event, str(entry.before), str(entry.after)) for entry in entries]


def test_a_session_from_beginning_to_end():
    session = ""

    async def scenario(world: World) -> None:
        nonlocal session
        first = await world.connect()
        session = world.runtime.find_session().id
        second = await world.connect()
        first.leave("the page was left")
        second.leave()
        await world.connect()
        await world.runtime.stop_session("enough")
        await asyncio.sleep(0.1)

    world = play(Talks, scenario)
    entries = told(world)
    assert steps(entries) == [
        ("initializing", "loading", "loading"),
        ("initialization_success", "loading", "ready"),
        ("start_session", "ready", "waiting"),
        ("connection_opened", "waiting", "streaming"),
        ("connection_opened", "streaming", "streaming"),
        ("connection_closed", "streaming", "streaming"),
        ("connection_closed", "streaming", "orphaned"),
        ("connection_opened", "orphaned", "streaming"),
        ("stop_session", "streaming", "closing"),
        ("connection_closed", "closing", "closing"),
        ("cleanup_complete", "closing", "ready"),
        ("terminated", "ready", "terminated"),
    ]
    assert [entry.seq for entry in entries] == list(range(1, 13))
    assert {entry.session for entry in entries[2:11]} == {session}
    assert {entry.session for entry in (*entries[:2], entries[-1])} == {""}
    assert [dict(entry.detail) for entry in told(world, "connection_closed")][:2] == [
        {"conn_id": 1, "connection": "memory 1", "clients": 1, "reason": "the page was left"},
        {"conn_id": 2, "connection": "memory 2", "clients": 0, "reason": "disconnected"},
    ]
    assert told(world, "cleanup_complete")[0].detail == {"reason": "enough"}
    assert world.runtime.journal.closed


def test_every_step_of_the_state_machine_is_in_it():
    """But the end of a runtime that is in a session: that is stopped first."""

    async def scenario(world: World) -> None:
        await world.runtime.start_session()
        await world.runtime.stop_session()
        await asyncio.sleep(0.1)
        await world.connect()
        await world.runtime.stop_session()
        await asyncio.sleep(0.1)
        client = await world.connect()
        client.leave()
        await asyncio.sleep(world.runtime.limits.orphan_timeout + 1)
        client = await world.connect()
        client.leave()
        await world.connect()

    seen = {(entry.before, entry.after) for entry in told(play(Talks, scenario)) if entry.before is not entry.after}
    steps = {(before, after) for (before, _), after in TRANSITIONS.items() if before is not after}
    assert steps - seen == {(state, State.TERMINATED) for state in State} - {
        (State.READY, State.TERMINATED),
        (State.TERMINATED, State.TERMINATED),
    }


def test_failures_of_the_model_are_in_it_without_what_the_author_said():
    async def scenario(world: World) -> None:
        client = await world.connect()
        await client.command("fail")
        await asyncio.sleep(0.1)
        await world.connect()
        await asyncio.sleep(0.1)

    errors = told(play(Talks, scenario), "error")
    assert [entry.detail["where"] for entry in errors[:2]] == ["run()", "@connected greets"]
    assert "RuntimeError" in errors[0].detail["message"] and errors[1].detail["message"] == "KeyError"
    assert not any("as told" in str(entry.detail) for entry in errors)


def test_a_handler_that_always_fails_does_not_flood_it():
    async def scenario(world: World) -> None:
        client = await world.connect()
        for _ in range(100):
            await client.command("raise")
        await asyncio.sleep(11)
        await client.command("raise")
        await asyncio.sleep(0.1)

    world = play(Talks, scenario)
    first, second = told(world, "error")
    assert first.detail == {"where": "raises", "message": "ValueError"}
    assert second.detail == {"where": "raises", "message": "ValueError", "left_out": 99}
    assert world.counts["events.left_out"] == 99


def test_a_load_that_fails_and_new_code():
    class Broken(Talks):
        def load(self, config: Any) -> None:
            raise RuntimeError("no weights")

    async def failing() -> list[Entry]:
        world = World(Broken, clock=clock)
        with pytest.raises(ModelError):
            await world.load()
        await world.runtime.close("the test is over")
        return told(world)

    clock = VirtualClock()
    assert steps(run(failing(), clock))[1:] == [("initialization_fail", "loading", "terminated")]

    async def scenario(world: World) -> None:
        await world.connect()
        await world.runtime.replace_model(Replacement(Talks))
        world.runtime.code_refused("line 3: no such name")

    world = play(Talks, scenario)
    assert told(world, "reloaded")[0].detail == {"load": False}
    assert told(world, "reload_refused")[0].detail == {"reason": "line 3: no such name"}


def test_a_loop_that_is_held_is_in_it():
    class Holds(Talks):
        async def run(self) -> None:
            await asyncio.Event().wait()

        @event(name="wait")
        async def waits(self) -> None:
            await asyncio.sleep(5)

    async def scenario(world: World) -> None:
        client = await world.connect()
        await client.command("wait")

    (entry,) = told(play(Holds, scenario), "starved")
    assert "wait has not finished" in entry.detail["message"] and "test_journal.py" in entry.detail["message"]


# -- the journal alone


def journal(**limits: Any) -> Journal:
    return Journal(lambda: State.READY, SystemClock(), Limits(**limits), Counters())


def test_it_keeps_the_newest_and_says_which():
    kept = journal(journal_events=3)
    assert (kept.oldest, kept.newest) == (1, 0)
    for number in range(5):
        kept.note("counted", number=number)
    assert (kept.oldest, kept.newest) == (3, 5)
    assert [entry.seq for entry in kept.since(0)] == [3, 4, 5]
    assert [entry.seq for entry in kept.since(4)] == [5]
    assert kept.since(5) == kept.since(9) == []


def test_a_long_text_is_cut_and_nothing_is_left_out():
    kept = journal()
    kept.note("said", text="x" * 5000, nothing=None, no=False)
    (entry,) = kept.since(0)
    assert len(entry.detail["text"]) < 1100 and set(entry.detail) == {"text", "no"}


async def test_whoever_waits_is_woken_by_an_entry_and_by_the_end():
    kept = journal()
    first, second, third = (kept.changed() for _ in range(3))
    third.cancel()
    kept.note("said")
    await asyncio.wait_for(asyncio.gather(first, second), 5)
    waiting = kept.changed()
    kept.close()
    await asyncio.wait_for(asyncio.gather(waiting, kept.changed()), 5)
    kept.note("too late")
    assert kept.newest == 1


def test_who_is_told_and_fails_is_counted():
    counters = Counters()
    kept = Journal(lambda: State.READY, SystemClock(), Limits(), counters)
    kept.tell(lambda entry: 1 / 0)
    kept.note("said")
    assert counters["events.faults"] == 1


def test_what_is_kept_quiet_is_bounded():
    kept = journal()
    for number in range(1000):
        kept.note("said", every=10, about=str(number))
    assert kept.newest == 1000 and len(kept._quiet) <= 256
