"""Where recordings lie: a folder for each, its segments as files, within a budget and for a time.

A file gets its name when it is whole, so whatever has a name may be served, whenever the process ended. What a process
before left in the folder is served as long as a recording that has just finished.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import re
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from ...clock import Clock
from ...errors import ClipError

logger = logging.getLogger("reactor.recording")

INIT = "init.mp4"
_ABOUT = "recording.json"
_UNFINISHED = ".part"
_NAME = re.compile(r"init\.mp4|chunk_(\d{5})\.m4s")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SLACK = 1e-6
MAX_CHUNKS = 100_000
"""As many as five digits can number."""


class _About(msgspec.Struct):
    """What is kept beside the segments. `seconds` is None until the recording has finished."""

    chunk_seconds: float
    seconds: float | None = None


@dataclass(slots=True)
class Recording:
    """One recording on a shelf.

    Attributes:
        id: a lower-case UUID.
        chunk_seconds: how long each segment is.
        first: the first segment that is still there.
        sizes: of the segments that are there, in bytes; they are consecutive.
        origin: when its timeline began, in seconds of the clock; None before, and where another process made it.
        seconds: how long it is; None while it runs.
        failure: why it ended early; empty where it did not.
        gone_at: when it goes, in seconds of the clock; None while it runs.
    """

    id: str
    folder: Path
    chunk_seconds: float
    first: int = 0
    sizes: list[int] = field(default_factory=list)
    init_size: int = 0
    origin: float | None = None
    seconds: float | None = None
    failure: str = ""
    gone_at: float | None = None

    @property
    def end(self) -> int:
        """The index after the last whole segment."""
        return self.first + len(self.sizes)

    @property
    def nbytes(self) -> int:
        return self.init_size + sum(self.sizes)


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive segments. `durations` are in seconds, one for each."""

    id: str
    chunk_seconds: float
    first: int
    durations: tuple[float, ...]


