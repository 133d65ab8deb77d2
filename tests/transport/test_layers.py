"""Who shares an encoder, on a clock of the test's own."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reactor_runtime.transport.webrtc.video.layers import MOST, Layer, Layers

M = 1_000_000
SETTLED = 2.0
"""Seconds after which viewers change their layer."""


class Track:
    """Layers, asked every 100 ms."""

    def __init__(self) -> None:
        self.layers: Layers[str] = Layers()
        self.now = 100.0

    def ask(self, **targets: float) -> list[Layer[str]]:
        return self.layers.arrange({name: round(target) for name, target in targets.items()}, self.now)

    def hold(self, seconds: float, **targets: float) -> list[list[Layer[str]]]:
        """What is said in so many seconds from now on."""
        found = []
        for _ in range(round(seconds * 10)):
            found.append(self.ask(**targets))
            self.now = round(self.now + 0.1, 6)
        return found


def who(layers: list[Layer[str]]) -> list[set[str]]:
    return [set(layer.viewers) for layer in layers]


def rates(layers: list[Layer[str]]) -> list[int]:
    return [layer.bits_per_second for layer in layers]


def test_nobody() -> None:
    assert Track().ask() == []


def test_one_viewer_falls_at_once_and_rises_by_steps() -> None:
    track = Track()
    assert rates(track.ask(a=4 * M)) == [4 * M]
    assert rates(track.ask(a=1 * M)) == [1 * M]
    assert rates(track.ask(a=1.04 * M)) == [1 * M]
    assert rates(track.ask(a=1.05 * M)) == [1.05 * M]
    assert rates(track.ask(a=1.04 * M)) == [1.04 * M]
    assert rates(track.ask(a=10 * M)) == [10 * M]


def test_a_slow_rise_is_followed() -> None:
    track = Track()
    track.ask(a=1 * M)
    for step in range(1, 101):
        target = round(M * 1.01**step)
        (rate,) = rates(track.ask(a=target))
        assert target / 1.05 <= rate <= target


def test_alike_share() -> None:
    track = Track()
    for layers in track.hold(10, a=4 * M, b=2.5 * M):
        assert (who(layers), rates(layers)) == ([{"a", "b"}], [2.5 * M])


def test_a_slow_one_lowers_all_until_it_has_its_own() -> None:
    track = Track()
    track.hold(1, a=4 * M, b=4 * M, c=4 * M)
    for layers in track.hold(SETTLED, a=4 * M, b=1 * M, c=4 * M):
        assert (who(layers), rates(layers)) == ([{"a", "b", "c"}], [1 * M])
    for layers in track.hold(5, a=4 * M, b=1 * M, c=4 * M):
        assert (who(layers), rates(layers)) == ([{"a", "c"}, {"b"}], [4 * M, 1 * M])


def test_a_short_dip_changes_no_encoder() -> None:
    track = Track()
    track.ask(a=4 * M, b=4 * M)
    for _ in range(5):
        together = [*track.hold(SETTLED - 0.1, a=4 * M, b=1 * M), *track.hold(0.1, a=4 * M, b=4 * M)]
        assert all(who(layers) == [{"a", "b"}] for layers in together)


def test_it_comes_back_once_it_can_take_as_much() -> None:
    track = Track()
    track.hold(3, a=4 * M, b=1 * M)
    for layers in track.hold(10, a=4 * M, b=3.1 * M):  # more than it took to stay, less than it takes to come back
        assert who(layers) == [{"a"}, {"b"}]
    for layers in track.hold(SETTLED, a=4 * M, b=3.3 * M):
        assert (who(layers), rates(layers)[0]) == ([{"a"}, {"b"}], 4 * M)
    for layers in track.hold(10, a=4 * M, b=3.3 * M):
        assert (who(layers), rates(layers)) == ([{"a", "b"}], [3.3 * M])


@pytest.mark.parametrize("begins", [4.0, 1.0])
def test_between_both_it_stays_where_it_is(begins: float) -> None:
    track = Track()
    track.hold(3, a=4 * M, b=begins * M)
    (before,) = {str(who(layers)) for layers in track.hold(0.1, a=4 * M, b=begins * M)}
    for step in range(100):
        target = 4 * M * (0.61 + 0.18 * (step % 2))
        for layers in track.hold(0.5, a=4 * M, b=target):
            assert str(who(layers)) == before


def test_three_at_most() -> None:
    track = Track()
    targets = {"a": 8 * M, "b": 4 * M, "c": 2 * M, "d": 1 * M, "e": 0.5 * M}
    layers = track.hold(5, **targets)[-1]
    assert (who(layers), rates(layers)) == ([{"a"}, {"b"}, {"c", "d", "e"}], [8 * M, 4 * M, 0.5 * M])
    assert len(layers) == MOST


def test_a_slow_one_that_joins_slows_nobody() -> None:
    track = Track()
    track.hold(5, a=4 * M)
    layers = track.ask(a=4 * M, b=1 * M)
    assert (who(layers), rates(layers)) == ([{"a"}, {"b"}], [4 * M, 1 * M])


def test_those_behind_one_that_leaves_move_up() -> None:
    track = Track()
    track.hold(5, a=8 * M, b=4 * M, c=1 * M)
    layers = track.ask(b=4 * M, c=1 * M)
    assert (who(layers), rates(layers)) == ([{"b"}, {"c"}], [4 * M, 1 * M])
    assert who(track.ask(b=4 * M)) == [{"b"}]
    assert track.ask() == []
    assert who(track.ask(c=1 * M)) == [{"c"}]


def test_one_that_leaves_a_shared_one_no_longer_lowers_it() -> None:
    track = Track()
    track.hold(1, a=4 * M, b=2.5 * M)
    assert rates(track.ask(a=4 * M)) == [4 * M]


def test_who_was_slow_and_is_the_best_now() -> None:
    track = Track()
    track.hold(3, a=4 * M, b=1 * M)
    layers = track.hold(3, a=1 * M, b=4 * M)[-1]
    assert (who(layers), rates(layers)) == ([{"b"}, {"a"}], [4 * M, 1 * M])


# -- whatever happens

VIEWERS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1_000, 20 * M), max_size=8)
STEPS = st.lists(st.tuples(VIEWERS, st.floats(0, 3)), max_size=20)


def check(layers: list[Layer[str]], targets: Mapping[str, int]) -> None:
    named = [viewer for layer in layers for viewer in layer.viewers]
    assert sorted(named) == sorted(targets)
    assert len(layers) <= MOST
    for layer in layers:
        assert layer.viewers
        least = min(targets[viewer] for viewer in layer.viewers)
        assert least / 1.05 <= layer.bits_per_second <= least


@given(STEPS)
def test_everybody_is_in_one_layer_and_can_take_it(steps: list[tuple[dict[str, int], float]]) -> None:
    layers: Layers[str] = Layers()
    now = 0.0
    for targets, passes in steps:
        check(layers.arrange(targets, now), targets)
        now += passes


@given(STEPS, VIEWERS)
def test_where_targets_stand_it_settles(steps: list[tuple[dict[str, int], float]], targets: dict[str, int]) -> None:
    layers: Layers[str] = Layers()
    now = 0.0
    for before, passes in steps:
        layers.arrange(before, now)
        now += passes
    for at in (now, now + 3):
        settled = layers.arrange(targets, at)
    for later in range(1, 5):
        found = layers.arrange(targets, now + 3 + 3 * later)
        assert (who(found), rates(found)) == (who(settled), rates(settled))
    # Best first, and nobody holds back one who can take twice as much, but in the last layer.
    for better, worse in pairwise(settled):
        assert min(targets[viewer] for viewer in better.viewers) >= max(targets[viewer] for viewer in worse.viewers)
    for layer in settled[: MOST - 1]:
        best = max(targets[viewer] for viewer in layer.viewers)
        assert min(targets[viewer] for viewer in layer.viewers) >= 0.6 * best


@given(STEPS)
def test_who_stays_changes_no_sooner_than_after_two_seconds(steps: list[tuple[dict[str, int], float]]) -> None:
    """Between two changes for the sake of targets alone there are two seconds."""
    layers: Layers[str] = Layers()
    now, last, before = 0.0, -SETTLED, {}
    for targets, passes in steps:
        found = {viewer: index for index, layer in enumerate(layers.arrange(targets, now)) for viewer in layer.viewers}
        if before.keys() == found.keys() and before != found:
            assert now - last >= SETTLED
            last = now
        before = found
        now += passes
