"""Whatever happens in whatever order: nothing crosses the end of a session, each command has one answer, the state is
legal, and nothing is left when it is over."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.fuzz.budget import FACTOR

from .stamped_checks import ANSWERS, Seat, check
from .stamped_crossings import CHANGES, UNDER_WAY, cross, everybody_changes, next_session
from .stamped_play import Play

SECONDS = (0.0, 0.02, 0.3, 2.0, 6.0, 9.5, 21.0, 31.0)
seconds = st.sampled_from(SECONDS)
quick = st.sampled_from(sorted(set(ANSWERS) - {"keep", "never", "crash", "slow", "later"}))
number = st.integers(0, 3)


class SessionMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.play = Play()

    def seat(self, number: int) -> Seat:
        """One of those who are there, or the newest of those who are not."""
        gone = [seat for seat in self.play.seats if not seat.present]
        known = [seat for seat in self.play.seats if seat.present] + gone[-1:]
        return known[number % len(known)]

    @rule()
    def starts(self) -> None:
        self.play.start()

    @rule(wait=st.booleans())
    def stops(self, wait: bool) -> None:
        self.play.stop(wait)

    @rule(more=st.integers(1, 2))
    def joins(self, more: int) -> None:
        for _ in range(more):
            self.play.joins()

    @rule()
    def a_session_with_somebody_in_it(self) -> None:
        self.play.start()
        self.play.joins()

    @rule(wait=st.booleans())
    def the_next_session(self, wait: bool) -> None:
        next_session(self.play, wait)

    @precondition(lambda self: self.play.seats)
    @rule(who=number)
    def leaves(self, who: int) -> None:
        self.play.leaves(self.seat(who))

    @rule()
    def everybody_changes(self) -> None:
        everybody_changes(self.play)

    @precondition(lambda self: self.play.seats)
    @rule(who=number)
    def reconnects(self, who: int) -> None:
        self.play.leaves(self.seat(who))
        self.play.joins()

    @precondition(lambda self: self.play.seats)
    @rule(who=number)
    def vanishes(self, who: int) -> None:
        self.play.vanishes(self.seat(who))

    @precondition(lambda self: self.play.seats)
    @rule(who=number, names=st.lists(quick, min_size=1, max_size=4), hold=st.booleans())
    def says(self, who: int, names: list[str], hold: bool) -> None:
        self.play.says(self.seat(who), names, hold=hold)

    @precondition(lambda self: self.play.seats)
    @rule(who=number, name=st.sampled_from(["echo", "newest", "slow"]), more=st.integers(4, 12))
    def says_too_much(self, who: int, name: str, more: int) -> None:
        self.play.says(self.seat(who), [name] * more, 0.3)

    @precondition(lambda self: self.play.seats)
    @rule(who=number, takes=seconds)
    def says_what_takes_time(self, who: int, takes: float) -> None:
        self.play.says(self.seat(who), ["slow", "echo"], takes)

    @precondition(lambda self: self.play.seats)
    @rule(who=number, takes=seconds)
    def says_what_is_done_later(self, who: int, takes: float) -> None:
        self.play.says(self.seat(who), ["later"], takes)

    @rule(
        what=st.sampled_from(UNDER_WAY),
        takes=st.sampled_from([0.3, 2.0, 6.0, 9.5]),
        change=st.sampled_from(CHANGES),
        begun=st.booleans(),
        time=st.sampled_from([0.3, 2.0, 12.0, 31.0]),
    )
    def something_is_under_way(self, what: str, takes: float, change: str, begun: bool, time: float) -> None:
        cross(self.play, what, takes, change, begun=begun, time=time)

    @precondition(lambda self: self.play.seats)
    @rule(who=number)
    def says_what_never_ends(self, who: int) -> None:
        self.play.says(self.seat(who), ["never", "echo"])

    @precondition(lambda self: self.play.seats)
    @rule(who=number)
    def makes_it_crash(self, who: int) -> None:
        self.play.says(self.seat(who), ["crash"])

    @rule()
    def declares(self) -> None:
        self.play.declares()

    @precondition(lambda self: self.play.uploads)
    @rule(which=number, at_once=st.booleans())
    def writes(self, which: int, at_once: bool) -> None:
        self.play.writes(self.play.uploads[-1 - which % len(self.play.uploads)], at_once)

    @precondition(lambda self: self.play.seats and self.play.uploads)
    @rule(who=number, which=number)
    def uses(self, who: int, which: int) -> None:
        self.play.uses(self.seat(who), self.play.uploads[-1 - which % len(self.play.uploads)])

    @rule(rerun=st.booleans())
    def reloads(self, rerun: bool) -> None:
        self.play.reloads(rerun)

    @rule(step=st.sampled_from([0.02, 0.2, 7.0]), chunk=st.integers(1, 2), hook=st.sampled_from([0.0, 0.05, 2.0]))
    def behaves(self, step: float, chunk: int, hook: float) -> None:
        self.play.behaves(step, chunk, hook)

    @rule(time=seconds)
    def time_passes(self, time: float) -> None:
        self.play.passes(time)

    @rule()
    def rests(self) -> None:
        self.play.rests()

    @invariant()
    def holds(self) -> None:
        check(self.play)

    def teardown(self) -> None:
        self.play.close()


# Many more than usual take longer.
pytestmark = pytest.mark.timeout(120 * FACTOR)

TestSessions = SessionMachine.TestCase
TestSessions.settings = settings(
    max_examples=60 * FACTOR,
    stateful_step_count=30,
    deadline=None,
    derandomize=FACTOR == 1,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("what", UNDER_WAY)
def test_nothing_crosses(what: str, change: str) -> None:
    for takes in (2.0, 9.5):
        for begun in (False, True):
            play = Play()
            try:
                cross(play, what, takes, change, begun=begun, time=12.0)
                check(play)
                play.passes(31.0)
                check(play)
            finally:
                play.close()


def live(play: Play, chance: random.Random) -> None:
    """Many steps by chance, the same ones for the same seed."""
    for _ in range(150):
        here = [seat for seat in play.seats if seat.present]
        someone = chance.choice(here) if here else None
        match chance.choice(("start", "stop", "join", "join", "leave", "say", "say", "say", "upload", "time", "time")):
            case "start":
                play.start()
            case "stop" if chance.random() < 0.3:
                play.stop(chance.random() < 0.5)
            case "join":
                play.joins()
            case "leave" if someone is not None:
                play.leaves(someone)
            case "say" if someone is not None:
                names = chance.choices(sorted(set(ANSWERS) - {"keep"}), k=chance.randint(1, 4))
                play.says(someone, names, chance.choice(SECONDS), chance.random() < 0.5)
            case "upload":
                play.declares()
                if someone is not None and play.uploads:
                    play.uses(someone, play.uploads[-1])
                    play.writes(play.uploads[-1], chance.random() < 0.7)
            case "time":
                play.passes(chance.choice(SECONDS))
        check(play)


def test_the_same_steps_give_the_same_story() -> None:
    plays = []
    for _ in range(2):
        plays.append(play := Play())
        try:
            live(play, random.Random(7))
        finally:
            play.close()
    one, other = (play.trace() for play in plays)
    assert one == other
    assert len(plays[0].sessions) > 3 and sum(len(seen) for seen in one[1]) > 50
