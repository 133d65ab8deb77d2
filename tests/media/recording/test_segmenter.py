"""Segments: of one length to the tick, whole, each beginning with a key frame, and one film when they are joined."""

from __future__ import annotations

import pytest

from reactor_runtime.media.recording.boxes import boxes, moved, part, timescales
from reactor_runtime.media.recording.segmenter import LAG, Segmenter
from reactor_runtime.media.recording.settings import RecordingSettings
from tests.media.films import BLUE, GREEN, RED, decode, frames, loud, near, plain, tone

SETTINGS = RecordingSettings(preset="ultrafast").encoder()
BEGAN = 5_000.0
"""When the timelines here begin, in seconds of the clock."""


def segmenter(*, video: str | None = "main", audio: tuple[str, int] | None = None, chunk: float = 1.0) -> Segmenter:
    return Segmenter(video=video, audio=audio, chunk_seconds=chunk, settings=SETTINGS)


def kinds(data: bytes) -> list[str]:
    return [kind for kind, *_ in boxes(data)]


def test_each_segment_begins_with_a_key_frame_at_its_boundary():
    made = segmenter()
    segments = [
        whole for index in range(100) for whole in made.add(frames({"main": plain(RED)}), BEGAN + index * 0.034)
    ]
    rest, seconds = made.finish(BEGAN + 3.5)
    made.close()
    assert len(segments) == 3 and len(rest) == 1 and seconds == pytest.approx(3.5)
    assert kinds(made.init) == ["ftyp", "moov"]
    assert {tuple(kinds(segment)) for segment in [*segments, *rest]} == {("moof", "mdat")}
    (video,), _ = decode(made.init + b"".join([*segments, *rest]))
    assert video.keys == [0.0, 1.0, 2.0, 3.0]
    assert len(video.times) == 103  # and at 1, 2 and 3 s the picture that stood there
    assert video.duration == pytest.approx(3.5, abs=1e-4)
    gaps = [after - before for before, after in zip(video.times, video.times[1:], strict=False)]
    assert max(gaps) == pytest.approx(0.034, abs=1e-4)