class Shelf:
    """The recordings of one process, and what was left by the one before. Its methods may be called from any thread.

    Args:
        folder: where the recordings lie; made where it is not there.
        clock: the time.
        retention_seconds: how long a finished recording stays.
        max_bytes: what all of them together may take.

    Raises:
        OSError: the folder cannot be made or read.
    """

    def __init__(self, folder: Path, *, clock: Clock, retention_seconds: float, max_bytes: int) -> None:
        self.folder = folder
        self._clock = clock
        self._retention = retention_seconds
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._recordings: dict[str, Recording] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for place in sorted(folder.iterdir()):
            if _ID.fullmatch(place.name) and place.is_dir():
                self._adopt(place)
        self.sweep()

    # -- for the recorder

    def begin(self, recording_id: str, chunk_seconds: float) -> Recording:
        """A new recording. Raises OSError where it cannot be written."""
        recording = Recording(recording_id, self.folder / recording_id, chunk_seconds)
        recording.folder.mkdir()
        _write(recording.folder / _ABOUT, msgspec.json.encode(_About(chunk_seconds)))
        with self._lock:
            self._recordings[recording_id] = recording
        return recording

    def put_init(self, recording: Recording, data: bytes, origin: float) -> None:
        """Its init segment. Raises OSError where it cannot be written."""
        _write(recording.folder / INIT, data)
        with self._lock:
            recording.init_size, recording.origin = len(data), origin

    def put(self, recording: Recording, data: bytes) -> None:
        """Its next segment; older ones make room for it. Raises OSError where it cannot be written."""
        self._make_room(len(data), recording)
        if recording.end >= MAX_CHUNKS:
            raise OSError(f"a recording has {MAX_CHUNKS} segments at most")
        _write(recording.folder / chunk_name(recording.end), data)
        with self._lock:
            recording.sizes.append(len(data))

    def finish(self, recording: Recording, seconds: float, failure: str = "") -> None:
        """It is over: after so many seconds, or where it failed with what is whole."""
        with self._lock:
            recording.seconds = seconds if not failure else min(seconds, recording.end * recording.chunk_seconds)
            recording.failure = failure
            recording.gone_at = self._clock.now() + self._retention
            about = _About(recording.chunk_seconds, recording.seconds)
        with contextlib.suppress(OSError):  # a full disk; it only says how long the last segment is
            _write(recording.folder / _ABOUT, msgspec.json.encode(about))

    def sweep(self) -> None:
        """Remove what has stayed long enough."""
        now = self._clock.now()
        with self._lock:
            old = [one for one in self._recordings.values() if one.gone_at is not None and one.gone_at <= now]
            for recording in old:
                del self._recordings[recording.id]
        for recording in old:
            shutil.rmtree(recording.folder, ignore_errors=True)

    @property
    def sweep_at(self) -> float | None:
        """When the next one has stayed long enough, in seconds of the clock."""
        with self._lock:
            return min((one.gone_at for one in self._recordings.values() if one.gone_at is not None), default=None)

    # -- for those who ask

    def find(self, recording_id: str) -> Recording:
        """A recording that is there.

        Raises:
            ClipError: 410, it is not, or no more.
        """
        with self._lock:
            recording = self._recordings.get(recording_id)
            if recording is None or (recording.gone_at is not None and recording.gone_at <= self._clock.now()):
                raise ClipError(
                    "no such recording, or no more: it is kept for a while after its session",
                    status=410,
                    code="no_recording",
                )
            return recording

    def span(self, recording_id: str, start: float, end: float) -> Span | None:
        """The segments from `start` to `end`, in seconds of the recording; None while the last is not whole yet.

        Raises:
            ClipError: 400, there can be no such range; 410, the recording or a part of the range is no more.
        """
        if not (math.isfinite(start) and math.isfinite(end) and 0 <= start < end):
            raise ClipError("start and end are seconds of the recording, 0 <= start < end", status=400)
        recording = self.find(recording_id)
        with self._lock:
            length = recording.chunk_seconds
            first = int((start + _SLACK) // length)
            after = math.ceil((end - _SLACK) / length)
            if recording.seconds is not None:
                if first >= recording.end:
                    if recording.failure:
                        raise ClipError(f"this part was not recorded: {recording.failure}", status=410)
                    raise ClipError(f"the recording has {recording.seconds:.3f} s; start is {start:g}", status=400)
                after = min(after, recording.end)
            if first < recording.first:
                raise ClipError(f"the first {recording.first * length:g} s were removed: the disk budget", status=410)
            if after > recording.end:
                return None
            total = math.inf if recording.seconds is None else recording.seconds
            durations = tuple(min(length, total - index * length) for index in range(first, after))
            return Span(recording.id, length, first, durations)

    def read(self, recording_id: str, name: str) -> bytes:
        """A file of a recording: `init.mp4` or `chunk_NNNNN.m4s`.

        Raises:
            ClipError: 404, it has no such file; 410, the recording or the segment is no more.
        """
        match = _NAME.fullmatch(name)
        if match is None:
            raise ClipError(
                f"no such file: {name[:40]!r}; there are init.mp4 and chunk_00000.m4s and so on", status=404
            )
        recording = self.find(recording_id)
        index = int(match[1]) if match[1] else None
        with self._lock:
            if index is not None and index >= recording.end:
                raise ClipError(f"there is no {name} yet", status=404)
        try:
            return (recording.folder / name).read_bytes()
        except FileNotFoundError:
            if index is None and not recording.init_size:
                raise ClipError("nothing has been recorded yet", status=404) from None
            raise ClipError(f"{name} is no more", status=410) from None

    # -- within

    def _make_room(self, wanted: int, current: Recording) -> None:
        """Remove the oldest: whole finished recordings first, then segments of the current one."""
        doomed: list[Path] = []
        with self._lock:
            total = wanted + sum(one.nbytes for one in self._recordings.values())
            finished = sorted((one for one in self._recordings.values() if one.gone_at is not None), key=_age)
            while total > self._max_bytes and finished:
                oldest = finished.pop(0)
                total -= oldest.nbytes
                del self._recordings[oldest.id]
                doomed.append(oldest.folder)
            while total > self._max_bytes and current.sizes:
                doomed.append(current.folder / chunk_name(current.first))
                total -= current.sizes.pop(0)
                current.first += 1
        for place in doomed:
            if place.suffix:
                place.unlink(missing_ok=True)
            else:
                shutil.rmtree(place, ignore_errors=True)

    def _adopt(self, folder: Path) -> None:
        """Take over what another process has left: whole segments that follow one another; what is less is removed."""
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            about = msgspec.json.decode((folder / _ABOUT).read_bytes(), type=_About)
            chunks: dict[int, int] = {}
            for file in list(folder.iterdir()):
                match = _NAME.fullmatch(file.name)
                if match and match[1]:
                    chunks[int(match[1])] = file.stat().st_size
                elif file.name.endswith(_UNFINISHED):
                    file.unlink()
            if chunks and about.chunk_seconds > 0:
                first = min(chunks)
                sizes = [chunks[index] for index in range(first, first + len(chunks)) if index in chunks]
                if len(sizes) == len(chunks):
                    end = (first + len(sizes)) * about.chunk_seconds
                    self._recordings[folder.name] = Recording(
                        id=folder.name,
                        folder=folder,
                        chunk_seconds=about.chunk_seconds,
                        first=first,
                        sizes=sizes,
                        init_size=(folder / INIT).stat().st_size,
                        seconds=end if about.seconds is None else min(end, about.seconds),
                        gone_at=self._clock.now() + self._retention,
                    )
                    return
        _remove_remains(folder)


def _remove_remains(folder: Path) -> None:
    """Remove a recording of which nothing can be served. A folder with anything else in it stays."""
    with contextlib.suppress(OSError):
        names = [file.name.removesuffix(_UNFINISHED) for file in folder.iterdir()]
        if all(name == _ABOUT or _NAME.fullmatch(name) for name in names):
            shutil.rmtree(folder)


def _age(recording: Recording) -> float:
    return recording.gone_at or math.inf


def chunk_name(index: int) -> str:
    """The file name of a segment."""
    return f"chunk_{index:05d}.m4s"


def _write(file: Path, data: bytes) -> None:
    """Write a file that has its name only once it is whole."""
    unfinished = file.with_name(file.name + _UNFINISHED)
    try:
        unfinished.write_bytes(data)
        os.replace(unfinished, file)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise
