"""Floats of another scale than the one that is shown or played: what is said of them, and what is let pass."""

from __future__ import annotations

import numpy as np
import pytest

from reactor_runtime.interface import Audio, Output, Video
from reactor_runtime.interface.tracks import TrackInfo
from reactor_runtime.limits import Limits
from reactor_runtime.media.outputs import check_output
from reactor_runtime.media.pictures import check_picture
from reactor_runtime.media.ranges import PICTURES, SOUND, Ranges, problem
from reactor_runtime.media.waveforms import check_waveform

RANDOM = np.random.default_rng(1)
SCENE = RANDOM.random((2, 90, 160, 3))
TONE = np.sin(np.arange(2_000) / 7)


def of_picture(values, dtype=np.float32) -> str | None:
    checked = check_picture(np.asarray(values, dtype), "here")
    checked.look = True
    checked.pictures()
    return problem(checked.few, PICTURES)


def of_sound(values) -> str | None:
    checked = check_waveform(np.asarray(values), 24_000, "here")
    checked.look = True
    checked.samples()
    return problem(checked.few, SOUND)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("layout", [(0, 1, 2, 3), (0, 3, 1, 2)])
@pytest.mark.parametrize(
    ("values", "words"),
    [
        (SCENE * 255, ["floats from 0.", "100% of them outside of 0 to 1 and clamped", "0 to 255: give x / 255"]),
        (SCENE * 20, ["they look like 0 to 255: give x / 255"]),
        (SCENE * 2 - 1, ["floats from -", "% of them outside of 0 to 1", "they look like -1 to 1: give (x + 1) / 2"]),
        (SCENE * 2.3 - 1.15, ["they look like -1 to 1: give (x + 1) / 2"]),
        (SCENE * 8 - 4, ["scale them into 0 to 1, or x.clip(0, 1) where that is meant"]),
        (SCENE * 3_000, ["scale them into 0 to 1"]),
    ],
)
def test_a_picture_of_another_scale_is_told_with_what_mends_it(values, words, layout, dtype):
    found = of_picture(values.transpose(layout), dtype)
    assert found is not None
    for word in words:
        assert word in found


def sparkling() -> np.ndarray:
    picture = SCENE.copy()
    picture[:, :3] = 40.0  # 3 of 90 rows
    return picture


@pytest.mark.parametrize(
    "values",
    [
        SCENE,
        SCENE * 1.05 - 0.02,
        SCENE * 1.5 - 0.25,
        np.full((4, 6, 3), 1.25),
        sparkling(),
        np.full((4, 6, 3), np.nan),
        np.zeros((1, 1, 3)),
    ],
    ids=["in range", "a little over", "at the edge", "white and more", "a lamp", "no number", "a pixel"],
)
def test_a_little_beyond_the_range_passes(values):
    assert of_picture(values) is None


def test_what_is_infinite_or_no_number_hides_nothing():
    picture = SCENE * 255
    picture[:, ::2] = np.nan
    picture[0, 45, 80] = np.inf
    found = of_picture(picture)
    assert found is not None and "outside of 0 to 1" in found and "nan" not in found


def test_bytes_are_never_looked_at():
    checked = check_picture(np.full((4, 6, 3), 255, np.uint8), "here")
    checked.look = True
    checked.pictures()
    assert checked.few is None
    sound = check_waveform(np.full(8, 9_000, np.int16), 24_000, "here")
    sound.look = True
    sound.samples()
    assert sound.few is None


def test_a_large_batch_is_looked_at_in_few_places():
    checked = check_picture(np.ones((16, 3, 360, 640), np.float16), "here")
    checked.look = True
    checked.pictures()
    assert checked.few.size <= 4 * 18 * 18 * 3
    checked = check_waveform(np.ones((2, 100_000), np.float32), 24_000, "here")
    checked.look = True
    checked.samples()
    assert checked.few.size <= 2 * 2_000


def test_sound_of_another_scale_is_told_with_what_mends_it():
    assert "they look like -32768 to 32767: give x / 32768" in of_sound(TONE * 20_000)
    found = of_sound(np.stack([TONE, TONE]) * 6)
    assert found.startswith("floats from -5.99") and "and cut; scale them into -1 to 1" in found


@pytest.mark.parametrize("values", [TONE, TONE * 1.9, np.concatenate([TONE, np.full(40, 9.0)]), np.zeros(3)])
def test_sound_that_is_a_little_loud_passes(values):
    assert of_sound(values) is None


def test_tensors_are_looked_at_like_arrays_and_on_a_device_too():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from reactor_runtime.media.tensors import colours_first, paint, unpack

    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        tensor = torch.from_numpy(SCENE * 255).to(dtype)
        checked = check_picture(tensor, "here")
        checked.look = True
        checked.pictures()
        assert "give x / 255" in problem(checked.few, PICTURES)
        planes = colours_first(tensor, channels_last=True)
        pictures, nans, few = unpack(paint(planes, look=True), planes.shape)
        assert np.sort(few) == pytest.approx(np.sort(checked.few.ravel()))
        assert nans == 0 and [picture.rgb().tobytes() for picture in pictures] == [
            picture.rgb().tobytes() for picture in check_picture(tensor, "here").pictures()
        ]
    grey = torch.full((1, 3, 4, 6), 9, dtype=torch.uint8)
    assert unpack(paint(grey, look=True), grey.shape)[2] is None


class Scene(Output):
    colour: Video
    voice: Audio = None


TRACKS = {"colour": TrackInfo("colour", "video", "out"), "voice": TrackInfo("voice", "audio", "out", 48_000)}


def emitted(ranges: Ranges, scene: Scene) -> tuple[list[str], list[str]]:
    """The tracks that were looked at, and those told of."""
    emission = check_output(scene, TRACKS, "Model", Limits(), ranges)
    emission.frames(30)
    return [track for track, _, _ in emission.seen()], [track for track, _ in ranges.problems(emission.seen())]


def test_each_track_is_told_once_in_a_session():
    ranges = Ranges()
    ranges.begin("one")
    wrong, right = Scene(colour=SCENE * 255, voice=TONE * 20_000), Scene(colour=SCENE, voice=TONE)
    assert emitted(ranges, right) == (["colour", "voice"], [])
    assert emitted(ranges, Scene(colour=SCENE * 255, voice=TONE)) == (["colour", "voice"], ["colour"])
    assert emitted(ranges, wrong) == (["voice"], ["voice"])
    assert emitted(ranges, wrong) == ([], [])
    ranges.begin("one")
    assert emitted(ranges, wrong) == ([], [])
    ranges.begin("two")
    assert emitted(ranges, wrong) == (["colour", "voice"], ["colour", "voice"])


def test_not_every_frame_is_looked_at_for_ever():
    ranges = Ranges()
    looked = [ranges.due("colour") for _ in range(320)]
    assert all(looked[:32]) and sum(looked[32:]) == 9 and looked[64]


def test_nothing_is_looked_at_where_nobody_asks():
    emission = check_output(Scene(colour=SCENE * 255), TRACKS, "Model", Limits())
    emission.frames(30)
    assert list(emission.seen()) == []
