"""The world: what its commands do to the picture and to the place, with clients under a virtual clock."""

from __future__ import annotations

import itertools
import math
import re
import sys
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from reactor_runtime.interface.model import handlers_of
from reactor_runtime.testing import Client, Harness

from .loading import EXAMPLES, load_example

STILL = {"day_length": 0}
"""A world whose time of day stands still."""

Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def running() -> Iterator[Harness]:
    with Harness(EXAMPLES / "world", config=STILL) as harness:
        yield harness


@pytest.fixture
def harness(running: Harness) -> Iterator[Harness]:
    """One model for all of them, and a session for each: to make a land takes longer than most tests."""
    yield running
    running.stop_session()


@pytest.fixture
def client(harness: Harness) -> Client:
    """Someone who has taken over, so that the eye stands still until it is told to move."""
    client = harness.connect()
    tap(client, "fast")
    harness.run(0.5)  # what it did by itself comes to rest
    return client


def tap(client: Client, key: str) -> None:
    assert client.command("press", key=key).ok
    assert client.command("release", key=key).ok


def place(harness: Harness) -> tuple[float, float, float]:
    eye = harness.model.flight.eye
    return eye.x, eye.y, eye.z


def change(client: Client, harness: Harness) -> float:
    """How much of the land changes in a fifth of a second: in the lower half, for clouds always move."""
    before = client.image[180:].astype(int)
    harness.run(0.2)
    return float(np.abs(client.image[180:] - before).mean())


# ---- the picture


def test_a_lively_picture_at_its_rate(harness: Harness) -> None:
    client = harness.connect()
    harness.run(1.0)
    assert 29 <= len(client.frames) <= 31
    assert client.image.shape == (360, 640, 3) and client.image.dtype == np.uint8
    assert client.image.std() > 30  # something is to be seen at once
    assert change(client, harness) > 1.0  # and, while nobody steers, it flies by itself
    assert not np.array_equal(client.frames[0].image, client.frames[1].image)


def test_a_seed_is_a_land() -> None:
    pictures = []
    for seed in (3, 4, 3):
        with Harness(EXAMPLES / "world", config={**STILL, "seed": seed}) as harness:
            client = harness.connect()
            harness.run(0.1)
            assert client.wait_for_message("where").data["seed"] == seed
            pictures.append(client.frames[0].image)
    assert np.array_equal(pictures[0], pictures[2])
    assert np.abs(pictures[0].astype(int) - pictures[1]).mean() > 10


def test_teleport_shows_the_other_land_and_back(harness: Harness, client: Client) -> None:
    home = client.image
    answer = client.command("teleport", seed=3)
    assert answer.type == "where" and answer.message is not None and answer.message["seed"] == 3
    harness.run(0.1)
    other = client.image
    assert np.abs(other.astype(int) - home).mean() > 10
    seeds = {client.command("teleport").message["seed"] for _ in range(2)}  # type: ignore[index]
    assert len(seeds) == 2  # without one, another each time
    client.command("teleport", seed=3)
    harness.run(0.1)
    assert np.abs(client.image[180:].astype(int) - other[180:]).mean() < 3  # but for the waves


def test_day_and_night(harness: Harness, client: Client) -> None:
    light = {}
    for hour in (0.0, 6.2, 12.0, 24.0):
        answer = client.command("set_time_of_day", hour=hour)
        assert answer.message is not None and answer.message["hour"] == hour % 24
        harness.run(0.1)
        light[hour] = client.image.mean(axis=(0, 1))
    assert light[12.0].mean() > 2 * light[0.0].mean() > 30  # at night one still sees something
    assert light[6.2][0] > light[6.2][2]  # the morning is red
    assert light[0.0][2] > light[0.0][0]  # the night is blue
    assert np.allclose(light[24.0], light[0.0], atol=1.5)


def test_what_comes_in_bursts_is_deduplicated() -> None:
    commands = handlers_of(type(load_example("world"))).commands
    assert {name for name, command in commands.items() if command.dedupe} == {"look", "set_time_of_day"}


