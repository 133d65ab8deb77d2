"""The model's video tracks: one source each, whoever watches."""

from __future__ import annotations

import threading

import reactor_webrtc as rw

from ...media.frames import Picture


class OutputTrack:
    """One video output track. Every viewer's sender is fed by it, so a picture is handed over once.

    It keeps the last picture, as a viewer who comes or resumes between two pictures gets none from the engine.
    """

    def __init__(self, track: rw.Track) -> None:
        self.track = track
        self._lock = threading.Lock()  # so that a repeated picture never comes after a newer one
        self._last: Picture | None = None
        self._shown = 0
        self._captured = 0

    @property
    def shown(self) -> int:
        """How many pictures were shown."""
        return self._shown

    def show(self, picture: Picture, captured: int) -> None:
        """Send `picture` to all viewers; `captured` is on the engine's clock, in microseconds. From any thread."""
        with self._lock:
            self._last = picture
            self._shown += 1
            self._push(picture, captured)

    def repeat(self, unless_after: int | None = None) -> None:
        """Send the last picture again, if there is one, but not where more than `unless_after` were shown."""
        with self._lock:
            if self._last is not None and (unless_after is None or self._shown <= unless_after):
                self._push(self._last, rw.time_micros())

    def forget(self) -> None:
        """Keep the last picture no longer."""
        with self._lock:
            self._last = None

    def _push(self, picture: Picture, captured: int) -> None:
        # The engine drops a picture that is not a millisecond younger than the one before it.
        captured = self._captured = max(captured, self._captured + 1000)
        # Empty user data, too: only with some does the engine say when a picture was captured, to clients that ask.
        self.track.push_video_frame(
            picture.bgra, picture.width, picture.height, picture.user_data, capture_time_us=captured
        )
