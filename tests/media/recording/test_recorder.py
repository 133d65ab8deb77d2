"""The tap, its thread and the recorder: the stream never waits, whatever becomes of the recording."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from reactor_runtime.clock import SystemClock
from reactor_runtime.counters import Counters
from reactor_runtime.errors import ClipError
from reactor_runtime.interface.tracks import TrackInfo
from reactor_runtime.limits import Limits
from reactor_runtime.media.frameset import FrameSet
from reactor_runtime.media.recording import BoundedTap, MovieSink, Recorder, RecordingSettings, Shelf, Sink
from tests.media.films import GREEN, RED, decode, frames, loud, near, plain, tone

from .clock import HandClock

WAIT = 30.0
ID, OTHER = (str(uuid.UUID(int=number)) for number in (1, 2))
VIDEO = TrackInfo("main", "video", "out", None)
DEPTH = TrackInfo("depth", "video", "out", None)
VOICE = TrackInfo("voice", "audio", "out", 48_000)
CAMERA = TrackInfo("camera", "video", "in", None)


class SlowDisk(Shelf):
    """A shelf whose writes wait for the test."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, clock=SystemClock(), retention_seconds=60, max_bytes=2**30)
        self.writing = threading.Event()
        self.go_on = threading.Event()

    def put(self, recording, data):
        self.writing.set()
        assert self.go_on.wait(WAIT)
        super().put(recording, data)


class FullDisk(Shelf):
    """A shelf on which nothing more fits."""

    def put(self, recording, data):
        raise OSError(28, "No space left on device")


def tap_on(sink: Sink, counters: Counters | None = None, limits: Limits | None = None) -> BoundedTap:
    return BoundedTap(
        sink, "the recorder", clock=SystemClock(), limits=limits or Limits(), counters=counters or Counters()
    )


def recorder_on(shelf: Shelf, *tracks: TrackInfo, clock=None, **settings) -> Recorder:
    chosen = RecordingSettings(preset="ultrafast", **{"chunk_seconds": 1.0, **settings})
    return Recorder(tracks or (CAMERA, VIDEO, DEPTH, VOICE), chosen, shelf, clock=clock or SystemClock())


def film_of(shelf: Shelf, recording_id: str) -> bytes:
    span = shelf.span(recording_id, 0, 10_000)
    assert span is not None
    names = [f"chunk_{index:05d}.m4s" for index in range(span.first, span.first + len(span.durations))]
    return b"".join(shelf.read(recording_id, name) for name in ("init.mp4", *names))


def stream(take: Callable[[FrameSet, float], None], begin: float, seconds: float) -> None:
    for index in range(round(seconds * 30)):
        sound = {"voice": tone(1 / 30, begin=index / 30)}
        take(frames({"main": plain(RED), "depth": plain(GREEN, 16, 16)}, sound), begin + index / 30)


def test_a_session_is_recorded_with_its_first_picture_and_sound_tracks(tmp_path):
    shelf = Shelf(tmp_path, clock=SystemClock(), retention_seconds=60, max_bytes=2**30)
    counters = Counters()
    tap = tap_on(recorder_on(shelf), counters, Limits(tap_frames=1_000))
    tap.begin(ID)
    stream(tap.take, SystemClock().now(), 2.5)
    tap.end(ID)
    assert tap.close()
    (video,), (audio,) = decode(film_of(shelf, ID))
    assert near(video.colour(10), RED) and (video.width, video.height) == (64, 48)
    assert len(video.times) == 75
    assert loud(audio, 0.1, 2.4) > 0.4
    assert counters.snapshot() == {}


@pytest.mark.limit("tap_frames", counted="recording.dropped")
def test_a_slow_disk_drops_the_recording_and_not_the_stream(tmp_path, caplog):
    disk = SlowDisk(tmp_path)
    counters = Counters()
    tap = tap_on(recorder_on(disk), counters, Limits(tap_frames=10))
    tap.begin(ID)
    now = SystemClock().now()
    tap.take(frames({"main": plain(RED)}), now)
    while not disk.writing.is_set():  # until the first segment is being written
        now += 0.5
        tap.take(frames({"main": plain(RED)}, {"voice": tone(0.5)}), now)
        disk.writing.wait(0.05)
    before = counters["recording.dropped"]
    with caplog.at_level(logging.WARNING):
        for index in range(100):  # returns at once: the disk waits for what comes after this
            tap.take(frames({"main": plain(GREEN)}), now + index / 30)
    assert counters["recording.dropped"] - before >= 90
    assert 1 <= sum("left out of the recording" in record.message for record in caplog.records) + before <= 2 + before
    disk.go_on.set()
    tap.end(ID)
    assert tap.close()
    assert len(decode(film_of(disk, ID))[0][0].times) > 2


@pytest.mark.limit("tap_bytes", counted="recording.dropped")
def test_bytes_are_bounded_too(tmp_path):
    disk = SlowDisk(tmp_path)
    counters = Counters()
    tap = tap_on(recorder_on(disk, VIDEO), counters, Limits(tap_bytes=64 * 48 * 4 * 3))
    tap.begin(ID)
    now = SystemClock().now()
    for index in range(50):
        tap.take(frames({"main": plain(RED)}), now + index)
    disk.go_on.set()
    tap.end(ID)
    assert tap.close()
    assert counters["recording.dropped"] > 0


