"""Media goes where a description says; one that is made to say something else says nothing else."""

import pytest

from bench.candidates import address, with_address, without_candidates

SDP = "".join(
    f"{line}\r\n"
    for line in (
        "v=0",
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "a=candidate:1 1 udp 2122262783 fd00::2 40001 typ host generation 0",
        "a=candidate:2 1 udp 2122194687 192.0.2.2 40002 typ host generation 0",
        "a=candidate:3 1 tcp 2122294687 192.0.2.2 9 typ host tcptype active",
        "a=candidate:4 1 udp 1686052607 203.0.113.7 40004 typ srflx raddr 0.0.0.0 rport 0",
        "a=end-of-candidates",
        "a=mid:0",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=mid:1",
    )
)


def test_the_preferred_address_of_udp_over_ipv4_is_found() -> None:
    assert address(SDP) == ("192.0.2.2", 40002)


def test_where_there_is_none_that_is_said() -> None:
    with pytest.raises(LookupError, match="no address"):
        address(without_candidates(SDP))


def test_addresses_are_left_out_or_replaced_and_all_else_stays() -> None:
    bare = without_candidates(SDP)
    assert "candidate" not in bare
    assert [line for line in SDP.splitlines() if "candidate" not in line] == bare.splitlines()
    replaced = with_address(SDP, "192.0.2.9", 5)
    assert address(replaced) == ("192.0.2.9", 5)
    assert replaced.count("candidate") == 1
    assert without_candidates(replaced) == bare
