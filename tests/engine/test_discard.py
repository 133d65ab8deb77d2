"""Commands of a session that is over take no room from the next one's."""

from __future__ import annotations

import asyncio

from reactor_runtime.interface import InputField, ReactorModel, event, session_ended
from reactor_runtime.limits import Limits
from reactor_runtime.wire.messages import Reply

from .scenario import World, play_with_model


class Slow(ReactorModel):
    def load(self, config):
        self.log = []

    @event(name="slow")
    async def slow(self):
        await asyncio.sleep(2)

    @event(name="slide", dedupe=True)
    def slide(self, value: int = InputField(default=0)):
        self.log.append(value)

    @session_ended
    def end(self):
        self.log.append("ended")


def test_what_waits_when_a_session_ends_is_dropped_and_the_hooks_are_not():
    async def scenario(world: World) -> None:
        one = await world.connect()
        first = one.post("slow")
        await asyncio.sleep(0.1)
        waiting = [one.post("slide", {"value": 1}), one.post("slow"), one.post("slide", {"value": 2})]
        assert one.post("slow").result().code == "busy"
        await world.runtime.stop_session("over")
        assert {answer.code for answer in await asyncio.gather(first, *waiting)} == {"session_ended"}
        two = await world.connect()
        answers = await asyncio.gather(*(two.post("slide", {"value": value}) for value in (3, 4)))
        assert all(isinstance(answer, Reply) for answer in answers)
        assert world.model.log == ["ended", 4]

    play_with_model(Slow, scenario, limits=Limits(commands=3))
