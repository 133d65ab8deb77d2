"""What one `emit()` holds, as the frames that leave together. Annotations here are objects, not strings."""

import re

import numpy as np
import pytest

from reactor_runtime.errors import DeclarationError, OutputError
from reactor_runtime.interface import Audio, Input, Metadata, Output, ReactorModel, Video
from reactor_runtime.interface.tracks import TrackInfo, tracks_of
from reactor_runtime.limits import Limits
from reactor_runtime.media.outputs import Emission, check_output


class Voice(Audio):
    sample_rate = 24_000


class Scene(Output):
    colour: Video = None
    depth: Video | None = None
    voice: Voice = None
    music: Audio | None = None
    info: Metadata = None
    note: str = ""


TRACKS = {
    "colour": TrackInfo("colour", "video", "out"),
    "depth": TrackInfo("depth", "video", "out"),
    "voice": TrackInfo("voice", "audio", "out", 24_000),
    "music": TrackInfo("music", "audio", "out", 48_000),
}


def checked(**fields) -> Emission:
    return check_output(Scene(**fields), TRACKS, "Model", Limits())


def grey(*levels: int) -> np.ndarray:
    return np.stack([np.full((2, 4, 3), level, np.uint8) for level in levels])


def level(picture) -> int:
    return picture.bgra[0]


def test_the_tracks_of_a_class_are_its_video_and_audio_fields():
    class Model(ReactorModel):
        output: Scene

    assert {track.name: track for track in tracks_of(Model)} == TRACKS


def test_a_single_picture_beside_a_batch_repeats_and_sound_is_cut_evenly():
    frames = checked(colour=grey(1, 2, 3), depth=grey(9)[0], voice=np.arange(100, dtype=np.int16)).frames(30)
    assert [level(frame.pictures["colour"]) for frame in frames] == [1, 2, 3]
    assert [level(frame.pictures["depth"]) for frame in frames] == [9, 9, 9]
    sounds = [frame.sounds["voice"] for frame in frames]
    assert [sound.samples.shape for sound in sounds] == [(1, 33), (1, 34), (1, 33)]
    assert np.concatenate([sound.samples[0] for sound in sounds]).tolist() == list(range(100))
    assert {sound.rate for sound in sounds} == {24_000}
    assert {frame.seconds for frame in frames} == {None}


def test_more_frames_than_samples_leave_some_without_sound():
    frames = checked(colour=grey(1, 2, 3), voice=np.ones(2, np.int16)).frames(30)
    assert [frame.sounds["voice"].samples.size if frame.sounds else 0 for frame in frames] == [1, 0, 1]


def test_a_track_that_is_left_out_is_not_there():
    (frame,) = checked(depth=grey(5)[0]).frames(30)
    assert set(frame.pictures) == {"depth"} and frame.sounds == {}


@pytest.mark.parametrize(("samples", "pieces"), [(800, 1), (801, 2), (24_000, 30), (30, 1)])
def test_sound_alone_is_cut_into_frames_that_last_as_long_as_it(samples, pieces):
    frames = checked(voice=np.ones(samples, np.int16)).frames(30)
    assert len(frames) == pieces
    assert sum(frame.seconds for frame in frames) == pytest.approx(samples / 24_000)
    assert all(frame.seconds <= 1 / 30 + 1e-9 and not frame.pictures for frame in frames)
    assert sum(frame.sounds["voice"].samples.shape[1] for frame in frames) == samples


def test_two_sounds_alone_leave_together():
    frames = checked(voice=np.ones(2400, np.int16), music=np.ones((2, 4800), np.float32)).frames(30)
    assert [frame.sounds["voice"].samples.shape for frame in frames] == [(1, 800)] * 3
    assert [frame.sounds["music"].samples.shape for frame in frames] == [(2, 1600)] * 3


def test_metadata_goes_with_every_picture_of_its_frame():
    frames = checked(colour=grey(1, 2), depth=grey(3)[0], info=[{"n": 1}, None]).frames(30)
    assert [frame.pictures["colour"].user_data for frame in frames] == [b'{"n":1}', b""]
    assert [frame.pictures["depth"].user_data for frame in frames] == [b'{"n":1}', b""]


def test_what_is_no_number_is_known_after_the_conversion():
    emission = checked(colour=np.full((2, 2, 3), np.nan, np.float32), voice=np.array([np.nan, 0.5]))
    assert list(emission.flaws()) == []
    emission.frames(30)
    assert list(emission.flaws()) == [("colour", 12), ("voice", 1)]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "emit(): Scene holds no picture and no sound"),
        ({"note": "hello"}, "emit(): Scene holds no picture and no sound"),
        ({"colour": grey(1, 2), "depth": grey(1, 2, 3)}, "have the same length, got 'colour': 2, 'depth': 3"),
        ({"colour": grey(1, 2), "depth": grey(1)}, "the same length, got 'colour': 2, 'depth': 1"),
        ({"colour": grey(1)[0], "voice": np.zeros((1, 1, 1), np.int16)}, "emit(): track 'voice': sound is (samples,)"),
        ({"voice": np.ones(3, np.int16), "info": {"a": 1}}, "Scene.info travels with a picture, and there is none"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(fields, problem):
    with pytest.raises(OutputError, match=re.escape(problem)):
        checked(**fields)


@pytest.mark.parametrize("rate", [0, 44.1, True, 7_999, 200_000, "fast"])
def test_a_rate_that_cannot_be_played_is_refused_by_its_class(rate):
    wrong = type("Odd", (Audio,), {"sample_rate": rate})

    class Sounds(Output):
        hum: wrong

    class Model(ReactorModel):
        output: Sounds

    with pytest.raises(
        DeclarationError, match=r"Sounds.hum: Odd.sample_rate is .*; a rate is a whole number of Hz, 8000 to"
    ):
        tracks_of(Model)


def test_one_name_is_one_track():
    class Low(Output):
        voice: Voice

    class High(Output):
        voice: Audio

    class Model(ReactorModel):
        output: Low | High

    with pytest.raises(
        DeclarationError, match="'voice' is audio at 24000 Hz in one Output and audio at 48000 Hz in High"
    ):
        tracks_of(Model)


def test_a_frame_has_one_metadata():
    class Both(Output):
        picture: Video
        a: Metadata = None
        b: Metadata = None

    class Model(ReactorModel):
        output: Both

    with pytest.raises(DeclarationError, match="Both: a and b are both Metadata"):
        tracks_of(Model)


def test_sounds_alone_of_unequal_length_run_at_one_speed():
    frames = checked(voice=np.ones(24_000, np.int16), music=np.ones(24_000, np.int16)).frames(30)
    voice = [frame.sounds["voice"].samples.shape[1] for frame in frames]
    music = [frame.sounds["music"].samples.shape[1] if "music" in frame.sounds else 0 for frame in frames]
    assert voice == [800] * 30 and music == [1600] * 15 + [0] * 15


def test_a_rate_may_be_a_number_of_numpy():
    class Slow(Audio):
        sample_rate = np.int64(16_000)

    class Sounds(Output):
        hum: Slow

    class Model(ReactorModel):
        output: Sounds

    (track,) = tracks_of(Model)
    assert track.rate == 16_000 and type(track.rate) is int


def test_an_input_has_no_metadata_of_its_own():
    class Camera(Input):
        webcam: Video
        info: Metadata

    class Model(ReactorModel):
        input: Camera

    with pytest.raises(DeclarationError, match=r"Camera.info: metadata comes with each frame, as frame.metadata"):
        tracks_of(Model)
