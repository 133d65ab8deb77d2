"""When frames that were held up flow again."""

from collections.abc import Sequence

import pytest

from bench.smoothness import longest_gap, smooth_after


def every(seconds: float, since: float, until: float) -> list[float]:
    return [since + seconds * number for number in range(round((until - since) / seconds))]


STEADY = every(1 / 30, 0, 30)


@pytest.mark.parametrize(
    ("arrived", "longest", "smooth"),
    [
        (STEADY, 1 / 30, 0),
        # one halt, from just before the change at 10 to 13
        ([*every(0.03, 0, 9.99), *every(0.03, 13, 25)], 13 - 9.96, 3),
        # a second halt within two seconds after the first: what was between does not count
        ([*every(0.03, 0, 9.99), *every(0.03, 11, 12), *every(0.03, 12.5, 25)], 11 - 9.96, 2.5),
        # a second halt more than two seconds after: smooth it was
        ([*every(0.03, 0, 9.99), *every(0.03, 11, 14), *every(0.03, 14.5, 25)], 11 - 9.96, 1),
        # smooth at first, and halted when the queue was full
        ([*every(0.03, 0, 10.5), *every(0.03, 11, 25)], 11 - 10.47, 1),
        # eight frames a second all the time
        (every(0.125, 0, 30), 0.125, 15),
        # nothing more
        (every(0.03, 0, 9.99), 25 - 9.96, 15),
        # smooth again too late to be sure
        ([*every(0.03, 0, 9.99), *every(0.03, 23.5, 25)], 23.5 - 9.96, 15),
        ([], 15, 15),
    ],
)
def test_frames_around_a_change_at_10_watched_until_25(arrived: Sequence[float], longest: float, smooth: float) -> None:
    assert longest_gap(arrived, 10, 25) == pytest.approx(longest, abs=0.035)
    assert smooth_after(arrived, 10, 25) == pytest.approx(smooth, abs=0.035)
