"""Real offers, damaged: each has a plan, or is refused with a status that says whose fault it is."""

from __future__ import annotations

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from reactor_runtime.counters import Counters
from reactor_runtime.errors import SignallingError
from reactor_runtime.transport.webrtc import Offer
from reactor_runtime.transport.webrtc.ice.candidates import is_reachable, read_candidate
from reactor_runtime.transport.webrtc.negotiation import Plan, plan
from reactor_runtime.transport.webrtc.offers import Candidate
from reactor_runtime.transport.webrtc.sdp import first_codec, message_limit, sections, with_candidates

from .budget import budget
from .offers import MAPPING, RECORDED, TRACKS, offers, sdps


@pytest.mark.parametrize("client", RECORDED)
def test_what_clients_offer_is_taken(client: str) -> None:
    checked = plan(Offer(RECORDED[client], MAPPING), TRACKS, Counters())
    assert {track.name for track in checked.by_mid.values()} == {track.name for track in TRACKS}
    assert [name for _, name in checked.arrivals] == ["webcam", "microphone"]


def planned(offer: Offer) -> Plan | SignallingError:
    try:
        return plan(offer, TRACKS, Counters())
    except SignallingError as error:
        return error


def take(offer: Offer) -> None:
    checked = planned(offer)
    if isinstance(checked, SignallingError):
        event(str(checked).partition(":")[0])
        assert 400 <= checked.status < 500
        assert len(str(checked)) < 1000
        return
    event("taken")
    assert checked.sdp.startswith("v=0")
    assert "\n" not in checked.sdp.replace("\r\n", "")
    assert planned(Offer(checked.sdp, offer.tracks)) == checked, "what was made fit for the engine is"


@budget(500)
@given(offers)
def test_a_damaged_offer(offer: Offer) -> None:
    take(offer)


@budget(200)
@given(st.text(max_size=300).map("v=0\r\n".__add__) | st.text(max_size=50))
def test_any_text(text: str) -> None:
    take(Offer(text, MAPPING))


@budget(200)
@given(sdps, sdps)
def test_what_is_read_in_descriptions(one: str, other: str) -> None:
    """Reading raises nothing, whatever there is to be read."""
    limit = message_limit(one, other)
    assert limit is None or limit > 0
    for section in sections(one):
        first_codec(one, section.mid)
    with_candidates(one, [Candidate("candidate:1 1 udp 1 192.0.2.1 9 typ host", "0", None), Candidate("c", None, 1)])


_WORDS = """
    candidate:1 a=candidate:842163049 1 256 udp TCP ssltcp 2113937151 192.0.2.1 ::1 x.local 9 65536 typ host srflx relay
    raddr 0.0.0.0 rport 0 generation ufrag abcd network-cost tcptype active \0 é
"""
_REAL = "candidate:842163049 1 udp 1677729535 192.168.1.2 46154 typ host generation 0 ufrag abcd network-cost 999"
lines = (
    st.lists(st.sampled_from(_WORDS.split()), max_size=14).map(" ".join)
    | st.text(max_size=80)
    | st.text(max_size=10).map(_REAL.__add__)
)


@budget(400)
@given(lines)
def test_any_candidate(line: str) -> None:
    try:
        address = read_candidate(line)
    except SignallingError as error:
        outcome: int | bool = error.status
    else:
        outcome = address.reachable
        assert "\n" not in line.strip()
    assert is_reachable(line) == (outcome is True)
