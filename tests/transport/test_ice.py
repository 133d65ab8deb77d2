"""Candidates, those that come early, and answers that wait."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reactor_runtime.counters import Counters
from reactor_runtime.errors import SignallingError
from reactor_runtime.limits import Limits
from reactor_runtime.transport.webrtc import Candidate, IceServer, IceSettings
from reactor_runtime.transport.webrtc.answers import Answer, SharedAnswers
from reactor_runtime.transport.webrtc.ice.candidates import EarlyCandidates, read_candidate

from .test_channels import Clock

HOST = "candidate:842163049 1 udp 1677729535 192.168.1.2 46154 typ host generation 0 ufrag abcd network-cost 999"


@pytest.mark.parametrize(
    ("line", "reachable", "ufrag"),
    [
        (HOST, True, "abcd"),
        ("a=candidate:1 1 UDP 1 fd00::2 9 typ host", True, None),
        ("candidate:1 1 tcp 1518280447 10.0.0.2 9 typ host tcptype active", True, None),
        ("candidate:1 1 udp 1 1.2.3.4 5 typ srflx raddr 0.0.0.0 rport 0 ufrag x/+", True, "x/+"),
        ("candidate:1 1 udp 1 4dc6f5a6-0d3c.local 5 typ host", False, None),
        ("candidate:1 1 udp 1 host.example.org 5 typ host", False, None),
    ],
)
def test_candidates_are_read(line: str, reachable: bool, ufrag: str | None) -> None:
    address = read_candidate(line)
    assert (address.reachable, address.ufrag) == (reachable, ufrag)


@pytest.mark.parametrize(
    "line",
    [
        "x",
        "candidate:",
        "candidate:1 1 udp",
        HOST.replace("typ host", ""),
        HOST + "\r\na=x",
        "y" * 100_000,
        HOST + " a" * 1000,
    ],
)
def test_what_is_no_candidate_is_refused(line: str) -> None:
    with pytest.raises(SignallingError) as caught:
        read_candidate(line)
    assert caught.value.status == 422
    assert len(str(caught.value)) < 300


@pytest.mark.limit("early_candidates", counted="transport.early_candidates_dropped")
@pytest.mark.limit("early_connections", counted="transport.early_connections_dropped")
def test_early_candidates_are_bounded_and_taken_once() -> None:
    counters = Counters()
    early = EarlyCandidates(replace(Limits(), early_connections=2, early_candidates=2), counters)
    for number in range(3):
        early.keep(2000, Candidate(str(number)), None)
    assert [candidate.candidate for candidate in early.take(2000, set())] == ["0", "1"]
    assert early.take(2000, set()) == []
    assert counters["transport.early_candidates_dropped"] == 1
    for cid in (2000, 2001, 2002):
        early.keep(cid, Candidate("x"), None)
    assert early.take(2000, set()) == []
    assert len(early.take(2002, set())) == 1
    assert counters["transport.early_connections_dropped"] == 1


def test_early_candidates_of_another_offer_are_left_out() -> None:
    early = EarlyCandidates(Limits(), Counters())
    early.keep(2000, Candidate("old"), "aaaa")
    early.keep(2000, Candidate("new"), "bbbb")
    assert early.take(2000, {"bbbb"}) == [Candidate("new")]


def settle(answer: Answer, clock: Clock, sdp: str) -> None:
    answer.sdp, answer.ready = sdp, clock.time


def test_shared_answers_are_given_in_the_order_of_the_offers() -> None:
    clock = Clock()
    answers = SharedAnswers(clock, Limits(), Counters())
    first, second = answers.expect(), answers.expect()
    settle(second, clock, "second")
    assert answers.collect() is None
    first.error, first.ready = SignallingError("no", status=422), clock.time
    with pytest.raises(SignallingError):
        answers.collect()
    assert answers.collect() == "second"
    assert answers.collect() is None


@pytest.mark.limit("answer_expiry", counted="transport.answers_expired")
@pytest.mark.limit("shared_answer_ready_expiry", counted="transport.answers_expired")
def test_shared_answers_expire() -> None:
    clock, counters = Clock(), Counters()
    answers = SharedAnswers(clock, Limits(answer_expiry=7.0, shared_answer_ready_expiry=1.5), counters)
    never = answers.expect()
    left = answers.expect()
    settle(left, clock, "left")
    clock.time += 1.4
    mine = answers.expect()
    settle(mine, clock, "mine")
    clock.time += 0.1
    assert answers.collect() is None  # the first offer has no answer yet
    answers.drop(never)
    answers.drop(never)
    assert answers.collect() == "mine"
    assert answers.collect() is None
    answers.expect()
    clock.time += 7.0
    settle(answers.expect(), clock, "next")
    assert answers.collect() == "next"
    assert counters.snapshot() == {"transport.answers_dropped": 1, "transport.answers_expired": 2}


def test_a_shared_answer_that_took_long_waits_for_the_next_poll() -> None:
    clock = Clock()
    answers = SharedAnswers(clock, Limits(answer_expiry=7.0, shared_answer_ready_expiry=1.5), Counters())
    slow = answers.expect()
    clock.time += 3.1  # just after the poll at 3.0 s
    settle(slow, clock, "slow")
    clock.time += 3.1  # the next one comes at 6.2 s
    assert answers.collect() == "slow"


def test_a_shared_answer_goes_to_who_offered() -> None:
    clock = Clock()
    answers = SharedAnswers(clock, Limits(), Counters())
    pollers = ("a:1", "b:2", "a:1")
    expected = [answers.expect(poller) for poller in pollers]
    assert answers.collect("b:2") is None
    for number, answer in enumerate(expected):
        settle(answer, clock, f"{number}")
    assert answers.collect("b:2") == "1"
    assert answers.collect("a:1") == "2"  # the page was loaded again: its last offer counts
    assert answers.collect("c:3") == "0"
    assert answers.collect("a:1") is None


def test_settings_are_checked() -> None:
    assert IceServer(("stun:example.org:3478", "turns:example.org"), "user", "secret").uris
    for uris in ((), ("example.org",), ("stun:",), ("turn:example.org",)):
        with pytest.raises(ValueError, match=r"ICE|TURN"):
            IceServer(uris)
    for ports in ((0, 10), (20, 10), (1, 70_000)):
        with pytest.raises(ValueError, match="port"):
            IceSettings(port_range=ports)
