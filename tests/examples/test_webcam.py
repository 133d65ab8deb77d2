"""The webcam example: what its effects make of pushed frames, with clients under a virtual clock."""

from __future__ import annotations

import itertools
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

Picture = NDArray[np.uint8]

PERIOD = 1 / 30
EFFECTS = ["neon", "echo", "kaleidoscope", "halftone", "melt", "tunnel", "plain"]


@pytest.fixture
def harness() -> Iterator[Harness]:
    with Harness(EXAMPLES / "webcam", config={"effect": "plain", "mirror": False}) as harness:
        yield harness


@pytest.fixture
def client(harness: Harness) -> Client:
    return harness.connect()


def scene(step: int = 0, size: tuple[int, int] = (640, 360)) -> Picture:
    """Something with edges, colours and a bright ball that moves to the right."""
    width, height = size
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 0] = np.linspace(20, 200, width)
    picture[..., 2] = np.linspace(200, 40, height)[:, None]
    picture[height // 2 :, : width // 3] = (40, 120, 30)
    cv2.circle(picture, (width // 4 + 8 * step, height // 2), max(1, height // 6), (250, 230, 90), -1)
    return picture


def watch(client: Client, harness: Harness, frames: int = 12) -> list[Picture]:
    """What is shown while the scene plays."""
    seen = len(client.frames)
    client.stream("webcam", [scene(step) for step in range(frames)])
    harness.run(frames * PERIOD)
    return [frame.image for frame in client.frames[seen:]]


def has_caption(picture: Picture) -> bool:
    return bool((picture[262:330].min(axis=2) > 230).mean() > 0.02)


# ---- the camera


def test_a_frame_is_shown_as_it_is_and_at_once(harness: Harness, client: Client) -> None:
    harness.run(0.5)
    client.push("webcam", scene())
    pushed = harness.now
    harness.run(2 * PERIOD)
    shown = next(frame for frame in client.frames if np.array_equal(frame.image, scene()))
    assert shown.at - pushed <= PERIOD + 1e-6

    for step in range(1, 10):  # while a camera sends, each of its frames is shown as soon as it comes
        harness.run(0.05)
        client.push("webcam", scene(step))
        harness.run(0.004)
        assert np.array_equal(client.image, scene(step))


def test_of_several_frames_the_newest_is_shown(harness: Harness, client: Client) -> None:
    harness.run(0.2)
    seen = len(client.frames)
    client.push("webcam", np.stack([scene(step) for step in range(8)]))
    harness.run(0.2)
    fresh = [frame.image for frame in client.frames[seen:] if not has_caption(frame.image)]
    assert len(fresh) == 1 and np.array_equal(fresh[0], scene(7))


def test_the_rate_is_kept_with_and_without_a_camera(harness: Harness, client: Client) -> None:
    harness.run(1.0)
    client.stream("webcam", scene(), fps=30)
    harness.run(2.0)
    times = np.array([frame.at for frame in client.frames])
    assert 88 <= times.size <= 92
    assert np.diff(times).max() < 2.5 * PERIOD


def test_a_faster_camera_does_not_pile_up(harness: Harness, client: Client) -> None:
    client.stream("webcam", [scene(step) for step in range(60)], fps=60)
    harness.run(0.75)
    number = next(step for step in range(60) if np.array_equal(client.image, scene(step)))
    assert number >= 0.75 * 60 - 4
    assert harness.model.input.webcam.available <= 2


def test_without_a_camera_the_picture_says_so(harness: Harness, client: Client) -> None:
    harness.run(1.0)
    assert client.image.shape == (360, 640, 3)
    assert has_caption(client.image)
    assert not np.array_equal(client.image, client.frames[0].image)  # and it is alive

    client.stream("webcam", [scene()] * 30)
    harness.run(0.9)
    assert not has_caption(client.image)
    harness.run(0.5)
    assert np.array_equal(client.image, scene())  # a short gap shows nothing else
    harness.run(1.5)
    assert has_caption(client.image)
    client.push("webcam", scene(3))
    harness.run(0.1)
    assert np.array_equal(client.image, scene(3))


def test_the_first_camera_is_shown_until_it_is_gone(harness: Harness, client: Client) -> None:
    second = harness.connect()
    red, blue = np.full((90, 160, 3), (200, 0, 0), np.uint8), np.full((90, 160, 3), (0, 0, 200), np.uint8)
    client.stream("webcam", red)
    harness.run(0.2)
    second.stream("webcam", blue)
    seen = len(second.frames)
    harness.run(1.0)
    assert {tuple(frame.image[100, 100]) for frame in second.frames[seen:]} == {(200, 0, 0)}
    assert len(second.frames) - seen >= 28  # the other one does not take its turns
    client.leave()
    harness.run(0.2)
    assert tuple(second.image[100, 100]) == (0, 0, 200)
    assert second.messages[-1].data["client"] == second.id


def test_who_falls_silent_gives_way(harness: Harness, client: Client) -> None:
    second = harness.connect()
    client.push("webcam", np.full((90, 160, 3), 80, np.uint8))
    harness.run(0.2)
    second.stream("webcam", np.full((90, 160, 3), 160, np.uint8))
    harness.run(0.5)
    assert client.image[0, 0, 0] == 80
    harness.run(1.0)
    assert client.image[0, 0, 0] == 160


@pytest.mark.parametrize("effect", EFFECTS)
def test_frames_of_any_size(harness: Harness, client: Client, effect: str) -> None:
    client.command("set_effect", effect=effect)
    for size in [(640, 360), (1, 1), (7, 1), (1, 9), (501, 3), (3, 501), (641, 481), (1280, 720), (359, 639)]:
        client.push("webcam", scene(size=size))
        harness.run(2 * PERIOD)
        assert client.image.shape == (360, 640, 3)
        last = client.messages[-1]
        assert last.type == "watching" and (last.data["width"], last.data["height"]) == size


@pytest.mark.parametrize("size", [(1, 1), (9, 5), (480, 640), (641, 359), (1920, 1080)])
def test_a_frame_fills_the_picture(harness: Harness, client: Client, size: tuple[int, int]) -> None:
    client.push("webcam", np.full((size[1], size[0], 3), (10, 120, 230), np.uint8))
    harness.run(0.1)
    assert (client.image == (10, 120, 230)).all()


def test_what_is_cut_off_lies_outside(harness: Harness, client: Client) -> None:
    tall = np.zeros((640, 360, 3), np.uint8)
    cv2.circle(tall, (180, 320), 60, (255, 255, 255), -1)  # in the middle, and still round
    client.push("webcam", tall)
    harness.run(0.1)
    rows, columns = np.nonzero(client.image[..., 0] > 128)
    assert rows.mean() == pytest.approx(179.5, abs=1) and columns.mean() == pytest.approx(319.5, abs=1)
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), abs=2) and np.ptp(rows) > 180


# ---- commands


def test_mirror(harness: Harness, client: Client) -> None:
    answer = client.command("set_mirror", mirror=True)
    assert answer.type == "look" and answer.message == {"effect": "plain", "strength": 0.5, "mirror": True}
    client.push("webcam", scene())
    harness.run(0.1)
    assert np.array_equal(client.image, scene()[:, ::-1])
    client.command("set_mirror", mirror=False)
    client.push("webcam", scene())
    harness.run(0.1)
    assert np.array_equal(client.image, scene())


def test_effects_differ(harness: Harness, client: Client) -> None:
    pictures = {}
    for effect in EFFECTS:
        answer = client.command("set_effect", effect=effect)
        assert answer.message is not None and answer.message["effect"] == effect
        shown = watch(client, harness)
        assert len(shown) >= 11
        pictures[effect] = shown[-1].astype(int)
    for one, other in itertools.combinations(EFFECTS, 2):
        assert np.abs(pictures[one] - pictures[other]).mean() > 4, (one, other)


@pytest.mark.parametrize("effect", [effect for effect in EFFECTS if effect != "plain"])
def test_strength(harness: Harness, client: Client, effect: str) -> None:
    pictures = []
    for strength in (0.1, 0.9):
        client.command("set_effect", effect=effect)
        answer = client.command("set_strength", strength=strength)
        assert answer.message == {"effect": effect, "strength": strength, "mirror": False}
        pictures.append(watch(client, harness)[-1].astype(int))
    assert np.abs(pictures[0] - pictures[1]).mean() > 2


def test_an_effect_starts_afresh(harness: Harness, client: Client) -> None:
    client.command("set_effect", effect="echo")
    client.command("set_strength", strength=1.0)
    watch(client, harness)
    client.command("set_effect", effect="echo")
    client.push("webcam", scene(40))
    harness.run(0.1)
    assert np.array_equal(client.image, scene(40))  # nothing of what was before


def test_only_the_slider_is_deduplicated() -> None:
    commands = handlers_of(type(load_example("webcam"))).commands
    assert {name: command.dedupe for name, command in commands.items()} == {
        "set_effect": False,
        "set_strength": True,
        "set_mirror": False,
    }


# ---- messages


def test_watching_tells_once_a_second_and_when_something_changes(harness: Harness, client: Client) -> None:
    harness.run(2.5)
    assert [message.type for message in client.messages] == ["look", "watching"]
    assert client.messages[-1].data == {"client": None, "width": 0, "height": 0, "frames": 0}

    client.stream("webcam", scene(size=(320, 180)), fps=20)
    harness.run(3.4)
    told = [message for message in client.messages if message.data.get("client") == client.id]
    assert [message.data["frames"] for message in told] == pytest.approx([1, 20, 20, 20], abs=1)
    assert np.diff([message.at for message in told]) == pytest.approx([1.0, 1.0, 1.0], abs=0.1)
    assert {(message.data["width"], message.data["height"]) for message in told} == {(320, 180)}

    client.push("webcam", scene(size=(100, 100)))
    harness.run(0.1)
    assert (100, 100) in {(message.data["width"], message.data["height"]) for message in client.messages[-2:]}


def test_who_joins_is_told_the_look(harness: Harness, client: Client) -> None:
    client.command("set_effect", effect="melt")
    assert harness.connect().wait_for_message("look").data == {"effect": "melt", "strength": 0.5, "mirror": False}


def test_a_session_begins_with_the_look_of_the_config(harness: Harness, client: Client) -> None:
    client.command("set_effect", effect="neon")
    client.command("set_strength", strength=0.9)
    client.push("webcam", scene())
    harness.run(0.1)
    harness.stop_session()
    again = harness.connect()
    assert again.wait_for_message("look").data == {"effect": "plain", "strength": 0.5, "mirror": False}
    harness.run(0.1)
    assert has_caption(again.image)


@pytest.mark.parametrize(
    ("command", "arguments", "problem"),
    [
        ("set_effect", {"effect": "sepia"}, "effect"),
        ("set_strength", {"strength": 1.5}, "strength: 1.5 is above the maximum"),
        ("set_strength", {"strength": -0.5}, "strength: -0.5 is below the minimum"),
        ("set_mirror", {"mirror": 1}, "mirror"),
    ],
)
def test_what_clients_may_not_say(client: Client, command: str, arguments: dict[str, Any], problem: str) -> None:
    answer = client.command(command, **arguments)
    assert not answer.ok and answer.code == "invalid_command" and problem in answer.text


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"effect": "sepia"}, "config: effect: 'sepia' is not one of neon, echo, kaleidoscope, halftone, melt, tunnel"),
        ({"effect": ["neon"]}, "config: effect: ['neon'] is not one of"),
        ({"strength": 2}, "config: strength: 2 is no number from 0 to 1"),
        ({"strength": True}, "config: strength: True is"),
        ({"strength": float("nan")}, "config: strength: nan is"),
        ({"mirror": "yes"}, "config: mirror: 'yes' is neither true nor false"),
    ],
)
def test_a_config_is_held_to_the_limits_of_the_commands(config: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        Harness(EXAMPLES / "webcam", config=config)


# ---- the effects themselves


@pytest.fixture(scope="module")
def effects() -> Any:
    load_example("webcam")
    return sys.modules["effects"].EFFECTS


@pytest.mark.parametrize("effect", EFFECTS)
def test_an_effect_leaves_the_frame_alone_and_copes_with_extremes(effects: Any, effect: str) -> None:
    for strength in (0.0, 1.0):
        made = effects[effect]()
        for picture in (np.zeros((360, 640, 3), np.uint8), np.full((360, 640, 3), 255, np.uint8), scene()):
            kept = picture.copy()
            result = made.apply(picture, strength, 1e6)
            assert result.shape == (360, 640, 3) and result.dtype == np.uint8
            assert np.array_equal(picture, kept)


def test_echo_shows_lower_rows_later(effects: Any) -> None:
    echo = effects["echo"]()
    for _ in range(30):
        echo.apply(np.zeros((360, 640, 3), np.uint8), 0.5, 0.0)
    for count in range(1, 40):
        rows = echo.apply(np.full((360, 640, 3), 255, np.uint8), 0.5, 0.0).mean(axis=(1, 2))
        assert (np.diff(rows) <= 0).all()  # the light comes down from the top
        if count == 10:
            assert rows[0] == 255 and rows[-1] == 0
    assert (rows == 255).all()

    for level in range(0, 200, 5):
        rows = echo.apply(np.full((360, 640, 3), level, np.uint8), 0.5, 0.0).mean(axis=(1, 2))
    assert np.abs(np.diff(rows)).max() < 3  # evenly: what lies between two frames is mixed


def test_neon_lights_edges_and_nothing_else(effects: Any) -> None:
    flat = effects["neon"]().apply(np.full((360, 640, 3), 200, np.uint8), 0.5, 0.0)
    assert flat.max() < 40
    halves = np.zeros((360, 640, 3), np.uint8)
    halves[:, 320:] = 255
    neon = effects["neon"]()
    lit = neon.apply(halves, 0.5, 0.0)
    assert lit[:, 317:323].max() == 255 and lit[:, :200].max() < 10
    after = neon.apply(np.zeros((360, 640, 3), np.uint8), 0.5, 0.0)
    assert 100 < after[:, 317:323].max() < 255  # it fades


def test_kaleidoscope_is_the_same_from_all_its_sides(effects: Any) -> None:
    for strength, mirrors in ((0.0, 3), (1 / 3, 6), (1.0, 12)):
        picture = effects["kaleidoscope"]().apply(cv2.GaussianBlur(scene(), (0, 0), 6.0), strength, 3.0)
        turned = cv2.warpAffine(
            picture, cv2.getRotationMatrix2D((319.5, 179.5), 360 / mirrors, 1.0), (640, 360), flags=cv2.INTER_LINEAR
        )
        disc = np.zeros((360, 640), np.uint8)
        cv2.circle(disc, (320, 180), 160, 255, -1)
        assert np.abs(picture.astype(int) - turned)[disc > 0].mean() < 3
        assert picture[disc > 0].std() > 10


def test_halftone_prints_as_much_ink_as_there_is_tone(effects: Any) -> None:
    means = []
    for level in (30, 90, 150, 210):
        printed = effects["halftone"]().apply(np.full((360, 640, 3), level, np.uint8), 0.3, 0.0)
        assert printed.std() > 15  # dots
        means.append(printed.mean())
    assert means == sorted(means) and means[-1] - means[0] > 100
    white = effects["halftone"]().apply(np.full((360, 640, 3), 255, np.uint8), 0.3, 0.0)
    assert np.abs(white.astype(int) - (250, 243, 228)).max() < 4  # paper


def test_melt_only_moves_pixels_within_their_column(effects: Any) -> None:
    picture = scene()
    melted = effects["melt"]().apply(picture, 0.8, 0.0)
    assert not np.array_equal(melted, picture)
    for column in range(0, 640, 37):
        assert sorted(map(tuple, melted[:, column])) == sorted(map(tuple, picture[:, column]))
    grey = cv2.cvtColor(effects["melt"]().apply(picture, 1.0, 0.0), cv2.COLOR_RGB2GRAY).astype(int)
    assert (np.diff(grey, axis=0) >= 0).mean() > 0.95  # sorted, but for where a run begins


def test_tunnel_has_the_newest_in_the_middle_and_older_ones_around(effects: Any) -> None:
    tunnel = effects["tunnel"]()
    for _ in range(60):
        tunnel.apply(np.full((360, 640, 3), (220, 30, 30), np.uint8), 0.9, 0.0)
    picture = tunnel.apply(np.full((360, 640, 3), 255, np.uint8), 0.9, 0.0)
    assert (picture[150:210, 250:390] == 255).all()
    assert picture[:20].min(axis=2).max() < 200
