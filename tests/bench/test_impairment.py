"""A network with a fault loses what it is told to, holds the rest up, and never changes the order."""

import pytest

from bench.impairment import IP_AND_UDP_BYTES, MOST_WAITING, Fault, Impairment


def passed(impairment: Impairment, count: int, *, every: float = 0.001) -> list[bytes]:
    arrived: list[bytes] = []
    for number in range(count):
        impairment.put(number.to_bytes(4, "big"), number * every)
        arrived += impairment.take(number * every)
    return arrived + impairment.take(1e9)


def test_without_a_fault_all_arrives_at_once_and_in_order() -> None:
    impairment = Impairment(1)
    assert passed(impairment, 100) == [number.to_bytes(4, "big") for number in range(100)]
    assert impairment.dropped == 0
    assert impairment.wait(0) is None


@pytest.mark.parametrize("loss", [0.05, 0.2])
def test_a_share_is_lost_and_the_rest_stays_in_order(loss: float) -> None:
    impairment = Impairment(1)
    impairment.fault = Fault(loss=loss)
    arrived = passed(impairment, 20_000)
    assert arrived == sorted(arrived)
    assert impairment.dropped == pytest.approx(20_000 * loss, rel=0.1)
    assert len(arrived) + impairment.dropped == 20_000


def test_each_is_held_up_and_a_shorter_delay_does_not_overtake() -> None:
    impairment = Impairment(1)
    impairment.fault = Fault(delay=0.15)
    impairment.put(b"first", 10.0)
    assert impairment.wait(10.0) == pytest.approx(0.15)
    assert impairment.take(10.149) == []
    impairment.fault = Fault()
    impairment.put(b"second", 10.1)
    assert impairment.take(10.1) == []
    assert impairment.take(10.151) == [b"first", b"second"]


def test_what_is_too_long_does_not_pass() -> None:
    impairment = Impairment(1)
    impairment.fault = Fault(mtu=1280)
    longest = bytes(1280 - IP_AND_UDP_BYTES)
    impairment.put(longest, 0)
    impairment.put(longest + b"x", 0)
    assert impairment.take(0) == [longest]
    assert impairment.dropped == 1


def test_nothing_passes_while_it_is_away_but_what_is_on_its_way() -> None:
    impairment = Impairment(1)
    impairment.fault = Fault(delay=0.1)
    impairment.put(b"on its way", 0)
    impairment.fault = Fault(delay=0.1, out=True)
    impairment.put(b"lost", 0.05)
    assert impairment.take(1) == [b"on its way"]
    assert impairment.dropped == 1


def test_it_holds_no_more_than_its_bound() -> None:
    impairment = Impairment(1)
    impairment.fault = Fault(delay=60)
    for _ in range(MOST_WAITING + 5):
        impairment.put(b"", 0)
    assert impairment.dropped == 5


def test_a_fault_is_read_as_it_was_written() -> None:
    fault = Fault(0.05, 0.3, 1280, True)
    assert Fault.read(fault.write().split()) == fault
    assert fault.one_way().delay == 0.15
