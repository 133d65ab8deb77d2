"""The deadline of each open command, which one timer watches over."""

from __future__ import annotations

import asyncio
from typing import Any

from reactor_runtime.counters import Counters
from reactor_runtime.engine.answers import Answers
from reactor_runtime.testing.virtual_time import VirtualClock, run
from reactor_runtime.wire.messages import Command, Refusal, Reply


def test_each_command_expires_at_its_own_time_whatever_was_answered_before():
    clock = VirtualClock()

    async def whole() -> None:
        answers = Answers(asyncio.get_running_loop(), 9.0, Counters())
        told: list[tuple[float, Any]] = []

        def tell(answer: Any) -> None:
            told.append((round(clock.now() - began, 6), answer))

        began = clock.now()
        tickets = []
        for number in range(4):
            tickets.append(answers.open(Command(f"c{number}"), tell))
            await asyncio.sleep(1)
        tickets[0].reply(None)
        tickets[2].reply(None)
        await asyncio.sleep(20)
        assert [(at, answer.command, type(answer)) for at, answer in told] == [
            (4, "c0", Reply),
            (4, "c2", Reply),
            (10, "c1", Refusal),
            (12, "c3", Refusal),
        ]
        tickets[1].reply(None)  # too late
        answers.open(Command("late"), tell)
        await asyncio.sleep(9.5)
        assert told[4:] == [(33, told[4][1])] and told[4][1].command == "late"

    run(whole(), clock)


def test_when_all_are_closed_no_timer_is_left():
    clock = VirtualClock()

    async def whole() -> None:
        loop = asyncio.get_running_loop()
        answers = Answers(loop, 9.0, Counters())
        told: list[Any] = []
        answers.open(Command("one"), told.append)
        answers.close_all("session_ended", "over")
        assert [answer.code for answer in told] == ["session_ended"]
        await asyncio.sleep(20)
        assert len(told) == 1

    run(whole(), clock)
