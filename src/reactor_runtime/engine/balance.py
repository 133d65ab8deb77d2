"""Whether a model gives as much sound as its pictures last: too little has gaps, of too much the oldest goes."""

from __future__ import annotations

from collections.abc import Mapping

_WINDOW = 2.0
"""Seconds of pictures that are looked at together."""
_TOLERANCE = 0.03


class Balance:
    """Looks at emissions that hold pictures and sound, window after window. On the model's loop.

    A sound now and then, such as a beep with one frame in many, says nothing: only a track that comes with every
    emission of a window is looked at.
    """

    def __init__(self) -> None:
        self._fps = 0.0
        self._shown = 0.0
        self._heard: dict[str, float] = {}

    def add(self, frames: int, fps: float, seconds: Mapping[str, float]) -> str | None:
        """One emission more: how many frames, at which rate, and how long the sound of each track is.

        Returns:
            What is wrong, once a window is full and its sound does not fit.
        """
        if fps != self._fps or not self._shown:
            self._fps, self._shown, self._heard = fps, 0.0, dict.fromkeys(seconds, 0.0)
        self._heard = {track: heard + seconds[track] for track, heard in self._heard.items() if track in seconds}
        self._shown += frames / fps
        if self._shown < _WINDOW:
            return None
        shown, self._shown = self._shown, 0.0
        for track, heard in self._heard.items():
            ratio = heard / shown
            if abs(ratio - 1) > _TOLERANCE:
                flaw = "there are gaps in it" if ratio < 1 else "some of it is left out"
                return (
                    f"emit(): track {track!r} gets {ratio:.2f} s of sound for each second of pictures at {fps:g} fps, "
                    f"so {flaw}; give sample_rate / fps samples with each frame, or set fps to what you give"
                )
        return None