def test_a_day_passes() -> None:
    with Harness(EXAMPLES / "world", config={"day_length": 48, "hour": 23.5}) as harness:
        client = harness.connect()
        harness.run(2.0)
        assert harness.model.sky.hour == pytest.approx(0.5, abs=0.05)
        # The light follows, strip by strip: after a round it is what it would be if laid at once.
        harness.model.settings = type(harness.model.settings)(1, 0.0, 0.0)
        land, sky = harness.model.flight.land, harness.model.sky
        for _ in range(32):
            land.light_on(sky)
        followed = land.lit.copy()
        land.light(sky)
        assert np.array_equal(land.lit, followed)
        assert client.image.mean() < 80


# ---- moving


@pytest.mark.parametrize(
    ("key", "ahead", "right", "up"),
    [
        ("forward", 1, 0, 0),
        ("back", -1, 0, 0),
        ("left", 0, -1, 0),
        ("right", 0, 1, 0),
        ("up", 0, 0, 1),
    ],
)
def test_a_held_key_moves_and_a_released_one_does_not(
    harness: Harness, client: Client, key: str, ahead: int, right: int, up: int
) -> None:
    standing = change(client, harness)
    x, y, z = place(harness)
    eye = harness.model.flight.eye
    assert client.command("press", key=key).ok
    harness.run(1.0)
    assert change(client, harness) > 2 * standing + 0.5
    assert client.command("release", key=key).ok
    harness.run(2.0)  # it rolls out softly
    x2, y2, z2 = place(harness)
    dx, dy = x2 - x, y2 - y
    moved = np.array([dx * eye.ahead[0] + dy * eye.ahead[1], dx * eye.right[0] + dy * eye.right[1], z2 - z])
    expected = np.array([ahead, right, up])
    assert moved @ expected > 12
    assert np.abs(moved[expected == 0]).max() < 2.5  # though the ground may have lifted it a little
    assert change(client, harness) < standing + 0.5
    assert place(harness) == pytest.approx((x2, y2, z2), abs=0.05)


def test_down_ends_above_the_ground(harness: Harness, client: Client) -> None:
    client.command("press", key="down")
    harness.run(6.0)
    assert harness.model.where().altitude == pytest.approx(5.0, abs=0.5)


@pytest.mark.parametrize(("key", "sign"), [("turn_left", -1), ("turn_right", 1)])
def test_turning(harness: Harness, client: Client, key: str, sign: int) -> None:
    before = harness.model.flight.eye
    client.command("press", key=key)
    harness.run(1.0)
    after = harness.model.flight.eye
    turned = math.remainder(after.heading - before.heading, math.tau)
    assert 0.2 < sign * turned < 1.0
    assert sign * after.roll > 0.05  # it leans into the turn
    assert (after.x, after.y) == (before.x, before.y)


def test_it_speeds_up_softly_and_fast_is_faster(harness: Harness, client: Client) -> None:
    def way(seconds: float) -> float:
        x, y, _ = place(harness)
        harness.run(seconds)
        x2, y2, _ = place(harness)
        return math.hypot(x2 - x, y2 - y)

    client.command("press", key="back")
    first = way(0.2)
    harness.run(1.5)
    later = way(0.2)
    assert 0 < first < 0.5 * later
    client.command("press", key="fast")
    harness.run(1.5)
    assert way(0.2) == pytest.approx(3 * later, rel=0.2)


def test_opposite_keys_hold_each_other(harness: Harness, client: Client) -> None:
    before = place(harness)
    client.command("press", key="forward")
    harness.connect().command("press", key="back")
    harness.run(1.0)
    assert place(harness) == pytest.approx(before, abs=1.5)


def test_the_frame_rate_does_not_matter() -> None:
    places = []
    for fps in (10, 30):
        with Harness(EXAMPLES / "world", config=STILL) as harness:
            client = harness.connect()
            harness.model.output_buffer.set_fps(fps)
            tap(client, "fast")
            harness.run(1.0)
            start = np.array(place(harness))
            client.command("press", key="up")
            client.command("press", key="right")
            harness.run(1.5)
            client.command("release", key="right")
            client.command("release", key="up")
            harness.run(2.0)
            places.append(np.array(place(harness)) - start)
    assert np.abs(places[0]).max() > 15
    assert np.allclose(places[0], places[1], atol=3.0)  # a key counts from a frame on, and frames are up to 0.1 s


