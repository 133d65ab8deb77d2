"""A token bucket for each connection, in a clock that the test turns."""

from __future__ import annotations

from reactor_runtime.counters import Counters
from reactor_runtime.errors import WireError
from reactor_runtime.limits import Limits
from reactor_runtime.transport.webrtc.data.allowance import Allowance
from reactor_runtime.wire.messages import ClientMessage, Command, Ping, PublishTrack, RequestSchema


class Clock:
    time = 100.0

    def now(self) -> float:
        return self.time


def made(rate: int = 10, burst: int = 20) -> tuple[Allowance, Clock, Counters]:
    clock, counters = Clock(), Counters()
    return Allowance(clock, Limits(message_rate=rate, message_burst=burst), counters), clock, counters


def taken(allowance: Allowance, of: int) -> int:
    return sum(allowance.take() for _ in range(of))


def test_so_many_come_at_once_and_then_so_many_a_second() -> None:
    allowance, clock, _ = made()
    clock.time += 1000  # however long it said nothing, no more than the burst has gathered
    assert taken(allowance, 50) == 20
    clock.time += 1
    assert taken(allowance, 50) == 10
    clock.time += 0.05
    assert taken(allowance, 50) == 0
    clock.time += 0.06
    assert taken(allowance, 50) == 1


def test_one_who_keeps_to_the_rate_is_never_refused() -> None:
    allowance, clock, _ = made()
    for _ in range(1000):
        clock.time += 0.1
        assert allowance.take()


def test_what_a_refusal_says() -> None:
    allowance, _, counters = made()
    said = [
        allowance.refusal(message, control=False)
        for message in (Command("go", request_id="a"), PublishTrack("camera", "b"), RequestSchema("c"))
    ]
    assert [(refusal.command, refusal.request_id) for refusal in said if refusal] == [
        ("go", "a"),
        ("publish_track", "b"),
        ("", "c"),
    ]
    error = allowance.refusal(WireError("no JSON", request_id="d", command="go"), control=True)
    assert error is not None and error.control
    assert (error.code, error.command, error.request_id) == ("rate_limited", "go", "d")
    assert error.message.startswith("go: more than 10 messages a second on this connection")
    assert counters["messages.rate_limited"] == 4


def test_messages_without_an_id_are_told_once_a_second() -> None:
    allowance, clock, counters = made()
    messages: list[ClientMessage] = [Command("go"), Ping()]
    assert [allowance.refusal(message, False) is not None for message in messages] == [True, False]
    assert allowance.overflow(5) is None
    clock.time += 1
    overflow = allowance.overflow(7)
    assert overflow is not None and overflow.message.startswith("7 messages came faster than the server reads")
    assert counters["messages.rate_limited"] == 2
