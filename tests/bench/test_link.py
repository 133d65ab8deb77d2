"""A link passes what its rate allows, keeps no more waiting than its queue holds, and loses nothing else."""

import pytest

from bench.link import BURST_BYTES, DEPTH_SECONDS, Link

PACKET = bytes(1000)


def sent_over(link: Link, rate: float, since: float, seconds: float) -> int:
    """How many bytes leave when `rate` bits a second come, looked at every millisecond."""
    before, came = link.passed_bytes, 0.0
    for step in range(round(seconds * 1000)):
        came += rate / 8000
        while came >= len(PACKET):
            link.put(PACKET)
            came -= len(PACKET)
        link.take(since + step / 1000)
    return link.passed_bytes - before


def test_what_there_is_room_for_passes_at_once_and_in_order() -> None:
    link = Link(1_000_000, 0)
    packets = [bytes([number]) * 100 for number in range(5)]
    assert all(link.put(packet) for packet in packets)
    assert link.take(0) == packets
    assert link.wait() is None


def test_more_than_a_burst_leaves_at_the_rate() -> None:
    link = Link(80_000, 0)  # ten packets a second
    for _ in range(4):
        assert link.put(PACKET) is True
        link.take(0)
    assert link.wait() == pytest.approx(0.1)
    assert link.take(0.099) == []
    assert link.take(0.1) == [PACKET]


def test_too_much_leaves_at_the_rate_and_the_rest_is_dropped() -> None:
    link = Link(1_000_000, 0)
    passed = sent_over(link, 3_000_000, 0, 10)
    assert passed == pytest.approx(1_000_000 / 8 * 10, rel=0.01)
    assert link.dropped == pytest.approx(2_000_000 / 8 * 10 / len(PACKET), rel=0.02)


def test_nothing_is_dropped_below_the_rate() -> None:
    link = Link(1_000_000, 0)
    assert sent_over(link, 950_000, 0, 10) == pytest.approx(950_000 / 8 * 10, rel=0.01)
    assert link.dropped == 0


def test_what_waits_at_a_step_down_is_kept_and_takes_longer() -> None:
    link = Link(5_000_000, 0)
    for _ in range(BURST_BYTES // len(PACKET)):
        link.put(PACKET)
    link.take(0)
    room = round(5_000_000 / 8 * DEPTH_SECONDS / len(PACKET))
    assert [link.put(PACKET) for _ in range(room + 1)] == [True] * room + [False]
    link.set_rate(500_000, 0)
    assert link.put(PACKET) is False
    times = 0.0
    left = 0
    while (wait := link.wait()) is not None:
        times += wait
        left += len(link.take(times))
    assert left == room
    assert times == pytest.approx(room * len(PACKET) * 8 / 500_000)


def test_a_packet_larger_than_a_burst_passes_and_is_paid_for() -> None:
    link = Link(80_000, 0)
    link.put(bytes(2 * BURST_BYTES))
    assert len(link.take(0)) == 1
    link.put(PACKET)
    assert link.take(0.3) == []
    assert link.take(0.4) == [PACKET]