def test_many_small_steps_lead_where_few_large_ones_do() -> None:
    model = load_example("world")
    ends = []
    for steps in (20, 200):
        model.begin()
        flight = model.flight
        for key in ("back", "left", "up"):
            flight.press(1, key)
        for _ in range(steps):
            flight.step(2.0 / steps)
        ends.append((flight.eye.x, flight.eye.y, flight.eye.z))
    assert ends[0] == pytest.approx(ends[1], abs=0.01)


def test_after_a_hitch_the_world_does_not_jump(harness: Harness, client: Client) -> None:
    client.command("press", key="forward")
    harness.run(1.0)
    x, y, _ = place(harness)
    harness.clock.advance(5.0)  # as a machine that was busy
    harness.run(0.05)
    x2, y2, _ = place(harness)
    assert math.hypot(x2 - x, y2 - y) < 6


def test_the_keys_of_a_client_that_leaves_are_released(harness: Harness, client: Client) -> None:
    other = harness.connect()
    other.command("press", key="forward")
    client.command("press", key="up")
    harness.run(0.5)
    other.leave()
    harness.run(3.0)
    x, y, z = place(harness)
    harness.run(0.5)
    x2, y2, z2 = place(harness)
    assert math.hypot(x2 - x, y2 - y) < 0.05
    assert z2 > z + 1  # and those of who stayed are not


def test_a_session_begins_at_home(harness: Harness, client: Client) -> None:
    home = harness.model.home
    client.command("press", key="forward")
    client.command("teleport", seed=3)
    client.command("set_time_of_day", hour=1.0)
    harness.run(0.5)
    harness.stop_session()
    again = harness.connect()
    where = again.wait_for_message("where").data
    assert (where["seed"], where["hour"]) == (home.seed, 9.0)
    harness.run(0.2)
    assert not harness.model.flight.held and harness.model.flight.land is home


def test_a_land_that_is_made_too_late_is_not_gone_to(harness: Harness, client: Client) -> None:
    client.post("teleport", seed=3)
    harness.stop_session()  # while the land is being made
    harness.connect()
    harness.run(1.0)
    assert harness.model.flight.land is harness.model.home


# ---- looking


@pytest.mark.parametrize(("x", "y"), [(0.36, 0.42), (0.62, 0.58)])
def test_what_was_pointed_at_comes_to_the_middle(harness: Harness, client: Client, x: float, y: float) -> None:
    column, row = round(x * 640), round(y * 360)
    patch = client.image[row - 24 : row + 24, column - 40 : column + 40]
    assert client.command("look", x=x, y=y).ok
    harness.run(2.0)
    found = cv2.matchTemplate(client.image, patch, cv2.TM_CCOEFF_NORMED)
    _, likeness, _, (left, top) = cv2.minMaxLoc(found)
    assert likeness > 0.6
    assert abs(left + 40 - 320) < 12 and abs(top + 24 - 180) < 12


def test_one_cannot_look_straight_down(harness: Harness, client: Client) -> None:
    for y in (1.0, 0.0):
        for _ in range(5):
            client.command("look", x=0.5, y=y)
            harness.run(0.5)
        assert abs(harness.model.flight.eye.pitch) == pytest.approx(0.45)
        assert client.image.std() > 10


def test_the_page_finds_the_command_for_its_pointer(harness: Harness) -> None:
    """The first one with numbers x and y; and keys are one choice each."""
    harness.connect()
    fields = {
        path.removeprefix("/events/"): call["post"]["requestBody"]["content"]["application/json"]["schema"]
        for path, call in harness.schema["paths"].items()
        if path.startswith("/events/")
    }
    pointing = [name for name, schema in fields.items() if {"x", "y"} <= set(schema.get("properties", {}))]
    assert pointing[0] == "look"
    for limits in (fields["look"]["properties"][axis] for axis in "xy"):
        assert (limits["type"], limits["minimum"], limits["maximum"]) == ("number", 0, 1)
    assert fields["press"]["properties"]["key"]["enum"] == fields["release"]["properties"]["key"]["enum"]
    assert "forward" in fields["press"]["properties"]["key"]["enum"]


