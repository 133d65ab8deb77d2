"""The pacing machine, exactly."""

from __future__ import annotations

import numpy as np
import pytest

from reactor_runtime.engine.playout import Playout, RecentSteps

P = 1 / 30


def push(machine: Playout[int], frame: int, ready: float, **options) -> bool:
    return machine.push([frame], ready=ready, epoch=machine.epoch, **options)


def test_frames_leave_on_the_grid_whatever_their_readiness_within_a_period():
    machine = Playout[int](30)
    push(machine, 0, 10.0)
    assert machine.next_due() == 10.0
    assert machine.pop(10.0) == [0]
    push(machine, 1, 10.0 + 0.2 * P)
    assert machine.next_due() == pytest.approx(10 + P)
    assert machine.pop(10 + 0.9 * P) == []
    assert machine.pop(10 + P) == [1]
    push(machine, 2, 10 + 2.5 * P)  # half a period late: it leaves at once
    assert machine.next_due() == pytest.approx(10 + 2.5 * P)
    assert machine.pop(10 + 2.5 * P) == [2]
    push(machine, 3, 10 + 2.6 * P)  # and the next one is back on the grid
    assert machine.next_due() == pytest.approx(10 + 3 * P)


def test_a_frame_more_than_a_period_late_re_anchors_the_grid():
    machine = Playout[int](30)
    push(machine, 0, 0.0)
    machine.pop(0.0)
    push(machine, 1, 0.5)
    assert machine.pop(0.5) == [1]
    push(machine, 2, 0.5 + 0.1 * P)
    assert machine.next_due() == pytest.approx(0.5 + P)


def test_a_player_that_comes_late_does_not_burst():
    machine = Playout[int](30)
    machine.push([0, 1, 2], ready=0.0, epoch=0)
    assert machine.pop(1.0) == [0]
    assert machine.next_due() == pytest.approx(1.0 + P)


def test_the_long_run_rate_is_exact_for_a_jittery_model():
    rng = np.random.default_rng(3)
    machine = Playout[int](30)
    now, left = 0.0, []
    for frame in range(600):
        step = float(rng.uniform(0.005, 0.03))
        now += step
        push(machine, frame, now, step=step)
        while (due := machine.next_due()) is not None and due <= max(now, machine.return_at() or now):
            left.append(due)
            machine.pop(due)
        now = max(now, machine.return_at() or now)
    gaps = np.diff(left)
    assert len(left) >= 598
    assert (left[-1] - left[0]) / (len(left) - 1) == pytest.approx(P, rel=1e-3)
    assert gaps.max() < 1.5 * P


def test_the_next_step_begins_just_in_time_for_its_slot():
    machine = Playout[int](30, margin=0.003)
    push(machine, 0, 5.0)
    assert machine.return_at() == pytest.approx(5.0)  # nothing is known yet: when it leaves itself
    machine.pop(5.0)
    for _ in range(40):
        machine.push([], ready=5.0, epoch=0, step=0.010)
    push(machine, 1, 5.0 + P)
    assert machine.return_at() == pytest.approx(5.0 + 2 * P - 0.010 - 0.003)


def test_a_wrong_prediction_queues_one_emission_at_most():
    machine = Playout[int](30)
    for _ in range(40):
        machine.push([], ready=0.0, epoch=0, step=10.0)  # a model that was slow
    push(machine, 0, 0.0)
    machine.pop(0.0)
    push(machine, 1, 0.001)
    assert machine.return_at() < 0.001  # at once: its estimate says the next frame is late anyway
    push(machine, 2, 0.002)
    assert machine.return_at() == pytest.approx(P)  # but never before frame 1 has left


def test_a_batch_is_paced_by_the_same_formula():
    machine = Playout[int](24, margin=0.003)
    for _ in range(40):
        machine.push([], ready=0.0, epoch=0, step=0.4)
    machine.push(range(12), ready=1.0, epoch=0)
    assert machine.return_at() == pytest.approx(1.0 + 12 / 24 - 0.4 - 0.003)


def test_a_model_slower_than_the_rate_is_never_held_up():
    machine = Playout[int](30)
    now = 0.0
    for frame in range(50):
        now += 0.05
        push(machine, frame, now, step=0.05)
        assert (machine.next_due() or 0) <= now
        machine.pop(now)
        if frame:
            assert (machine.return_at() or 0) <= now


def test_buffer_size_lets_that_many_frames_wait():
    machine = Playout[int](10, buffer_size=2)
    machine.push([0, 1, 2, 3], ready=0.0, epoch=0)
    assert machine.return_at() == pytest.approx(0.1)  # when 0 and 1 have left, two wait
    machine.pop(0.0)
    machine.pop(0.1)
    assert machine.return_at() is None
    with pytest.raises(ValueError, match="buffer_size=0"):
        Playout(10, buffer_size=0)


def test_a_spike_does_not_widen_the_margin_for_long():
    steps = RecentSteps()
    for i in range(90):
        steps.add(0.4 if i % 50 == 49 else 0.012)
    assert steps.p95() == pytest.approx(0.012)
    assert RecentSteps().p95() is None


def test_the_estimate_is_numpys_percentile_over_the_window():
    rng = np.random.default_rng(0)
    samples = rng.uniform(0, 1, 300)
    steps = RecentSteps(window=90)
    for sample in samples:
        steps.add(float(sample))
    assert steps.p95() == pytest.approx(np.quantile(samples[-90:], 0.95))


def test_flush_drops_what_waits_and_what_is_under_way_and_gives_the_slot_back():
    machine = Playout[int](10)
    machine.push([0, 1, 2], ready=0.0, epoch=0)
    assert machine.pop(0.0) == [0]
    machine.flush()
    assert machine.depth == 0 and machine.next_due() is None
    assert not machine.push([9], ready=0.05, epoch=0)
    assert machine.depth == 0
    assert machine.push([10], ready=0.05, epoch=1)
    assert machine.next_due() == pytest.approx(0.1)  # the slot of frame 1, which never left


def test_drop_keeps_one_emission_and_the_newest():
    machine = Playout[int](10)
    machine.push([0], ready=0.0, epoch=0)
    machine.pop(0.0)
    for frame in range(1, 6):
        machine.push([frame], ready=0.01 * frame, epoch=0, drop=True)
    assert machine.pop(0.1) == [5]
    machine.push([6, 7], ready=0.2, epoch=0, drop=True)
    machine.push([8, 9], ready=0.2, epoch=0, drop=True)
    assert machine.depth == 2


def test_compute_time_adapts_the_rate_until_it_is_pinned():
    machine = Playout[int](30)
    machine.push([0], ready=0.0, epoch=0, compute_time=0.1)
    assert machine.fps == pytest.approx(10)
    machine.push([1], ready=0.1, epoch=0, compute_time=0.05)
    assert machine.fps == pytest.approx(2 / 0.15)
    machine.push([2] * 8, ready=0.1, epoch=0, compute_time=1e-9)
    assert machine.fps == pytest.approx(10 / 0.15)
    for _ in range(5):
        machine.push([3], ready=0.1, epoch=0, compute_time=1e-9)
    assert machine.fps == 240
    machine.set_fps(25)
    machine.push([4], ready=0.2, epoch=0, compute_time=0.1)
    assert machine.fps == 25


@pytest.mark.parametrize("fps", [0, -1, 241, float("nan"), "30", True])
def test_a_rate_outside_its_bounds_is_refused(fps):
    with pytest.raises(ValueError, match="fps="):
        Playout(30).set_fps(fps)
