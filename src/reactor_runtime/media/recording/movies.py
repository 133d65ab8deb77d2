"""One MP4 file of each session, in a folder that somebody named."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ...interface.tracks import TrackInfo
from ..encoding import EncoderSettings
from ..frameset import FrameSet
from ..movie import MovieWriter
from .settings import encoder_threads

logger = logging.getLogger("reactor.recording")


class MovieSink:
    """A `Sink`: writes all output tracks of each session into a file of its own.

    Args:
        folder: where the files go.
        tracks: the model's.
        now: the date and time for the files' names.
    """

    def __init__(
        self,
        folder: Path,
        tracks: Sequence[TrackInfo],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC).astimezone(),
    ) -> None:
        out = [track for track in tracks if track.direction == "out"]
        self._video = [track.name for track in out if track.kind == "video"]
        self._audio = {track.name: track.rate or 48_000 for track in out if track.kind == "audio"}
        self._folder = folder
        self._settings = EncoderSettings(threads=encoder_threads())
        self._now = now
        self._movie: MovieWriter | None = None
        self._path = folder
        self._origin: float | None = None

    def begin(self, session: str) -> None:
        self._path = self._folder / f"{self._now():%Y-%m-%d-%H%M%S}-{session[:8]}.mp4"
        self._movie = MovieWriter(self._path, video=self._video, audio=self._audio, settings=self._settings)
        self._origin = None

    def frame(self, frames: FrameSet, at: float) -> None:
        if self._movie is not None:
            if self._origin is None and (frames.pictures or frames.sounds):
                self._origin = at
            self._movie.add(frames, self._time(at))

    def idle(self, now: float) -> None:
        """Nothing is to be done at a certain time."""

    @property
    def wake_at(self) -> float | None:
        return None

    def end(self, at: float) -> None:
        movie, self._movie = self._movie, None
        if movie is None:
            return
        movie.close(self._time(at))
        if movie.empty:
            logger.info("nothing was shown in this session; there is no film of it")
        else:
            logger.info("the session was recorded: %s", self._path)

    def failed(self, error: Exception) -> None:
        movie, self._movie = self._movie, None
        if movie is not None:
            with contextlib.suppress(Exception):  # what it fails with is what it failed with before
                movie.close()

    def _time(self, at: float) -> float:
        return 0.0 if self._origin is None else at - self._origin

    def close(self) -> None:
        """Nothing is held between sessions."""