# ---- messages, refusals, config


def test_where_comes_once_a_second(harness: Harness) -> None:
    client = harness.connect()
    harness.run(3.5)
    messages = [message for message in client.messages if message.type == "where"]
    assert messages[0].at == pytest.approx(harness.now - 3.5, abs=0.01)  # to whoever joins, at once
    assert np.diff([message.at for message in messages[1:]]) == pytest.approx([1.0, 1.0], abs=0.05)
    eye = harness.model.flight.eye
    assert messages[-1].data["x"] == pytest.approx(eye.x, abs=20)
    assert 0 <= messages[-1].data["heading"] < 360


@pytest.mark.parametrize(
    ("command", "arguments", "problem"),
    [
        ("press", {"key": "jump"}, "key"),
        ("look", {"x": 1.2, "y": 0.5}, "x: 1.2 is above the maximum"),
        ("look", {"x": 0.5}, "y"),
        ("set_time_of_day", {"hour": 25}, "hour: 25.0 is above the maximum"),
        ("teleport", {"seed": -1}, "seed: -1 is below the minimum"),
    ],
)
def test_what_clients_may_not_say(harness: Harness, command: str, arguments: dict[str, Any], problem: str) -> None:
    answer = harness.connect().command(command, **arguments)
    assert not answer.ok and answer.code == "invalid_command" and problem in answer.text


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"seed": -1}, "config: seed: -1 is no whole number from 0 up"),
        ({"seed": 1.5}, "config: seed: 1.5 is"),
        ({"seed": True}, "config: seed: True is"),
        ({"hour": 25}, "config: hour: 25 is no number from 0 to 24"),
        ({"hour": "noon"}, "config: hour: 'noon' is"),
        ({"day_length": -1}, "config: day_length: -1 is no number from 0 up"),
        ({"day_length": float("nan")}, "config: day_length: nan is"),
        ({"day_length": float("inf")}, "config: day_length: inf is"),
    ],
)
def test_a_config_is_checked(config: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        Harness(EXAMPLES / "world", config=config)


# ---- the picture's geometry


@pytest.fixture(scope="module")
def loaded() -> Any:
    return load_example("world")


def eye_of(**where: float) -> Any:
    return sys.modules["eye"].Eye(**where)


def test_rays_end_where_they_first_meet_the_ground(loaded: Any) -> None:
    land, raycast = loaded.home, sys.modules["raycast"]
    (x, y), heading = land.outlook
    eye = eye_of(x=x, y=y, z=land.height(x, y) + 40.0, heading=heading, pitch=-0.1, roll=0.1)
    hits = raycast.Caster().cast(land, eye)
    seen = hits.mask > 0
    ground = np.zeros_like(hits.depth)
    cv2.remap(land.heights, hits.x, hits.y, cv2.INTER_LINEAR, dst=ground, borderMode=cv2.BORDER_WRAP)
    off = np.abs(eye.z - hits.drop * hits.depth - ground)
    near = seen & (hits.depth < 190)
    assert near.sum() > 20_000
    assert np.quantile(off[near], 0.99) < 1.0
    assert np.quantile(off[seen & (hits.depth < 800)], 0.9) < 6.0  # farther away the land is drawn coarser

    rows, columns = np.nonzero(near)
    for index in np.random.default_rng(1).choice(rows.size, 60):  # and nothing is in between
        row, column = rows[index], columns[index]
        depth, drop = hits.depth[row, column], hits.drop[row, column]
        along = np.linspace(1.5, 0.97 * depth, 200)
        side = sys.modules["eye"].SIDE[column]
        line_x = (eye.x + along * (eye.ahead[0] + side * eye.right[0])).astype(int) % 1024
        line_y = (eye.y + along * (eye.ahead[1] + side * eye.right[1])).astype(int) % 1024
        assert (eye.z - drop * along - land.heights[line_y, line_x]).min() > -3.0


def test_the_land_has_no_edge(loaded: Any) -> None:
    (x, y), heading = loaded.home.outlook
    here, beyond = (
        loaded.scenery.draw(
            loaded.home, loaded.sky, eye_of(x=x + turn * 1024, y=y - turn * 1024, z=60.0, heading=heading), 5.0
        )
        for turn in (0, 1)
    )
    assert np.abs(here.astype(int) - beyond).mean() < 0.5
    # Across the edge, over the widest water there, no step is larger than those before and after it.
    y = float(np.argmax((loaded.home.heights[:, :200] == 0).sum(axis=1)))
    crossing = []
    for x in (1023.6, 1023.9, 0.2, 0.5):
        eye = eye_of(x=x, y=y, z=30.0, heading=math.pi / 2, pitch=-0.2)
        crossing.append(loaded.scenery.draw(loaded.home, loaded.sky, eye, 5.0).astype(int))
    steps = [np.abs(after - before).mean() for before, after in itertools.pairwise(crossing)]
    assert steps[1] < 1.3 * max(steps[0], steps[2])


def test_frames_do_not_share_their_pixels(loaded: Any) -> None:
    (x, y), heading = loaded.home.outlook
    first = loaded.scenery.draw(loaded.home, loaded.sky, eye_of(x=x, y=y, z=60.0, heading=heading), 0.0)
    kept = first.copy()
    loaded.scenery.draw(loaded.home, loaded.sky, eye_of(x=x, y=y, z=60.0, heading=heading + 1.0), 0.0)
    assert np.array_equal(first, kept)


@pytest.mark.parametrize("hour", [0.0, 5.6, 6.0, 12.0, 18.0, 18.4])
@pytest.mark.parametrize("z", [1.0, 240.0])
@pytest.mark.parametrize(("pitch", "roll"), [(-0.45, 0.2), (0.45, -0.2)])
def test_it_can_be_drawn_from_anywhere(loaded: Any, hour: float, z: float, pitch: float, roll: float) -> None:
    sky = sys.modules["heavens"].sky_at(hour)
    for heading in (0.0, 1.6, 3.1, 4.7):
        place = 700.0, 40.0
        height = loaded.home.height(*place) + z
        eye = eye_of(x=place[0], y=place[1], z=height, heading=heading, pitch=pitch, roll=roll)
        picture = loaded.scenery.draw(loaded.home, sky, eye, 100.0)
        assert picture.shape == (360, 640, 3) and picture.std() > 1


def test_mountains_throw_shadows_away_from_the_sun(loaded: Any) -> None:
    land, heavens = loaded.home, sys.modules["heavens"]
    heights = np.zeros((1024, 1024), np.float32)
    heights[:, 500] = 50.0
    kept = land.heights
    try:
        land.heights = heights
        for hour, dark, light in ((8.0, slice(450, 495), slice(505, 550)), (16.0, slice(505, 550), slice(450, 495))):
            land.light(heavens.sky_at(hour))
            lit = land.lit[..., :3].astype(float).sum(axis=2)
            land.heights = np.zeros_like(heights)
            land.light(heavens.sky_at(hour))
            open_land = land.lit[..., :3].astype(float).sum(axis=2)
            land.heights = heights
            assert lit[:, dark].mean() < 0.75 * open_land[:, dark].mean()
            assert lit[:, light].mean() == pytest.approx(open_land[:, light].mean(), rel=0.02)
    finally:
        land.heights = kept
        land.light(loaded.sky)


def test_it_never_flies_into_the_ground(loaded: Any) -> None:
    loaded.begin()
    flight = loaded.flight
    for key in ("forward", "fast", "down", "turn_right"):
        flight.press(1, key)
    lowest = math.inf
    for step in range(3000):
        if step % 90 == 0:
            flight.press(1, "turn_right") if step % 180 else flight.release(1, "turn_right")
        flight.step(1 / 30)
        lowest = min(lowest, flight.eye.z - loaded.home.height(flight.eye.x, flight.eye.y))
    assert lowest >= 0.99
