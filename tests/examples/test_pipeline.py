"""The pipeline example: dust and its current, with clients under a virtual clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from reactor_runtime.interface.model import handlers_of
from reactor_runtime.testing import Client, Harness

from .loading import EXAMPLES, load_example


@pytest.fixture
def harness() -> Iterator[Harness]:
    with Harness(EXAMPLES / "pipeline") as harness:
        yield harness


@pytest.fixture
def client(harness: Harness) -> Client:
    return harness.connect()


def test_it_moves(harness: Harness, client: Client) -> None:
    harness.run(1.0)
    images = [frame.image.astype(int) for frame in client.frames[-2:]]
    assert len(client.frames) == pytest.approx(30, abs=1)
    assert images[0].shape == (360, 640, 3)
    assert np.abs(images[1] - images[0]).mean() > 1
    assert images[1].std() > 15


def test_at_speed_0_it_is_idle(harness: Harness, client: Client) -> None:
    harness.run(0.5)
    client.command("set_speed", speed=0)
    harness.run(0.1)
    before = len(client.frames)
    harness.run(1.0)
    assert len(client.frames) == before
    client.command("set_speed", speed=1)
    harness.run(1.0)
    assert len(client.frames) - before == pytest.approx(30, abs=2)


def test_each_public_field_of_the_state_is_a_command() -> None:
    commands = handlers_of(type(load_example("pipeline"))).commands
    assert set(commands) == {"stir", "set_speed", "set_whirls", "set_unrest", "set_trail", "set_palette"}


@pytest.mark.parametrize(
    ("palette", "more", "less"), [("ember", 0, 2), ("ice", 2, 0), ("moss", 1, 0), ("opal", None, None)]
)
def test_palettes(harness: Harness, client: Client, palette: str, more: int | None, less: int | None) -> None:
    assert client.command("set_palette", palette=palette).ok
    harness.run(1.5)
    red_green_blue = client.image.mean(axis=(0, 1))
    assert red_green_blue.max() > 15
    if more is not None and less is not None:
        assert red_green_blue[more] > 1.5 * red_green_blue[less]
    else:
        assert red_green_blue.min() > 0.7 * red_green_blue.max()


def test_a_trail_keeps_light(harness: Harness, client: Client) -> None:
    bright = []
    for trail in (0.0, 0.95):
        client.command("set_trail", trail=trail)
        harness.run(1.5)
        bright.append((client.image.max(axis=2) > 40).mean())
    assert bright[1] > 2 * bright[0] > 0


def test_whirls_are_as_many_as_are_wanted(harness: Harness, client: Client) -> None:
    turns = []
    for whirls in (1, 8):
        client.command("set_whirls", whirls=whirls)
        current = harness.model.dust._current(whirls)
        turns.append(int((np.diff(np.sign(current[1]), axis=1) != 0).sum()))
    assert turns[1] > 4 * turns[0]


def test_stirring_drives_the_dust_away(harness: Harness, client: Client) -> None:
    dust = harness.model.dust
    client.command("set_speed", speed=0.1)  # so slow that nothing else moves much

    def near() -> int:
        return int((np.hypot(*(dust._places - [[320], [180]])) < 30).sum())

    harness.run(0.5)
    before = near()
    for _ in range(20):
        client.command("stir", x=0.5, y=0.5)
        harness.run(0.1)
    assert near() < before / 2


def test_no_dust_gets_lost(harness: Harness, client: Client) -> None:
    client.command("set_speed", speed=3)
    for corner in (0, 1):
        client.command("stir", x=corner, y=corner)
        harness.run(1.0)
    places = harness.model.dust._places
    assert places.shape == (2, 20_000) and np.isfinite(places).all()
    assert (places >= 0).all() and (places < [[640], [360]]).all()


def test_a_session_begins_with_a_fresh_state(harness: Harness, client: Client) -> None:
    harness.run(0.5)
    first = client.frames[0].image
    client.command("set_palette", palette="opal")
    client.command("set_speed", speed=0)
    harness.stop_session()
    again = harness.connect()
    harness.run(0.5)
    assert np.array_equal(again.frames[0].image, first)
    assert harness.model.state.palette == "ice" and harness.model.state.speed == 1.0


@pytest.mark.parametrize(
    ("command", "arguments", "problem"),
    [
        ("set_speed", {"speed": 4}, "speed: 4.0 is above the maximum 3"),
        ("set_trail", {"trail": 1}, "trail: 1.0 is above the maximum 0.98"),
        ("set_palette", {"palette": "tar"}, "palette"),
        ("stir", {"x": 0.5}, "y"),
    ],
)
def test_what_clients_may_not_say(client: Client, command: str, arguments: dict[str, Any], problem: str) -> None:
    answer = client.command(command, **arguments)
    assert answer.code == "invalid_command" and problem in answer.text
