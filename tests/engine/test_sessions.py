"""Sessions nobody is in, the reason the last one ended, and starting one at the wrong moment."""

from __future__ import annotations

import asyncio

import pytest

from reactor_runtime.engine.state import State
from reactor_runtime.errors import NotReady, UnknownSession
from reactor_runtime.interface import ReactorModel, event, session_ended

from .scenario import World, play


class Idle(ReactorModel):
    @event(name="nothing")
    def nothing(self): ...


class EndsSlowly(ReactorModel):
    @session_ended
    async def end(self):
        await asyncio.sleep(3)


def test_asking_for_a_session_keeps_it_from_being_orphaned():
    async def scenario(world: World) -> None:
        session = await world.runtime.start_session()
        await asyncio.sleep(25)
        assert await world.runtime.start_session() is session
        await asyncio.sleep(25)
        assert world.runtime.find_session(session.id) is session
        await asyncio.sleep(25)
        assert world.runtime.state is State.WAITING
        with pytest.raises(UnknownSession):
            world.runtime.find_session("another")  # not this one: it renews nothing
        await asyncio.sleep(6)
        assert world.runtime.state is State.READY

    play(Idle, scenario)


def test_a_session_that_was_left_is_kept_by_being_asked_for_and_not_while_somebody_is_in_it():
    async def scenario(world: World) -> None:
        client = await world.connect()
        world.runtime.find_session()
        for _ in range(20):
            await asyncio.sleep(2)
            await client.command("nothing")
        assert world.runtime.state is State.STREAMING, "with somebody in it no timer runs"
        client.leave()
        await asyncio.sleep(25)
        session = world.runtime.find_session()
        await asyncio.sleep(25)
        assert world.runtime.state is State.ORPHANED and world.runtime.session is session
        await asyncio.sleep(6)
        assert world.runtime.state is State.READY

    play(Idle, scenario)


def test_a_client_that_joins_at_the_moment_of_the_orphan_timeout_is_not_thrown_out():
    async def scenario(world: World) -> None:
        loop = asyncio.get_running_loop()
        await world.runtime.start_session()
        joined = []
        # in the same turn of the loop as the timeout, and after it
        at = loop.time() + world.runtime.limits.orphan_timeout + 1e-12
        loop.call_at(at, lambda: joined.append(world.transport.connect()))
        await asyncio.sleep(35)
        assert joined and joined[0].ended is None and world.runtime.state is State.STREAMING

    play(Idle, scenario)


def test_the_refusal_says_why_the_last_session_ended():
    class Fails(ReactorModel):
        async def run(self):
            await self.connected.wait()
            raise RuntimeError("secret")

    def refusal(world: World) -> str:
        with pytest.raises(UnknownSession) as refused:
            world.runtime.find_session()
        assert refused.value.status == 400
        return str(refused.value)

    async def stopped(world: World) -> None:
        assert "last one" not in refusal(world)
        await world.runtime.start_session()
        await world.runtime.stop_session("the operator said so")
        assert "the last one ended: the operator said so" in refusal(world)
        await world.runtime.start_session()
        await asyncio.sleep(40)
        assert "nobody was connected for 30 s" in refusal(world)

    async def failed(world: World) -> None:
        await world.connect()
        await asyncio.sleep(1)
        assert "run() failed with RuntimeError" in refusal(world) and "secret" not in refusal(world)

    play(Idle, stopped)
    play(Fails, failed)


def test_no_session_starts_while_the_runtime_closes_or_after():
    async def scenario(world: World) -> None:
        client = await world.connect()
        closing = asyncio.create_task(world.runtime.close("the server ends"))
        await asyncio.sleep(1)  # the hook of the last session runs
        assert client.ended == "the server ends" and not closing.done()
        with pytest.raises(NotReady, match="ending") as refusal:
            await world.runtime.start_session()
        assert refusal.value.retry_after is None
        assert await closing
        with pytest.raises(NotReady):
            await world.runtime.start_session()
        assert world.runtime.state is State.TERMINATED and world.counts["sessions.started"] == 1

    play(EndsSlowly, scenario)


def test_one_who_waits_for_the_next_session_is_refused_when_the_runtime_closes_meanwhile():
    async def scenario(world: World) -> None:
        await world.runtime.start_session()
        await world.runtime.stop_session("over")
        waiting = asyncio.create_task(world.runtime.start_session())
        await asyncio.sleep(1)
        closing = asyncio.create_task(world.runtime.close("the server ends"))
        with pytest.raises(NotReady, match="ending"):
            await waiting
        assert await closing
        assert world.runtime.state is State.TERMINATED and world.counts["sessions.started"] == 1

    play(EndsSlowly, scenario)


def test_a_session_that_is_asked_for_while_one_ends_is_the_next_one():
    async def scenario(world: World) -> None:
        first = await world.runtime.start_session()
        await world.runtime.stop_session("over")
        asked = world.clock.now()
        second = await world.runtime.start_session()
        assert second is not first and not second.closed
        assert world.clock.now() - asked == pytest.approx(3, abs=0.01)

    play(EndsSlowly, scenario)
