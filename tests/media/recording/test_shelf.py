"""Recordings on the disk: whole files only, within a budget and for a time, and what another process has left."""

from __future__ import annotations

import errno
import uuid
from pathlib import Path

import pytest

from reactor_runtime.errors import ClipError
from reactor_runtime.media.recording.shelf import Recording, Shelf

from .clock import HandClock

ID, OTHER, THIRD = (str(uuid.UUID(int=number)) for number in (1, 2, 3))


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def shelve(folder: Path, clock: HandClock, *, retention: float = 60.0, budget: int = 10_000) -> Shelf:
    return Shelf(folder, clock=clock, retention_seconds=retention, max_bytes=budget)


def record(shelf: Shelf, recording_id: str, chunks: int, *, size: int = 100, seconds: float | None = None) -> Recording:
    recording = shelf.begin(recording_id, 2.0)
    shelf.put_init(recording, b"i" * 10, 1_000.0)
    for index in range(chunks):
        shelf.put(recording, bytes([index]) * size)
    if seconds is not None:
        shelf.finish(recording, seconds)
    return recording


def refused(status: int, shelf: Shelf, recording_id: str, start: float, end: float) -> str:
    with pytest.raises(ClipError) as caught:
        shelf.span(recording_id, start, end)
    assert caught.value.status == status
    return str(caught.value)


def test_a_range_is_the_segments_it_touches(tmp_path, clock):
    shelf = shelve(tmp_path, clock)
    recording = record(shelf, ID, 3)
    for start, end, wanted in [
        (0, 2, (0, 1)),
        (1.9, 2.1, (0, 2)),
        (2, 6, (1, 2)),
        (4.5, 4.6, (2, 1)),
        (0, 1e-3, (0, 1)),
    ]:
        span = shelf.span(ID, start, end)
        assert span is not None
        assert (span.first, len(span.durations)) == wanted
        assert set(span.durations) == {2.0}
    assert shelf.span(ID, 5, 6.5) is None
    assert shelf.span(ID, 100, 200) is None
    shelf.put(recording, b"last")
    shelf.finish(recording, 6.5)
    span = shelf.span(ID, 5, 100)
    assert span is not None and (span.first, span.durations) == (2, (2.0, 0.5))
    assert "has 6.500 s" in refused(400, shelf, ID, 100, 200)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 2), (0, float("inf")), (float("nan"), 2)])
def test_what_is_no_range_is_refused(tmp_path, clock, start, end):
    shelf = shelve(tmp_path, clock)
    record(shelf, ID, 3)
    refused(400, shelf, ID, start, end)


def test_files_are_read_by_their_names_alone(tmp_path, clock):
    shelf = shelve(tmp_path, clock)
    record(shelf, ID, 2)
    assert shelf.read(ID, "init.mp4") == b"i" * 10
    assert shelf.read(ID, "chunk_00001.m4s") == b"\x01" * 100
    for name in ("chunk_00002.m4s", "chunk_1.m4s", "recording.json", "../x", "chunk_00000.m4s.part", ""):
        with pytest.raises(ClipError) as caught:
            shelf.read(ID, name)
        assert caught.value.status == 404
    with pytest.raises(ClipError) as caught:
        shelf.read(OTHER, "init.mp4")
    assert caught.value.status == 410


def test_a_finished_recording_goes_after_its_time(tmp_path, clock):
    shelf = shelve(tmp_path, clock)
    record(shelf, ID, 2, seconds=4.0)
    record(shelf, OTHER, 2)
    assert shelf.sweep_at == clock.time + 60
    clock.time += 59
    shelf.sweep()
    assert shelf.span(ID, 0, 4) is not None
    clock.time += 1
    refused(410, shelf, ID, 0, 4)
    shelf.sweep()
    assert [place.name for place in tmp_path.iterdir()] == [OTHER]
    assert shelf.span(OTHER, 0, 4) is not None
    assert shelf.sweep_at is None


def test_the_oldest_make_room(tmp_path, clock):
    shelf = shelve(tmp_path, clock, budget=1_000)
    for recording_id in (ID, OTHER):
        record(shelf, recording_id, 3, seconds=6.0)
        clock.time += 1
    running = record(shelf, THIRD, 4)
    refused(410, shelf, ID, 0, 2)
    assert shelf.span(OTHER, 0, 2) is not None
    for index in range(4, 12):
        shelf.put(running, bytes([index]) * 100)
    refused(410, shelf, OTHER, 0, 2)
    assert running.first == 3
    assert "6 s were removed" in refused(410, shelf, THIRD, 4, 8)
    span = shelf.span(THIRD, 6, 24)
    assert span is not None and (span.first, len(span.durations)) == (3, 9)
    with pytest.raises(ClipError) as caught:
        shelf.read(THIRD, "chunk_00002.m4s")
    assert caught.value.status == 410
    assert sum(file.stat().st_size for file in tmp_path.rglob("*.m4s")) <= 1_000


def test_what_a_process_left_is_served_if_it_is_whole(tmp_path, clock):
    record(shelve(tmp_path, clock), ID, 3)  # it was killed here
    (tmp_path / ID / "chunk_00003.m4s.part").write_bytes(b"half")
    record(shelve(tmp_path / "finished", clock), OTHER, 3, seconds=5.2)
    (tmp_path / "finished" / OTHER).rename(tmp_path / OTHER)
    shelf = shelve(tmp_path, clock)
    span = shelf.span(ID, 0, 100)
    assert span is not None and span.durations == (2.0, 2.0, 2.0)
    assert not (tmp_path / ID / "chunk_00003.m4s.part").exists()
    assert shelf.read(ID, "chunk_00002.m4s") == b"\x02" * 100
    span = shelf.span(OTHER, 0, 100)
    assert span is not None and span.durations == pytest.approx((2.0, 2.0, 1.2))
    clock.time += 60
    shelf.sweep()
    assert not (tmp_path / ID).exists() and not (tmp_path / OTHER).exists()


def test_what_cannot_be_served_is_removed_and_what_is_not_ours_stays(tmp_path, clock):
    shelf = shelve(tmp_path, clock)
    shelf.begin(ID, 2.0)  # killed before its first segment
    (tmp_path / OTHER).mkdir()  # killed before it wrote anything
    (tmp_path / THIRD).mkdir()
    (tmp_path / THIRD / "holiday.mp4").write_bytes(b"mine")
    (tmp_path / "notes").mkdir()
    (tmp_path / "readme.txt").write_text("mine")
    shelve(tmp_path, clock)
    assert sorted(place.name for place in tmp_path.iterdir()) == sorted([THIRD, "notes", "readme.txt"])
    assert (tmp_path / THIRD / "holiday.mp4").read_bytes() == b"mine"


def test_a_segment_that_cannot_be_written_leaves_nothing(tmp_path, clock, monkeypatch):
    shelf = shelve(tmp_path, clock)
    recording = record(shelf, ID, 1)
    write = Path.write_bytes

    def half(self: Path, data: bytes) -> int:
        write(self, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", half)
        with pytest.raises(OSError, match="No space left"):
            shelf.put(recording, b"x" * 100)
        shelf.finish(recording, 99.0, "No space left on device")
    assert sorted(file.name for file in (tmp_path / ID).iterdir()) == ["chunk_00000.m4s", "init.mp4", "recording.json"]
    span = shelf.span(ID, 0, 100)
    assert span is not None and span.durations == (2.0,)
    assert "No space left" in refused(410, shelf, ID, 2, 4)
