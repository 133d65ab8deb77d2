"""What leaves a model, as a file."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterable

from ..clock import Clock
from ..interface.tracks import TrackInfo
from ..media.encoding import EncoderSettings
from ..media.frameset import FrameSet
from ..media.movie import MovieWriter

_AHEAD = 8
"""How many frames the model may be ahead of the encoder. Nothing is dropped: the model waits."""
_CRF = 18
"""Of x264: hardly to be told from what the model made."""


class Film:
    """A tap that writes what leaves from now on into an MP4 file, on a thread of its own, while the model goes on.

    Args:
        path: the file.
        tracks: the output tracks that are wanted.
        clock: the model's.
        fps: the rate that the encoder plans with; frames keep their own times.

    Attributes:
        frames: how many there are so far, whatever number of tracks they show.
        size: of the first picture, `640x360`; empty before it.
        failure: why the file cannot be written; None while it can.

    Raises:
        OSError: the file cannot be opened.
    """

    def __init__(
        self, path: str | os.PathLike[str], tracks: Iterable[TrackInfo], *, clock: Clock, fps: float = 30.0
    ) -> None:
        tracks = list(tracks)
        self._names = {track.name for track in tracks}
        self._writer = MovieWriter(
            path,
            video=[track.name for track in tracks if track.kind == "video"],
            audio={track.name: track.rate for track in tracks if track.rate is not None},
            settings=EncoderSettings(crf=_CRF),
            fps=fps,
        )
        self._fps = fps
        self._origin = clock.now()
        self._last = 0.0
        self._queue: queue.Queue[tuple[FrameSet, float] | None] = queue.Queue(_AHEAD)
        self._thread = threading.Thread(target=self._write, name="reactor-film", daemon=True)
        self._thread.start()
        self.frames = 0
        self.size = ""
        self.failure: Exception | None = None

    def begin(self, session: str) -> None:
        """A film may show several sessions."""

    def take(self, frames: FrameSet, at: float) -> None:
        if self.failure is None and self._names & (frames.pictures.keys() | frames.sounds.keys()):
            self.frames += 1
            if not self.size and frames.pictures:
                picture = next(iter(frames.pictures.values()))
                self.size = f"{picture.width}x{picture.height}"
            self._last = at - self._origin
            self._queue.put((frames, self._last))

    def end(self, session: str) -> None:
        """The next one goes on in the same film."""

    def close(self, at: float | None = None) -> None:
        """Finish the file; where nothing was shown there is none. May be called again.

        Args:
            at: until when the last picture stands, in seconds; as long as a frame where left out.
        """
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()
        if self.failure is not None:
            return  # what could not be written cannot be finished either
        stands = at is not None and at > self._last + 1.5 / self._fps  # else the last frame reaches that far by itself
        try:
            self._writer.close(at if stands else None)
        except Exception as error:
            self.failure = error

    def _write(self) -> None:
        while (item := self._queue.get()) is not None:
            if self.failure is None:
                try:
                    self._writer.add(*item)
                except Exception as error:  # of the disk, or the encoder; whoever renders says so
                    self.failure = error
