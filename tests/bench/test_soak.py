"""What counts as growth: noise does not, a leak does; and a soak that has done nothing says so."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from bench.soak import BLOCKS, FEWEST_CYCLES, RSS_KIB, TOLERANCE, judge
from bench.soaking.churn import missing
from bench.soaking.deeds import Deeds
from bench.soaking.growth import Bound, Filling, after_warm_up, minima, of_amount, of_count, theil_sen
from bench.soaking.looks import Counts, Look

SEEDS = range(40)
CYCLES = 36
"""As many as three minutes have."""


def series(shape: Callable[[int], float], noise: Callable[[random.Random], float], seed: int) -> list[float]:
    random_ = random.Random(seed)
    return [shape(cycle) + noise(random_) for cycle in range(CYCLES)]


def quiet(random_: random.Random) -> float:
    return 0.0


def jumpy(random_: random.Random) -> float:
    """Up by 2 MiB a tenth of the time, as where a clip was read; else some."""
    return random_.choice([0] * 8 + [100, 2048]) + random_.expovariate(1 / 200)


def flat(cycle: int) -> float:
    return 100_000.0


def saturating(cycle: int) -> float:
    """Most of it within the warm-up."""
    return 100_000.0 + 20_000 * (1 - math.exp(-cycle / 4))


def leaking(kib: float) -> Callable[[int], float]:
    return lambda cycle: saturating(cycle) + kib * cycle


SESSIONS = list(range(1, CYCLES + 1))
MOST = RSS_KIB.over(CYCLES)


def test_a_line_is_found_whatever_a_third_of_the_points_say() -> None:
    xs = list(range(12))
    ys = [3.0 * x + 5 for x in xs]
    assert theil_sen(xs, ys).middle == pytest.approx(3)
    for index in (1, 5, 8):
        ys[index] += 1000
    slope = theil_sen(xs, ys)
    assert slope.middle == pytest.approx(3, abs=1)
    assert slope.low < 0 < slope.middle


def test_the_interval_is_sens() -> None:
    # By hand: 6 points have 15 slopes; C = 2.576 √(6 · 5 · 17 / 18) = 13.71; ranks 0.64 and 14.36: all but none.
    ys = [0.0, 2.0, 1.0, 5.0, 3.0, 9.0]
    slopes = sorted((ys[j] - ys[i]) / (j - i) for j in range(6) for i in range(j))
    slope = theil_sen(range(6), ys)
    assert (slope.low, slope.high) == (slopes[0], slopes[14])
    # With z = 1: C = 5.32; ranks 4.84 and 10.16.
    slope = theil_sen(range(6), ys, 1.0)
    assert (slope.low, slope.high) == (slopes[4], slopes[11])


def test_without_two_points_there_is_no_slope() -> None:
    with pytest.raises(ValueError, match="two points"):
        theil_sen([1], [1])


def test_the_least_of_each_group() -> None:
    assert minima([1, 2, 3, 4, 5], [5, 4, 7, 9, 1]) == ([2, 3], [4, 7])
    xs, ys = minima(list(range(100)), [100.0 - x for x in range(100)], groups=10)
    assert (len(xs), ys[0], xs[0]) == (10, 91, 9)
    assert after_warm_up([1, 2, 3, 4, 5, 6, 7]) == [3, 4, 5, 6, 7]


@pytest.mark.parametrize("noise", [quiet, jumpy])
@pytest.mark.parametrize("shape", [flat, saturating])
def test_what_levels_off_is_no_growth(shape: Callable[[int], float], noise: Callable[[random.Random], float]) -> None:
    for seed in SEEDS:
        assert not of_amount(SESSIONS, series(shape, noise, seed), RSS_KIB).grew, seed


@pytest.mark.parametrize("noise", [quiet, jumpy])
def test_a_leak_is_growth_in_all_noise(noise: Callable[[random.Random], float]) -> None:
    for seed in SEEDS:
        verdict = of_amount(SESSIONS, series(leaking(2 * MOST), noise, seed), RSS_KIB)
        assert verdict.grew, (seed, verdict)


def test_it_is_per_session_however_many_a_cycle_has() -> None:
    amounts = [100_000 + 50.0 * cycle for cycle in range(CYCLES)]
    assert not of_amount(SESSIONS, amounts, Bound(60)).grew
    assert of_amount(SESSIONS, amounts, Bound(40)).grew
    assert not of_amount([2 * session for session in SESSIONS], amounts, Bound(40)).grew


def test_what_fills_up_is_allowed_once() -> None:
    bound = Bound(10, fills=Filling(100, 1000))
    assert [bound.over(sessions) for sessions in (5, 10, 100, 1000)] == [110, 110, 20, 11]


def test_too_few_cycles_say_nothing() -> None:
    for verdict in (of_amount([1, 2, 3, 4], [1.0, 100.0, 10_000.0, 1_000_000.0], Bound(1)), of_count([1, 50], 0)):
        assert (verdict.grew, verdict.decided) == (False, False)
    assert of_amount(list(range(FEWEST_CYCLES)), [1.0] * FEWEST_CYCLES, Bound(1)).decided


def test_a_count_comes_back() -> None:
    random_ = random.Random(1)
    busy = [20 + random_.choice([0, 0, 1, 5]) for _ in range(CYCLES)]
    assert not of_count(busy, 0).grew
    assert of_count([count + cycle // 4 for cycle, count in enumerate(busy)], 2).grew  # one in four cycles stays
    assert not of_count([*range(10, 22), *[22] * 24], 0).grew  # a pool that fills up within the warm-up
    assert of_count([20] * 24 + [21] * 12, 0).grew
    assert not of_count([20] * 24 + [21] * 12, 1).grew


def test_each_quantity_has_a_verdict_of_its_own() -> None:
    def looks(**grown: int) -> list[Look]:
        def at(name: str, first: int, cycle: int) -> int:
            return first + grown.get(name, 0) * cycle

        return [
            Look(
                sessions=cycle,
                clients=7 * cycle,
                counts=Counts(at("threads", 14, cycle), at("files", 15, cycle), at("tasks", 7, cycle)),
                rss_kib=at("rss_kib", 120_000, cycle),
                blocks=at("python_blocks", 270_000, cycle),
                pool=at("pool_threads", 5, cycle),
            )
            for cycle in range(CYCLES)
        ]

    assert [name for name, verdict in judge(looks()).items() if verdict.grew] == []
    leaks = {"rss_kib": round(MOST) + 1, "python_blocks": round(BLOCKS.over(CYCLES)) + 1, "pool_threads": 1}
    for name, leak in (leaks | dict.fromkeys(TOLERANCE, 1)).items():
        assert [found for found, verdict in judge(looks(**{name: leak})).items() if verdict.grew] == [name]


async def test_what_fails_is_noted_and_what_was_never_done_is_said() -> None:
    deeds = Deeds()
    async with deeds.deed("joins"):
        pass
    async with deeds.deed("clips"):
        raise ValueError("no clip")
    assert deeds.told() == {"done": {"joins": 1}, "failed": {"clips": 1}, "faults": ["clips: ValueError: no clip"]}
    never = missing(deeds)
    assert "clips" in never and "uploads" in never and "joins" not in never
    others = Deeds()
    others.add(deeds.told())
    others.add(deeds.told())
    assert (others.done["joins"], len(others.faults)) == (2, 2)
