"""The synth example: what is heard of it, and that the picture shows just that, under a virtual clock."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reactor_runtime.interface.model import handlers_of
from reactor_runtime.testing import Client, Harness

from .loading import EXAMPLES, load_example

RATE = 48_000
PURE = {"waveform": "sine", "pitch": 440, "interval": "fifth", "volume": 0.5}


@pytest.fixture
def harness() -> Iterator[Harness]:
    with Harness(EXAMPLES / "synth", config=PURE) as harness:
        yield harness


@pytest.fixture
def client(harness: Harness) -> Client:
    return harness.connect()


def heard(client: Client, harness: Harness, seconds: float = 1.0) -> NDArray[np.int16]:
    """What is heard from here on, once what was changed has come to rest."""
    harness.run(0.5)
    before = client.heard().shape[1]
    harness.run(seconds)
    return client.heard()[:, before:]


def pitches(sound: NDArray[np.int16]) -> list[float]:
    """The loudest frequency of each channel, in Hz."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.shape[1])))
    return [float(at) * RATE / sound.shape[1] for at in spectrum.argmax(axis=1)]


def lit(picture: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the beam is in the figure, to the right of the middle and above it."""
    rows, columns = np.nonzero(picture[:, :358].max(axis=2) > 120)
    return columns - 180, 180 - rows


# ---- sound


def test_two_voices_are_heard_an_interval_apart(harness: Harness, client: Client) -> None:
    assert pitches(heard(client, harness)) == pytest.approx([440, 660], abs=1.5)
    assert client.command("set_interval", interval="octave").ok
    assert client.command("set_pitch", pitch=300).ok
    assert pitches(heard(client, harness)) == pytest.approx([300, 600], abs=1.5)


def test_each_frame_has_a_frames_length_of_sound(harness: Harness, client: Client) -> None:
    harness.run(2.0)
    assert client.heard().shape == (2, 1600 * len(client.frames))
    assert len(client.frames) == pytest.approx(60, abs=1)


def test_volume_is_that_of_the_peak(harness: Harness, client: Client) -> None:
    for volume in (0.0, 0.25, 1.0):
        client.command("set_volume", volume=volume)
        peaks = np.abs(heard(client, harness).astype(int)).max(axis=1)
        assert peaks == pytest.approx([volume * 32_767] * 2, rel=0.01, abs=2)


def test_nothing_clicks_whatever_changes(harness: Harness, client: Client) -> None:
    changes: list[tuple[str, dict[str, Any]]] = [
        ("play", {"x": 0, "y": 0.9}), ("set_volume", {"volume": 1}), ("set_waveform", {"waveform": "triangle"}),
        ("set_interval", {"interval": "octave"}), ("set_volume", {"volume": 0.2}),
        ("set_waveform", {"waveform": "sine"}),
    ]  # fmt: skip
    for command, arguments in changes:
        assert client.command(command, **arguments).ok
        harness.run(0.2)
    sound = client.heard().astype(int)
    assert abs(sound[0, 0]) < 100  # it begins from silence
    # the steepest there is from here on: a sine of 110 Hz on the right, where it crosses zero
    steepest = np.abs(np.diff(sound[:, RATE // 5 :], axis=1)).max()
    assert 200 < steepest < 32_767 * 2 * np.pi * 110 / RATE


@pytest.mark.parametrize("waveform", ["sine", "triangle", "square", "saw", "organ"])
def test_a_waveform_is_its_partials_and_nothing_else(harness: Harness, client: Client, waveform: str) -> None:
    client.command("set_waveform", waveform=waveform)
    client.command("set_interval", interval="octave")
    client.command("set_pitch", pitch=880)
    spectrum = np.abs(np.fft.rfft(heard(client, harness)[1] * np.hanning(RATE)))
    frequencies = np.arange(len(spectrum))
    beside = np.abs(frequencies - 1760 * np.round(frequencies / 1760)) > 8  # the voice is a little too high
    assert spectrum[beside].max() < spectrum.max() * 1e-3
    count = sum(spectrum[at - 8 : at + 8].max() > spectrum.max() * 1e-3 for at in range(1760, 20_000, 1760))
    assert count == 1 if waveform == "sine" else count > 3


# ---- picture


def test_one_sound_on_both_sides_is_a_diagonal(harness: Harness) -> None:
    scope = sys.modules["scope"].Scope()
    sound = 0.5 * np.sin(2 * np.pi * 440 / RATE * np.arange(4800), dtype=np.float32)
    for frame in range(3):
        picture = scope.draw(np.stack([sound[1600 * frame : 1600 * (frame + 1)]] * 2))
    x, y = lit(picture)
    assert np.abs(x - y).max() <= 3
    assert (x.min(), x.max()) == pytest.approx((-83, 83), abs=4)


def test_the_figure_is_as_large_as_the_sound_is_loud(harness: Harness, client: Client) -> None:
    sizes = []
    for volume in (0.0, 0.4, 0.9):
        client.command("set_volume", volume=volume)
        harness.run(1.0)
        x, y = lit(client.image)
        sizes.append(max(np.abs(x).max(), np.abs(y).max()))
    assert sizes == pytest.approx([2, 0.4 * 165, 0.9 * 165], abs=4)


def test_the_picture_is_of_the_sound_that_leaves_with_it(harness: Harness, client: Client) -> None:
    harness.run(0.5)
    scope = sys.modules["scope"].Scope()
    sound = client.heard() / np.float32(32_767)
    for frame in range(len(client.frames)):
        picture = scope.draw(sound[:, 1600 * frame : 1600 * (frame + 1)].astype(np.float32))
    assert np.abs(picture.astype(int) - client.image).mean() < 0.5


# ---- commands, messages, sessions


def test_the_pointer_plays(client: Client) -> None:
    corner = client.command("play", x=0, y=1).message
    assert corner == {"pitch": 55.0, "waveform": "sine", "interval": "fifth", "volume": 0.0, "note": "A1"}
    other = client.command("play", x=1, y=0).message
    assert other is not None and (other["pitch"], other["volume"], other["note"]) == (880.0, 1.0, "A5")


@pytest.mark.parametrize(("pitch", "note"), [(440, "A4"), (261.6, "C4"), (246.9, "B3"), (277.2, "C#4"), (55, "A1")])
def test_notes(client: Client, pitch: float, note: str) -> None:
    answer = client.command("set_pitch", pitch=pitch)
    assert answer.message is not None and answer.message["note"] == note


def test_a_session_begins_with_the_tuning_of_the_config(harness: Harness, client: Client) -> None:
    tuning = client.wait_for_message("tuning").data
    assert tuning == {**PURE, "note": "A4"}
    client.command("set_waveform", waveform="saw")
    harness.stop_session()
    assert harness.connect().wait_for_message("tuning").data == tuning


def test_what_is_dragged_is_deduplicated() -> None:
    commands = handlers_of(type(load_example("synth"))).commands
    assert [name for name, command in commands.items() if command.dedupe] == ["play", "set_pitch", "set_volume"]


@pytest.mark.parametrize(
    ("command", "arguments", "problem"),
    [
        ("set_pitch", {"pitch": 900}, "pitch: 900.0 is above the maximum 880"),
        ("set_volume", {"volume": -0.1}, "volume: -0.1 is below the minimum 0"),
        ("set_waveform", {"waveform": "noise"}, "waveform"),
        ("set_interval", {"interval": "seventh"}, "interval"),
    ],
)
def test_what_clients_may_not_say(client: Client, command: str, arguments: dict[str, Any], problem: str) -> None:
    answer = client.command(command, **arguments)
    assert answer.code == "invalid_command" and problem in answer.text


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"waveform": "noise"}, "config: waveform: 'noise' is not one of sine, triangle, square, saw, organ"),
        ({"interval": ["fifth"]}, "config: interval: ['fifth'] is not one of"),
        ({"pitch": 20}, "config: pitch: 20 is no number from 55 to 880"),
        ({"volume": True}, "config: volume: True is no number"),
        ({"volume": float("nan")}, "config: volume: nan is no number"),
    ],
)
def test_a_config_is_held_to_the_limits_of_the_commands(config: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        Harness(EXAMPLES / "synth", config=config)
