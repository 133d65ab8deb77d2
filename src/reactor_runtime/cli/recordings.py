"""What a serving process records: segments for clips, as the manifest says; a film of each session, for `--record`."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

from ..engine.runtime import Runtime
from ..errors import ManifestError
from ..media.recording import BoundedTap, FolderLock, FolderTaken, MovieSink, Recorder, RecordingSettings, Shelf, Sink

_PREFIX = "reactor-recordings-"


class Recordings:
    """The taps of one runtime. On the server's loop.

    Args:
        runtime: whose sessions are recorded.
        settings: the manifest's.
        films: the folder for a film of each session (see `writable_folder`); None for none.

    Attributes:
        shelf: what clips are taken from; None where the manifest has nothing recorded.

    Raises:
        ManifestError: the manifest's folder cannot be written to, or another process uses it.
    """

    def __init__(self, runtime: Runtime, settings: RecordingSettings, films: Path | None) -> None:
        self._runtime = runtime
        self._taps: list[BoundedTap] = []
        self._temporary: Path | None = None
        self._lock: FolderLock | None = None
        self.shelf: Shelf | None = None
        if not any(track.direction == "out" for track in runtime.tracks):
            return
        if settings.enabled:
            self.shelf = Shelf(
                self._folder(settings),
                clock=runtime.clock,
                retention_seconds=settings.retention_seconds,
                max_bytes=settings.max_bytes,
            )
            recorder = Recorder(runtime.tracks, settings, self.shelf, clock=runtime.clock)
            runtime.clips = recorder
            self._add(recorder, "the recorder")
        if films is not None:
            self._add(MovieSink(films, runtime.tracks), "the film of the session")

    async def close(self) -> None:
        """Finish what is under way, and remove what was temporary."""
        await asyncio.gather(*(asyncio.to_thread(tap.close) for tap in self._taps))
        if self._lock is not None:
            self._lock.release()
        if self._temporary is not None:
            await asyncio.to_thread(shutil.rmtree, self._temporary, ignore_errors=True)

    def _add(self, sink: Sink, label: str) -> None:
        runtime = self._runtime
        tap = BoundedTap(sink, label, clock=runtime.clock, limits=runtime.limits, counters=runtime.counters)
        runtime.add_tap(tap)
        self._taps.append(tap)

    def _folder(self, settings: RecordingSettings) -> Path:
        if settings.dir is not None:
            folder = writable_folder(settings.dir, "recording.dir")
            try:
                self._lock = FolderLock(folder)
            except FolderTaken as error:
                raise ManifestError(
                    f"recording.dir: {folder}: {error}; give each server a folder of its own"
                ) from error
            return folder
        _remove_orphans()
        self._temporary = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        return self._temporary


def writable_folder(folder: Path, what: str) -> Path:
    """`folder`, absolute, which is there and can be written to once this has returned.

    Raises:
        ManifestError: it cannot; begins with `what` asked for it.
    """
    try:
        folder = folder.expanduser().absolute()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError, ValueError) as error:  # a name that no file can have, or no such `~user`
        text = (error.strerror if isinstance(error, OSError) else None) or error
        raise ManifestError(f"{what}: {folder} cannot be written to: {text}") from error


def _remove_orphans() -> None:
    """Remove the temporary folders of processes that were killed."""
    if sys.platform == "win32":
        return  # there is no asking whether a process lives without a risk to it
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and folder.stat().st_uid == os.getuid() and not _lives(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