def test_any_segment_is_decoded_alone():
    made = segmenter(audio=("voice", 48_000))
    segments: list[bytes] = []
    for index in range(90):
        colour = (RED, GREEN, BLUE)[index // 30]
        sound = {"voice": tone(1 / 30, begin=index / 30)}
        segments += made.add(frames({"main": plain(colour)}, sound), BEGAN + index / 30)
    segments += made.finish(BEGAN + 3.0)[0]
    made.close()
    assert len(segments) == 3
    for index, colour in enumerate((RED, GREEN, BLUE)):
        (video,), (audio,) = decode(made.init + segments[index])
        assert len(video.times) == 30
        assert video.times[0] == pytest.approx(index, abs=1e-4)
        assert all(near(video.colour(place), colour) for place in range(30))
        assert audio.times[0] == pytest.approx(index, abs=0.022)
        assert audio.samples.shape[1] == pytest.approx(48_000, abs=2048)
        assert loud(audio, 0.1, 0.9) > 0.4


def test_a_part_moved_to_the_beginning_is_a_film_from_0_on():
    made = segmenter(audio=("voice", 16_000))
    segments: list[bytes] = []
    for index in range(90):
        sound = {"voice": tone(1 / 30, 16_000, begin=index / 30)}
        segments += made.add(frames({"main": plain(RED)}, sound), BEGAN + index / 30)
    segments += made.finish(BEGAN + 3.0)[0]
    made.close()
    scales = timescales(made.init)
    assert sorted(scales.values()) == [16_000, 90_000]
    (video,), (audio,) = decode(made.init + b"".join(moved(segment, 1.0, scales) for segment in segments[1:]))
    assert video.keys == [0.0, 1.0]
    assert (video.times[0], video.duration) == pytest.approx((0.0, 2.0), abs=1e-4)
    assert audio.times[0] == pytest.approx(0.0, abs=0.065)
    assert audio.duration == pytest.approx(2.0, abs=0.065)


def test_a_segment_becomes_whole_though_nothing_comes():
    made = segmenter(audio=("voice", 48_000))
    assert made.due is None
    assert made.advance(BEGAN) == []
    assert made.add(frames({"main": plain(RED)}), BEGAN) == []
    assert made.due is not None and 1.0 < made.due - BEGAN < 1.2
    assert made.advance(made.due - 0.12) == []
    assert len(made.advance(made.due)) == 1
    segments = made.advance(BEGAN + 10.5)
    assert len(segments) == 9
    made.add(frames({"main": plain(GREEN)}), BEGAN + 10.75)
    rest, seconds = made.finish(BEGAN + 10.9)
    made.close()
    assert len(rest) == 1 and seconds == pytest.approx(10.9)
    (video,), (audio,) = decode(made.init + b"".join([*segments, *rest]))
    assert video.times == pytest.approx([*range(1, 11), 10.75], abs=1e-4)
    assert near(video.colour(-1), GREEN)
    assert loud(audio, 0.0, 9.0) == 0


def test_a_change_of_size_is_fitted_in():
    made = segmenter(chunk=0.5)
    segments: list[bytes] = []
    for index in range(45):
        size = ((64, 48), (96, 96), (33, 7))[index // 15]
        segments += made.add(frames({"main": plain(BLUE, *size)}), BEGAN + index / 30)
    segments += made.finish(BEGAN + 1.5)[0]
    made.close()
    (video,), _ = decode(made.init + b"".join(segments))
    assert (video.width, video.height, len(video.times)) == (64, 48, 45)
    assert all(near(video.colour(index), BLUE) for index in range(45))


@pytest.mark.parametrize("rate", [8_000, 24_000, 44_100, 48_000])
def test_sound_alone_is_recorded(rate: int):
    made = segmenter(video=None, audio=("voice", rate))
    segments: list[bytes] = []
    for index in range(150):
        sound = {"voice": tone(0.02, rate, begin=index * 0.02)}
        segments += made.add(frames({"main": plain(RED)}, sound), BEGAN + index * 0.02)
    rest, seconds = made.finish(BEGAN + 3.0)
    made.close()
    segments += rest
    assert (len(segments), seconds) == (3, pytest.approx(3.0))
    video, (audio,) = decode(made.init + b"".join(segments))
    assert video == []
    assert audio.samples.shape[1] == pytest.approx(3 * rate, abs=3 * 1024)
    assert loud(audio, 0.3, 2.8) > 0.4


def test_sound_that_is_late_within_the_lag_is_not_cut():
    made = segmenter(audio=("voice", 48_000))
    segments: list[bytes] = []
    for index in range(60):
        at = index / 30
        segments += made.add(frames({"main": plain(RED)}), BEGAN + at)
        segments += made.add(frames(sounds={"voice": tone(1 / 30, begin=at)}), BEGAN + at + 0.001)
    assert LAG > 1 / 30
    segments += made.finish(BEGAN + 2.0)[0]
    made.close()
    _, (audio,) = decode(made.init + b"".join(segments))
    assert all(loud(audio, begin / 100, begin / 100 + 0.01) > 0.35 for begin in range(10, 190))


def test_frames_of_one_moment_and_times_that_run_back_do_no_harm():
    made = segmenter()
    segments: list[bytes] = []
    for at in (0.0, 0.0, 0.5, 0.4, 0.999999999, 1.0, 1.0, 1.5):
        segments += made.add(frames({"main": plain(RED)}), BEGAN + at)
    segments += made.finish(BEGAN + 1.0)[0]
    made.close()
    (video,), _ = decode(made.init + b"".join(segments))
    assert video.times == pytest.approx([0.0, 0.5, 1.0, 1.5], abs=1e-4)
    assert video.keys == [0.0, 1.0]


def test_before_its_first_picture_there_is_no_recording():
    made = segmenter(audio=("voice", 48_000))
    assert made.add(frames(sounds={"voice": tone(0.02)}), BEGAN) == []
    assert (made.origin, made.init) == (None, b"")
    assert made.finish(BEGAN + 10) == ([], 0.0)
    made.close()


def test_boxes_that_do_not_end_are_an_error():
    assert part(b"", "moof") == b""
    with pytest.raises(ValueError, match="does not end within its file"):
        list(boxes(b"\x00\x00\x00\x20moof"))
