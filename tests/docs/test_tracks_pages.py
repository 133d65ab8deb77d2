"""What the pages about sound and about several tracks say of their models, beyond that they run."""

from __future__ import annotations

import numpy as np
import pytest

from reactor_runtime.testing import Harness

from .pages import DOCS
from .running import run_page

RATE = 24_000


@pytest.fixture(scope="module")
def sound():
    return run_page(DOCS / "model" / "sound.md")


@pytest.fixture(scope="module")
def tracks():
    return run_page(DOCS / "model" / "tracks.md")


def test_the_hum_goes_on_from_frame_to_frame(sound):
    with Harness(sound.Hum) as harness:
        client = harness.connect()
        harness.run(2.0)
        heard = client.heard("voice")
        assert heard.shape == (1, 800 * len(client.frames))
        times = np.arange(heard.shape[1]) / RATE
        assert np.abs(heard[0] - 0.3 * 32_767 * np.sin(2 * np.pi * 220 * times)).max() <= 1


def test_the_sound_of_a_batch_is_cut_evenly(sound):
    with Harness(sound.Scene) as harness:
        client = harness.connect()
        harness.run(3.0)
        assert client.heard("voice").shape == (2, 1000 * len(client.frames))
        assert len(client.frames) == pytest.approx(3 * 24, abs=1)


def test_sound_alone_takes_as_long_as_it_lasts(sound):
    with Harness(sound.Reader) as harness:
        client = harness.connect()
        harness.run(5.0)
        assert client.heard("voice").shape[1] / RATE == pytest.approx(5.0, abs=0.1)
        assert not client.frames


def test_the_parrot_says_what_it_hears(sound):
    said = (8000 * np.sin(np.arange(RATE) / 20)).astype(np.int16)
    with Harness(sound.Parrot) as harness:
        client = harness.connect()
        client.stream("microphone", said)
        harness.run(1.5)
        heard = client.heard("voice")[0]
        assert len(heard) > 0.9 * RATE
        assert np.array_equal(heard[: len(said)][: len(heard)], said[: len(heard)])


def test_depth_is_left_out_and_stays(tracks):
    with Harness(tracks.Depths) as harness:
        client = harness.connect()
        harness.run(2.0)
        depths = [frame for frame in client.frames if frame.track == "depth"]
        assert [frame.metadata["number"] % 4 for frame in depths] == [0] * len(depths)
        assert len(client.frames) == pytest.approx(2 * 24 * 1.25, abs=2)
        late = harness.connect()
        assert {frame.track for frame in late.frames} == {"main_video", "depth"}
        late.pause("main_video")
        seen = len(late.frames)
        harness.run(1.0)
        assert {frame.track for frame in late.frames[seen:]} == {"depth"}


def test_the_webcam_is_in_the_corner(tracks):
    with Harness(tracks.Presenter) as harness:
        client = harness.connect()
        client.push("webcam", np.full((90, 160, 3), 200, np.uint8))
        client.push("screen", np.full((180, 320, 3), 10, np.uint8))
        harness.run(0.1)
        assert client.image.shape == (180, 320, 3)
        assert client.image[21, 39, 0] == 200 and client.image[24, 42, 0] == 10


def test_what_a_client_sends_along_is_read_and_not_trusted(tracks):
    with Harness(tracks.Tilted) as harness:
        client = harness.connect()
        for metadata, row in (({"tilt": 12.5}, 12), ({"tilt": "up"}, None), (None, 0)):
            client.push("webcam", np.zeros((90, 160, 3), np.uint8), metadata=metadata)
            harness.run(0.1)
            rows = np.flatnonzero(client.image[:, 0, 0])
            assert rows.tolist() == ([] if row is None else [row])