def test_a_full_disk_ends_the_recording_and_says_so(tmp_path, caplog):
    shelf = FullDisk(tmp_path, clock=SystemClock(), retention_seconds=60, max_bytes=2**30)
    counters = Counters()
    recorder = recorder_on(shelf, VIDEO)
    tap = tap_on(recorder, counters, Limits(tap_frames=1_000))
    with caplog.at_level(logging.ERROR):
        for session in (ID, OTHER):  # the next session is tried anew
            tap.begin(session)
            stream(tap.take, SystemClock().now(), 3.0)
            tap.end(session)
        assert tap.close()
    for session in (ID, OTHER):
        with pytest.raises(ClipError, match="No space left on device"):
            recorder.clip(session, 3.0)
    assert counters["recording.failed"] == 2
    assert sum("records no more of this session" in record.message for record in caplog.records) == 2


def clip_in(recorder: Recorder, seconds: float | None) -> tuple[float, float, float, float]:
    clip = recorder.clip(ID, seconds)
    query = {key: values[0] for key, values in parse_qs(urlsplit(clip.path).query).items()}
    assert query["session_id"] == clip.recording == ID
    assert urlsplit(clip.path).path == "/clips"
    return clip.start, clip.end, float(query["start"]), float(query["end"])


def test_clips_are_the_last_seconds_within_what_there_is(tmp_path):
    clock = HandClock()
    shelf = Shelf(tmp_path, clock=clock, retention_seconds=60, max_bytes=40_000)
    recorder = recorder_on(shelf, VIDEO, clock=clock, clip_max_seconds=5.0)
    with pytest.raises(ClipError, match="no such recording"):
        recorder.clip(ID, 3.0)
    recorder.begin(ID)
    with pytest.raises(ClipError, match="nothing has been recorded yet"):
        recorder.clip(ID, 3.0)
    recorder.frame(frames({"main": plain(RED)}), clock.time)
    clock.time += 0.5
    assert clip_in(recorder, 3.0) == pytest.approx((0.0, 0.5, 0.0, 0.5))
    clock.time += 9.75
    assert clip_in(recorder, 3.0) == pytest.approx((7.25, 10.25, 7.25, 10.25))
    assert clip_in(recorder, 100.0) == pytest.approx((5.25, 10.25, 5.25, 10.25))
    assert clip_in(recorder, None) == pytest.approx((0.0, 10.25, 0.0, 10.25))
    assert recorder.clip(ID, None).kind == "recording" and recorder.clip(ID, 1.0).kind == "snap"
    assert recorder.clip(ID, 1.0).now == pytest.approx(10.25)
    assert shelf.span(ID, 7.25, 10.25) is None
    assert recorder.wake_at is not None
    recorder.idle(clock.time + 10)
    assert shelf.span(ID, 7.25, 10.25) is not None
    recorder.end(clock.time)
    clock.time += 5.0
    start, end, *_ = clip_in(recorder, 3.0)
    assert (start, end) == pytest.approx((17.0 - 3.0 - (17.0 - end), end))


def test_a_recorder_that_has_nothing_to_do_sleeps(tmp_path):
    clock = HandClock()
    shelf = Shelf(tmp_path, clock=clock, retention_seconds=60, max_bytes=2**30)
    recorder = recorder_on(shelf, VIDEO, clock=clock)
    assert recorder.wake_at is None
    recorder.begin(ID)
    assert recorder.wake_at is None
    recorder.frame(frames({"main": plain(RED)}), clock.time)
    due = recorder.wake_at
    assert due is not None and 1.0 < due - clock.time < 2.0
    recorder.idle(due)
    assert recorder.wake_at == pytest.approx(due + 1.0)
    recorder.end(clock.time + 2.0)
    assert recorder.wake_at == clock.time + 60


def test_a_film_of_each_session(tmp_path, caplog):
    named = datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)
    sink = MovieSink(tmp_path, (CAMERA, VIDEO, DEPTH, VOICE), now=lambda: named)
    tap = tap_on(sink, limits=Limits(tap_frames=1_000))
    with caplog.at_level(logging.INFO, "reactor.recording"):
        tap.begin(ID)
        stream(tap.take, SystemClock().now(), 1.0)
        tap.end(ID)
        tap.begin(OTHER.replace("00000000", "11111111"))
        tap.end(OTHER)
        assert tap.close()
    film = tmp_path / "2026-03-01-123005-00000000.mp4"
    assert list(tmp_path.iterdir()) == [film]
    assert [record.message for record in caplog.records] == [
        f"the session was recorded: {film}",
        "nothing was shown in this session; there is no film of it",
    ]
    (main, depth), (audio,) = decode(film)
    assert (main.width, main.height, depth.width, depth.height) == (64, 48, 16, 16)
    assert near(main.colour(20), RED) and near(depth.colour(20), GREEN)
    assert len(main.times) >= 30 and loud(audio, 0.1, 0.9) > 0.4


def test_after_the_end_nothing_is_taken(tmp_path):
    counters = Counters()
    tap = tap_on(MovieSink(tmp_path, (VIDEO,)), counters)
    tap.take(frames({"main": plain(RED)}), 0.0)
    assert tap.close()
    tap.begin(ID)
    tap.take(frames({"main": plain(RED)}), 0.0)
    assert list(tmp_path.iterdir()) == [] and counters.snapshot() == {}
