"""The duet example: two views of one scene that agree, each on its own track, under a virtual clock."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from reactor_runtime.testing import Client, Frame, Harness

from .loading import EXAMPLES, load_example


@pytest.fixture
def harness() -> Iterator[Harness]:
    with Harness(EXAMPLES / "duet") as harness:
        yield harness


@pytest.fixture
def client(harness: Harness) -> Client:
    return harness.connect()


@pytest.fixture(scope="module")
def scene() -> Any:
    load_example("duet")
    return sys.modules["scene"]


def of(client: Client, track: str, since: int = 0) -> list[Frame]:
    return [frame for frame in client.frames[since:] if frame.track == track]


# ---- tracks


def test_both_views_leave_together(harness: Harness, client: Client) -> None:
    harness.run(1.0)
    colours, depths = of(client, "main_video"), of(client, "depth")
    assert [frame.at for frame in colours] == [frame.at for frame in depths]
    assert len(colours) == pytest.approx(30, abs=1)
    assert [frame.metadata for frame in colours] == [frame.metadata for frame in depths]


@pytest.mark.parametrize("every", [2, 5])
def test_depth_may_be_left_out(harness: Harness, client: Client, every: int) -> None:
    assert client.command("set_depth_every", frames=every).ok
    harness.run(0.2)
    since = len(client.frames)
    harness.run(2.0)
    colours, depths = of(client, "main_video", since), of(client, "depth", since)
    assert len(colours) == pytest.approx(60, abs=1)
    assert len(depths) == pytest.approx(60 / every, abs=1)
    assert {frame.at for frame in depths} < {frame.at for frame in colours}


def test_each_view_pauses_by_itself(harness: Harness, client: Client) -> None:
    other = harness.connect()
    client.pause("depth")
    since = len(client.frames)
    harness.run(1.0)
    assert len(of(client, "main_video", since)) == pytest.approx(30, abs=1)
    assert not of(client, "depth", since)
    assert len(of(other, "depth")) == pytest.approx(30, abs=1)
    client.resume("depth")
    assert client.frames[-1].track == "depth"  # at once


# ---- what is seen


def test_grey_and_its_metadata_make_metres(harness: Harness, client: Client, scene: Any) -> None:
    harness.run(1.0)
    frame = of(client, "depth")[-1]
    info = frame.metadata
    assert frame.image.shape == (270, 480, 3) and (frame.image[..., 0] == frame.image[..., 2]).all()
    dark = 1 - frame.image[..., 0] / 255
    metres = info["near"] * (info["far"] / info["near"]) ** dark
    camera = scene.Camera(angle=0.15 * info["seconds"])
    _, true = scene.view(info["seconds"], camera)
    assert np.abs(metres / np.clip(true, info["near"], info["far"]) - 1).max() < 0.01


@pytest.mark.parametrize(("seconds", "angle", "height"), [(0.0, 0.0, 2.5), (3.3, 2.0, 0.5), (9.1, 4.5, 5.0)])
def test_what_is_nearer_hides_what_is_farther(scene: Any, seconds: float, angle: float, height: float) -> None:
    camera = scene.Camera(angle, height)
    colours, metres = scene.view(seconds, camera)
    place, axes = camera.place(), camera.axes()
    marbles = [scene._marble(number, seconds) for number in range(scene.MARBLES)]
    seen = 0
    for marble in marbles:
        x, y, ahead = axes @ (marble.centre - place)
        column = round((x / ahead / scene._LENS + 1) / 2 * (scene.WIDTH - 1))
        row = round((1 - y / ahead / scene._LENS * scene.WIDTH / scene.HEIGHT) / 2 * (scene.HEIGHT - 1))
        if not (0 <= column < scene.WIDTH and 0 <= row < scene.HEIGHT):
            continue
        found = metres[row, column]
        assert found < ahead - 0.8 * marble.radius  # its front, or something before it
        if found > ahead - 1.05 * marble.radius:
            seen += 1
            strong = marble.colour[:, 0] > 0.5
            assert colours[strong, row, column].min() > colours[~strong, row, column].max()
    assert seen >= 2
    assert np.isinf(metres[0]).any() or height > 3
    assert np.isfinite(colours).all()


@pytest.mark.parametrize("nearer_first", [True, False])
def test_the_nearer_of_two_is_seen(scene: Any, nearer_first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = [
        scene.Marble(np.array([0, 0.7, z], np.float32), 0.5, np.array([[1], [z], [0]], np.float32)) for z in (0.0, 1.0)
    ]
    monkeypatch.setattr(scene, "MARBLES", 2)
    monkeypatch.setattr(scene, "_marble", lambda number, seconds: pair[number if nearer_first else 1 - number])
    colours, metres = scene.view(0.0, scene.Camera(height=0.7, distance=7.0))
    assert metres[135, 240] == pytest.approx(6.5, abs=0.01)
    assert colours[1, 135, 240] < 0.5  # the farther one is yellow


def test_the_floor_is_where_it_is(scene: Any) -> None:
    _, metres = scene.view(0.0, scene.Camera(height=2.0, distance=6.0))
    # the lowest row looks down at the floor between camera and marbles: similar triangles say how far it is
    _, up, ahead = scene.Camera(height=2.0, distance=6.0).axes()
    slope = ahead[1] - up[1] * scene._LENS * scene.HEIGHT / scene.WIDTH
    assert metres[-1, 240] == pytest.approx(2.0 / -slope, rel=1e-3)


# ---- commands and sessions


def test_at_pace_0_all_stands_still(harness: Harness, client: Client) -> None:
    client.command("set_pace", pace=0)
    harness.run(0.2)
    before = of(client, "main_video")[-1]
    harness.run(1.0)
    after = of(client, "main_video")[-1]
    assert after.at > before.at and np.array_equal(before.image, after.image)


def test_looking_goes_around_and_up_and_down(harness: Harness, client: Client) -> None:
    client.command("set_pace", pace=0)
    pictures = []
    for x, y in ((0.1, 0.5), (0.6, 0.5), (0.1, 0.0), (0.1, 1.0)):
        assert client.command("look", x=x, y=y).ok
        harness.run(0.1)
        pictures.append(of(client, "main_video")[-1].image.astype(int))
    assert min(np.abs(picture - pictures[0]).mean() for picture in pictures[1:]) > 10
    assert harness.model.camera.height == pytest.approx(0.4)


def test_a_session_begins_anew(harness: Harness, client: Client) -> None:
    harness.run(0.5)
    first = client.frames[0].image
    client.command("look", x=0.5, y=0.9)
    client.command("set_depth_every", frames=30)
    harness.stop_session()
    again = harness.connect()
    harness.run(0.5)
    assert np.array_equal(again.frames[0].image, first)
    assert len(of(again, "depth")) == len(of(again, "main_video"))


@pytest.mark.parametrize(
    ("command", "arguments", "problem"),
    [
        ("set_pace", {"pace": 4}, "pace: 4.0 is above the maximum 3"),
        ("set_depth_every", {"frames": 0}, "frames: 0 is below the minimum 1"),
        ("set_depth_every", {"frames": 1.5}, "frames"),
        ("look", {"x": 0.5}, "y"),
    ],
)
def test_what_clients_may_not_say(client: Client, command: str, arguments: dict[str, Any], problem: str) -> None:
    answer = client.command(command, **arguments)
    assert answer.code == "invalid_command" and problem in answer.text
