"""Records each session in segments, so that clients may ask for the last seconds or for all of it."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from urllib.parse import urlencode

from ...clock import Clock
from ...errors import ClipError
from ...interface.tracks import TrackInfo
from ..clips import Clip
from ..frameset import FrameSet
from .segmenter import LAG, Segmenter
from .settings import RecordingSettings
from .shelf import Recording, Shelf

logger = logging.getLogger("reactor.recording")

_WHOLE = 0.75
"""Seconds a segment takes, at most, from its end until it can be had."""


class Recorder:
    """A `Sink`: writes the first video and the first audio output track of each session to a shelf.

    Args:
        tracks: the model's.
        settings: see there.
        shelf: where the segments go.
        clock: the time.
    """

    def __init__(self, tracks: Sequence[TrackInfo], settings: RecordingSettings, shelf: Shelf, *, clock: Clock) -> None:
        out = [track for track in tracks if track.direction == "out"]
        self._video = next((track.name for track in out if track.kind == "video"), None)
        self._audio = next(((track.name, track.rate or 48_000) for track in out if track.kind == "audio"), None)
        self._settings = settings
        self._shelf = shelf
        self._clock = clock
        self._segmenter: Segmenter | None = None
        self._recording: Recording | None = None

    # -- for clients, on the server's loop

    def clip(self, session: str, seconds: float | None) -> Clip:
        """The last `seconds` of a session's recording, `clip_max_seconds` at most; None for all that is kept of it.

        Raises:
            ClipError: nothing is recorded, or no more.
        """
        recording = self._shelf.find(session)
        if recording.failure:
            raise ClipError(f"the recording failed: {recording.failure}", status=410, code="recording_failed")
        if recording.origin is None:
            raise ClipError(
                "nothing has been recorded yet: the model has shown nothing", status=410, code="nothing_recorded"
            )
        length = recording.chunk_seconds
        now = self._clock.now() - recording.origin if recording.seconds is None else recording.seconds
        oldest = recording.first * length
        wanted = math.inf if seconds is None else min(seconds, self._settings.clip_max_seconds)
        start = max(oldest, now - wanted, 0.0)
        end = max(now, start + 0.001)
        wait = 0.0 if recording.seconds is not None else max(0.0, math.ceil(end / length) * length - now) + _WHOLE
        query = urlencode({"session_id": session, "start": f"{start:.3f}", "end": f"{end:.3f}"})
        return Clip(
            recording=session,
            kind="recording" if seconds is None else "snap",
            start=start,
            end=end,
            now=now,
            ready_at_ms=round((time.time() + wait) * 1000),
            path=f"/clips?{query}",
        )

    # -- as a sink, on the tap's thread

    def begin(self, session: str) -> None:
        self._shelf.sweep()
        self._recording = self._shelf.begin(session, self._settings.chunk_seconds)
        self._segmenter = Segmenter(
            video=self._video,
            audio=self._audio,
            chunk_seconds=self._settings.chunk_seconds,
            settings=self._settings.encoder(),
        )

    def frame(self, frames: FrameSet, at: float) -> None:
        if self._segmenter is not None:
            segments = self._segmenter.add(frames, at)
            self._begin_timeline()
            self._put(segments)

    def idle(self, now: float) -> None:
        self._shelf.sweep()
        if self._segmenter is not None:
            self._put(self._segmenter.advance(now - LAG))

    @property
    def wake_at(self) -> float | None:
        times = [self._shelf.sweep_at]
        if self._segmenter is not None and self._segmenter.due is not None:
            times.append(self._segmenter.due + LAG)
        return min((time for time in times if time is not None), default=None)

    def end(self, at: float) -> None:
        segmenter, self._segmenter = self._segmenter, None
        recording, self._recording = self._recording, None
        if segmenter is None or recording is None:
            return
        try:
            segments, seconds = segmenter.finish(at)
            for segment in segments:
                self._shelf.put(recording, segment)
        except Exception as error:
            self._shelf.finish(recording, math.inf, str(error))
            raise
        finally:
            segmenter.close()
        self._shelf.finish(recording, seconds)

    def failed(self, error: Exception) -> None:
        segmenter, self._segmenter = self._segmenter, None
        recording, self._recording = self._recording, None
        if recording is not None:
            self._shelf.finish(recording, math.inf, str(error) or type(error).__name__)
        if segmenter is not None:
            segmenter.close()

    def close(self) -> None:
        """Nothing is held between sessions."""

    def _begin_timeline(self) -> None:
        assert self._segmenter is not None and self._recording is not None
        if self._recording.origin is None and self._segmenter.origin is not None:
            self._shelf.put_init(self._recording, self._segmenter.init, self._segmenter.origin)

    def _put(self, segments: Sequence[bytes]) -> None:
        assert self._recording is not None
        for segment in segments:
            self._shelf.put(self._recording, segment)
