"""Ports, credentials and advertised addresses: what a connection is given to be found with."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from reactor_runtime.counters import Counters
from reactor_runtime.transport.webrtc import Candidate, IceServer, IceSettings, parse_ports
from reactor_runtime.transport.webrtc.ice.advertised import with_advertised
from reactor_runtime.transport.webrtc.ice.candidates import read_candidate
from reactor_runtime.transport.webrtc.ice.gathering import Gathering
from reactor_runtime.transport.webrtc.ice.ports import Ports
from reactor_runtime.transport.webrtc.ice.turn import fresh
from tests.media.recording.clock import HandClock

FIRST, LAST = 21_040, 21_043
HOST = "candidate:1 1 udp 2122194687 10.0.0.5 21041 typ host generation 0 ufrag Ab12 network-id 1"
TCP = "candidate:2 1 tcp 1518214911 10.0.0.5 21041 typ host tcptype passive generation 0 ufrag Ab12"
V6 = "candidate:3 1 udp 2122265343 fd00::2 21041 typ host generation 0 ufrag Ab12"
RELAY = "candidate:4 1 udp 58597375 192.0.2.9 52087 typ relay raddr 10.0.0.5 rport 21041 generation 0 ufrag Ab12"


def reach(given: tuple[int, int] | None) -> Ports:
    return Ports(given, HandClock(), Counters())


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of the range that is in use."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as busy:
        busy.bind(("", FIRST + 1))
        yield FIRST + 1


def test_each_connection_begins_where_the_last_one_ended() -> None:
    ports = reach((FIRST, LAST))
    assert [ports.next()[0] for _ in range(6)] == [*range(FIRST, LAST + 1), FIRST, FIRST + 1]
    assert ports.next() == (FIRST + 2, LAST)
    assert reach(None).next() == (0, 0)


def test_a_port_in_use_is_passed_over(taken: int) -> None:
    ports = reach((FIRST, LAST))
    assert [ports.next()[0] for _ in range(4)] == [FIRST, FIRST + 2, FIRST + 3, FIRST]


def test_that_no_port_is_free_is_said_and_counted(taken: int, caplog: pytest.LogCaptureFixture) -> None:
    counters = Counters()
    ports = Ports((taken, taken), HandClock(), counters)
    assert [ports.next() for _ in range(3)] == [(taken, taken)] * 3
    assert counters["transport.udp_ports_used_up"] == 3
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert f"none of the UDP ports {taken}-{taken} is free" in caplog.text


def test_where_there_are_no_sockets_left_the_engine_is_given_the_whole_range(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*arguments: object) -> socket.socket:
        raise OSError("too many open files")

    monkeypatch.setattr(socket, "socket", none_left)
    assert reach((FIRST, LAST)).next() == (FIRST, LAST)


def test_credentials_are_those_that_coturn_works_out() -> None:
    server = IceServer(("turn:t.example.org",), secret="north")
    made = fresh(server, "client-1", now=1_700_000_000.9, lifetime=3600.0)
    assert made.username == "1700003600:client-1"
    # printf 1700003600:client-1 | openssl dgst -sha1 -hmac north -binary | base64
    assert made.credential == "ruv0S8YPaxy6Ed3pC9+qipWw908="
    assert not made.secret and made.uris == server.uris
    plain = IceServer(("turn:t.example.org",), "me", "pass")
    assert fresh(plain, "client-1", 0, 1) is plain


def test_nothing_that_is_printed_has_a_secret() -> None:
    servers = IceServer(("turn:a",), "me", "credential!"), IceServer(("turn:b",), secret="secret!")
    assert "credential!" not in repr(servers) and "secret!" not in repr(servers)
    assert "!" not in repr(IceSettings(servers=servers))


def test_an_advertised_address_has_each_port_of_its_kind() -> None:
    found = [Candidate(line, "0", 0) for line in (HOST, TCP, V6, RELAY)]
    added = with_advertised(found, ["203.0.113.7", "2001:db8::7"])[len(found) :]
    assert [candidate.candidate for candidate in added] == [
        "candidate:10 1 udp 1685987071 203.0.113.7 21041 typ srflx raddr 10.0.0.5 rport 21041"
        " generation 0 ufrag Ab12 network-id 1",
        "candidate:20 1 tcp 1685987071 203.0.113.7 21041 typ srflx raddr 10.0.0.5 rport 21041"
        " tcptype passive generation 0 ufrag Ab12",
        "candidate:31 1 udp 1686057727 2001:db8::7 21041 typ srflx raddr fd00::2 rport 21041 generation 0 ufrag Ab12",
    ]
    assert all(read_candidate(candidate.candidate).reachable for candidate in added)
    assert {(candidate.sdp_mid, candidate.sdp_mline_index) for candidate in added} == {("0", 0)}
    assert with_advertised(found, []) == found


def test_the_same_port_of_two_own_addresses_is_advertised_once() -> None:
    found = [Candidate(HOST, "0", 0), Candidate(HOST.replace("10.0.0.5", "10.9.0.5"), "0", 0)]
    assert len(with_advertised(found, ["203.0.113.7"])) == 3


def test_ports_are_read_as_either_runtime_writes_them() -> None:
    assert parse_ports("50000-50199") == parse_ports(" 50000:50199 ") == (50_000, 50_199)
    for text in ("50000", "5-3", "0-9", "1-70000", "a-b", "", "1-2-3"):
        with pytest.raises(ValueError, match="port range"):
            parse_ports(text)


def test_what_cannot_be_advertised_or_is_no_policy_is_refused() -> None:
    for address in ("example.org", "0.0.0.0", "::", "224.0.0.1", ""):
        with pytest.raises(ValueError, match="address"):
            IceSettings(advertise=(address,))
    with pytest.raises(ValueError, match="all or relay"):
        IceSettings(policy="Relay")
    assert IceSettings(advertise=("127.0.0.1",), policy="relay").relay_only


async def test_a_side_that_is_relayed_alone_waits_for_its_first_relayed_candidate() -> None:
    servers = (IceServer(("turn:t.example.org",), "me", "pass"),)
    gathering = Gathering()
    collecting = asyncio.create_task(gathering.collect(IceSettings(servers, policy="relay")))
    await asyncio.sleep(0)
    assert not collecting.done()
    gathering.add(Candidate(RELAY, "0", 0))
    gathering.complete()
    assert [candidate.candidate for candidate in await collecting] == [RELAY]
    none = Gathering()
    none.complete()
    assert await none.collect(IceSettings(servers, policy="relay")) == []
