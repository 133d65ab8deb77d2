"""What nothing that happens to a stamped model may ever break."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reactor_runtime.engine.state import IN_SESSION, TRANSITIONS, State
from reactor_runtime.limits import Limits
from reactor_runtime.transport.memory import MemoryConnection
from reactor_runtime.wire.messages import Message, Refusal, Reply, SessionEnded

from .stamped import stamp_of

if TYPE_CHECKING:
    from .stamped_play import Play

SLACK = 0.001
LIMITS = dataclasses.replace(Limits(), crashes=10**6, commands=8, client_commands=3)

ALWAYS = {"busy", "timeout", "session_ended", "internal_error"}
"""Codes that may answer any command: there are too many, its handler is not heard of, its session is over, it was
stopped with it."""
ANSWERS: dict[str, set[str]] = {
    "echo": {"Echo"},
    "newest": {"Echo", "nothing"},
    "slow": {"Echo"},
    "never": set(),
    "later": {"nothing"},
    "fail": set(),
    "refuse": {"unwilling"},
    "keep": {"Echo", "unresolved_upload"},
    "flush": {"nothing"},
    "whisper": {"nothing"},
    "crash": {"nothing"},
    "unknown": {"invalid_command"},
    "echo?": {"invalid_command"},
}
"""What answers each command, beside those: a message, nothing, or a code. The last two are malformed."""


@dataclass(eq=False)
class Seat:
    """One client, and what is expected of it.

    Attributes:
        session: which session it joined, counted from 1.
        crowd: those who were there with it, without a moment in which nobody was.
        silent: whether it has gone without a word.
        heard: when it last said something.
        sent: its commands by request: when, and which.
    """

    connection: MemoryConnection
    session: int
    crowd: set[int]
    heard: float
    silent: bool = False
    sent: dict[str, tuple[float, str, int]] = field(default_factory=dict)
    seen: tuple[int, int] = (0, 0)
    answered: dict[str, int] = field(default_factory=dict)
    waiting: dict[int, Upload] = field(default_factory=dict)

    @property
    def present(self) -> bool:
        return self.connection.client.present  # type: ignore[attr-defined, no-any-return]


@dataclass(eq=False)
class Upload:
    """A file, as its session was told of it; its bytes are the number of that session."""

    session: int
    id: str
    data: bytes
    gate: asyncio.Event
    writing: asyncio.Task[None] | None = None


def check(play: Play) -> None:
    """What holds at every moment."""
    assert not play.story.wrong, play.story.wrong
    assert play.story.sessions <= len(play.sessions)
    _check_state(play)
    for seat in play.seats:
        _check_seat(play, seat)
    for session, at in play.story.crashed:
        assert play.clock.now() <= at + SLACK or play.sessions[session - 1].closed, "it outlives its run()"
    counts = play.world.counts
    for failure in ("tasks.failed", "outbox.errors", "player.errors", "hooks.failed"):
        assert failure not in counts, failure


def _check_state(play: Play) -> None:
    state, session = play.runtime.state, play.runtime.session
    for (_, _, new), (old, _, _) in zip(play.path, play.path[1:], strict=False):
        assert new is old
    for old, event, new in play.path:
        assert TRANSITIONS[old, event] is new
    if state in IN_SESSION:
        assert session is not None and not session.closed
        joined = any(seat.session == len(play.sessions) for seat in play.seats)
        populated = State.STREAMING if session.clients else State.ORPHANED if joined else State.WAITING
        assert state is populated
        if not session.clients:
            assert play.clock.now() - play.touched <= LIMITS.orphan_timeout + SLACK
    elif state is State.CLOSING:
        assert session is not None
    else:
        assert session is None
    present = [seat for seat in play.seats if seat.present]
    assert all(seat.session == len(play.sessions) for seat in present)
    if session is not None and state is not State.CLOSING:
        assert [seat.connection.client for seat in present] == session.clients


def _check_seat(play: Play, seat: Seat) -> None:
    now, connection = play.clock.now(), seat.connection
    if seat.present:
        assert now - seat.heard <= LIMITS.silence + SLACK
    messages, frames = seat.seen
    ends = [index for index, (_, message) in enumerate(connection.received) if isinstance(message, SessionEnded)]
    assert ends in ([], [len(connection.received) - 1]), "something was said after the end"
    for _, message in connection.received[messages:]:
        _check_message(seat, message)
        messages += 1
    seat.seen = messages, len(connection.frames)
    for shown in connection.frames[frames:]:
        stamp = stamp_of(shown.picture.user_data)
        if stamp is not None:
            assert stamp["session"] == seat.session
            assert stamp["founder"] in seat.crowd
            flushed = sum(at < shown.at for at in play.story.flushed)
            assert stamp["flushes"] >= flushed, "a frame of before a flush, after it"
    for request, (at, _, _) in seat.sent.items():
        if connection.ended is not None or (seat.present and now > at + LIMITS.answer_timeout + SLACK):
            assert seat.answered.get(request) == 1, f"{seat.sent[request]} has no answer"


def _check_message(seat: Seat, message: Any) -> None:
    if isinstance(message, Message):
        assert message.data["session"] == seat.session
        assert message.type == "tick" or message.data["client"] == seat.connection.client.info.id
    elif isinstance(message, Reply | Refusal):
        assert message.request_id is not None
        seat.answered[message.request_id] = seat.answered.get(message.request_id, 0) + 1
        assert seat.answered[message.request_id] == 1, f"a second answer: {message}"
        _, name, token = seat.sent[message.request_id]  # none of a client that has left is answered
        if isinstance(message, Refusal):
            kind = message.code
        elif message.message is None:
            kind = "nothing"
        else:
            kind = "Echo"
            assert message.message.data == {"session": seat.session, "token": token}
        assert kind in ANSWERS[name] | ALWAYS, f"{name} was answered by {message}"
