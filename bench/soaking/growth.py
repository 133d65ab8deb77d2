"""What counts as growth, of what was measured at rest, cycle after cycle.

A server grows at first without a leak: pools of threads fill up, caches too, and memory that was given back in pieces
is not used again at once. So the first third of the cycles is the warm-up, of which nothing is judged.

**Amounts** (memory) are never twice the same: the allocator keeps some of what was freed, and Python collects cycles
when it likes. Such noise only adds to what is really held, so the cycles are taken in groups, and of each group the
least: a leak raises that as well. Through these minima goes a Theil-Sen line, whose slope is the median of the slopes
between all pairs: a third of the points may be far off and it hardly moves, where least squares follows any outlier.
Its interval of confidence is Sen's: of n points there are N = n (n - 1) / 2 slopes, and with C = z √(n (n - 1) (2 n +
5) / 18) the slopes that stand at (N ± C) / 2 in order of size are its ends, whatever the noise is distributed like. It
is growth when the lower end is above the bound: when even the least slope that the points are likely to have is too
much. So noise makes the interval wide, and a soak fails by what grows, never by what jumps. The slope is per session,
so that a slow machine, which gets through fewer, is held to the same. Some of what fills up takes longer than the
warm-up of a short soak: the bound allows that for as much as it takes in all, so that it is stricter for a long soak.

**Counts** (threads, file descriptors, tasks) are exact. The least of the last third must not be above the least of the
second third by more than the tolerance. That something is still on its way out when it is counted is no growth, since
the least is taken; what stays each time raises the least by as many as there were cycles between.

A slope of less than the bound, and a leak of less than the tolerance in a third of the cycles, pass: a longer soak
finds smaller ones.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

Z = 2.576
"""Of a normal distribution, 99 % lie within so many standard deviations."""
GROUPS = 12
"""Into so many groups the cycles after the warm-up are taken, where there are two for each."""
FEWEST = 6
"""Of fewer points no interval of 99 % is narrower than all slopes: nothing is said."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What a server has room for, and fills: so much a session, until it is `whole`."""

    a_session: float
    whole: float


@dataclass(frozen=True, slots=True)
class Bound:
    """What an amount may grow by a session, beside what fills up."""

    a_session: float
    fills: Filling = Filling(0, 0)

    def over(self, sessions: float) -> float:
        """What it may grow by a session, over so many of them."""
        return self.a_session + min(self.fills.a_session, self.fills.whole / sessions)


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope with the ends of its interval of confidence."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one quantity.

    Attributes:
        grew: whether it is growth.
        decided: whether there was enough to tell.
        figures: what that was told by, for the report.
    """

    grew: bool
    decided: bool
    figures: dict[str, float]


def theil_sen(xs: Sequence[float], ys: Sequence[float], z: float = Z) -> Slope:
    """The slope of `ys` over `xs`, which must be of different values.

    Raises:
        ValueError: fewer than two points.
    """
    slopes = sorted(
        (ys[j] - ys[i]) / (xs[j] - xs[i]) for j in range(len(xs)) for i in range(j) if not math.isclose(xs[i], xs[j])
    )
    if not slopes:
        raise ValueError("a slope needs two points")
    count = len(xs)
    spread = z * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low, high = (len(slopes) - spread) / 2, (len(slopes) + spread) / 2
    return Slope(
        slopes[max(0, math.floor(low))], statistics.median(slopes), slopes[min(len(slopes) - 1, math.ceil(high))]
    )


def minima(xs: Sequence[float], ys: Sequence[float], groups: int = GROUPS) -> tuple[list[float], list[float]]:
    """The point with the least `y` of each group of neighbours; groups of two at least."""
    size = max(2, math.ceil(len(ys) / groups))
    least = [
        min(range(start, start + size), key=lambda index: ys[index]) for start in range(0, len(ys) - size + 1, size)
    ]
    return [xs[index] for index in least], [ys[index] for index in least]


def after_warm_up(values: Sequence[float]) -> Sequence[float]:
    """Two thirds."""
    return values[len(values) // 3 :]


def of_amount(sessions: Sequence[float], amounts: Sequence[float], bound: Bound) -> Verdict:
    """Whether an amount grows by more than its bound. Not where there are too few points to tell."""
    xs, ys = minima(after_warm_up(sessions), after_warm_up(amounts))
    figures = {"first": amounts[0], "last": amounts[-1], "points": len(xs)}
    if len(xs) < FEWEST:
        return Verdict(False, False, figures)
    most = bound.over(xs[-1] - xs[0])
    slope = theil_sen(xs, ys)
    figures |= {"a_session": slope.middle, "a_session_low": slope.low, "a_session_high": slope.high}
    figures |= {"bound_a_session": most}
    return Verdict(slope.low > most, True, figures)


def of_count(counts: Sequence[int], tolerance: int) -> Verdict:
    """Whether a count at rest does not come back to what it was."""
    third = len(counts) // 3
    figures: dict[str, float] = {"first": counts[0], "last": counts[-1], "tolerance": tolerance}
    if not third:
        return Verdict(False, False, figures)
    before, after = min(counts[third:-third]), min(counts[-third:])
    return Verdict(after > before + tolerance, True, figures | {"least_before": before, "least_after": after})
