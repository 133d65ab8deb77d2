"""An outage is told by the packets of a client that should speak and does not."""

from reactor_runtime.transport.webrtc.video.outage import Outage


def test_a_client_that_speaks_is_there() -> None:
    outage = Outage()
    for look in range(50):
        assert not outage.over(packets=look * 10, pictures=look * 30, now=float(look))
        assert not outage.away


def test_an_outage_is_over_once_when_packets_come_again() -> None:
    outage = Outage()
    outage.over(100, 0, 1.0)
    assert not outage.over(100, 30, 2.0)
    assert outage.away
    assert not outage.over(100, 33, 2.1)
    assert outage.over(101, 36, 2.2)
    assert not outage.away
    assert not outage.over(105, 39, 2.3)


def test_a_moment_without_a_packet_is_none() -> None:
    outage = Outage()
    outage.over(100, 0, 1.0)
    outage.over(100, 12, 1.4)
    assert not outage.away
    assert not outage.over(101, 13, 1.41)


def test_one_that_is_given_nothing_has_nothing_to_say() -> None:
    outage = Outage()
    outage.over(100, 10, 1.0)
    outage.over(100, 12, 20.0)
    assert not outage.away
    assert not outage.over(101, 13, 21.0)
