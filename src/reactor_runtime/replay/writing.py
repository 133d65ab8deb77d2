"""The script of one session as it is written, with the files it names."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import msgspec

from ..engine.uploads import StoredFile
from ..media.frames import Picture
from ..media.frameset import FrameSet
from ..media.movie import MovieWriter
from ..media.sound import Sound

logger = logging.getLogger("reactor.trace")

_UNSAFE = re.compile(r"[^\w.-]+", re.ASCII)
_LONGEST = 80
"""Characters of a client's file name that are kept in that of its copy."""


class ScriptWriter:
    """Writes a script, line by line, each on its way to the disk at once. On one thread.

    Args:
        path: the script. What it names is put into a folder beside it: `drive.files` for `drive.jsonl`.

    Attributes:
        events: how many lines there are.

    Raises:
        FileExistsError: there is such a file, or such a folder.
        OSError: it cannot be written; so each method.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events = 0
        self._folder = files_of(path)
        if self._folder.exists():
            raise FileExistsError(f"{self._folder} is there")
        self._file = path.open("xb")
        self._last = 0.0
        self._media: dict[tuple[int, str], _Media] = {}
        self._made = 0

    def __str__(self) -> str:
        return str(self.path)

    def line(self, at: float, **event: Any) -> None:
        """Write an event. One that comes a little late, from another thread, is written at the time of the last one."""
        self._last = max(self._last, round(at, 6))
        self._file.write(msgspec.json.encode({"at": self._last, **event}) + b"\n")
        self._file.flush()
        self.events += 1

    def upload(self, at: float, upload_id: str, file: StoredFile) -> None:
        """Keep the bytes of an upload, and write its event."""
        path = self._new_path(_UNSAFE.sub("_", file.name)[-_LONGEST:])
        file.copy_to(path)
        self.line(at, upload=file.name, path=self._reference(path), mime_type=file.mime_type, id=upload_id)

    def media(self, at: float, client: int, track: str, item: Picture | Sound) -> None:
        """Add to the film of a client's input track; the event says when it begins. Pictures of another size begin a
        new one: a film has one size."""
        media = self._media.get((client, track))
        if media is not None and not media.fits(item):
            self.stop_media(client, track)
            media = None
        if media is None:
            began = at - item.seconds if isinstance(item, Sound) else at
            path = self._new_path(f"{_UNSAFE.sub('_', track)}-{client}.mp4")
            self._media[client, track] = media = _Media(path, track, item, max(began, self._last))
            self.line(began, client=client, stream=track, path=self._reference(path))
        media.add(item, at)

    def stop_media(self, client: int, track: str | None = None) -> None:
        """Finish the film of one of a client's tracks, or of all."""
        for key in [key for key in self._media if key[0] == client and track in (None, key[1])]:
            self._media.pop(key).close()

    def abandon(self) -> None:
        """Leave everything as it is: something could not be written."""
        self._file.close()

    def close(self) -> None:
        """Finish the script, and each film."""
        try:
            for client, track in list(self._media):
                self.stop_media(client, track)
        finally:
            self._file.close()

    def _new_path(self, name: str) -> Path:
        self._folder.mkdir(exist_ok=True)
        self._made += 1
        return self._folder / f"{self._made:03}-{name}"

    def _reference(self, path: Path) -> str:
        return path.relative_to(self.path.parent).as_posix()


class _Media:
    """The film of what came on one input track."""

    def __init__(self, path: Path, track: str, first: Picture | Sound, began: float) -> None:
        self._track = track
        self._began = began
        self._shape = _shape(first)
        if isinstance(first, Sound):
            self._writer = MovieWriter(path, audio={track: first.rate})
        else:
            self._writer = MovieWriter(path, video=[track])

    def fits(self, item: Picture | Sound) -> bool:
        """Whether it can go on with this."""
        return _shape(item) == self._shape

    def add(self, item: Picture | Sound, at: float) -> None:
        if isinstance(item, Sound):
            frames, at = FrameSet(sounds={self._track: item}), at - item.seconds
        else:
            frames = FrameSet({self._track: item})
        self._writer.add(frames, max(0.0, at - self._began))

    def close(self) -> None:
        self._writer.close()


def _shape(item: Picture | Sound) -> tuple[int, int]:
    return (item.width, item.height) if isinstance(item, Picture) else (0, item.rate)


def files_of(script: Path) -> Path:
    """The folder of the files that a script names."""
    return script.with_suffix(".files")
