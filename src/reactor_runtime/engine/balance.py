"""Whether a model gives as much sound as its pictures last: too little has gaps, of too much the oldest goes."""

from __future__ import annotations

from collections.abc import Mapping

_WINDOW = 2.0
"""Seconds of what is emitted that are looked at together."""
_TOLERANCE = 0.005
_TURNS = 0.25
"""Where each of the two makes up so much of a window, pictures and sound are emitted in turns."""


class Balance:
    """Looks at emissions, window after window. On the model's loop.

    A sound now and then, such as a beep with one frame in many, says nothing: only a track that comes with every
    emission of a window is looked at.
    """

    def __init__(self) -> None:
        self._fps = 0.0
        self._begin({})

    def _begin(self, seconds: Mapping[str, float]) -> None:
        self._shown = self._shown_alone = self._heard_alone = 0.0
        self._heard = dict.fromkeys(seconds, 0.0)

    def add(self, frames: int, fps: float, seconds: Mapping[str, float]) -> str | None:
        """One emission more.

        Args:
            frames: how many pictures of each track; 0 where it is sound alone.
            fps: the rate.
            seconds: how long the sound of each track is.

        Returns:
            What is wrong, once a window is full and its sound does not fit.
        """
        if fps != self._fps or not (self._shown or self._heard_alone):
            self._fps = fps
            self._begin(seconds)
        self._heard = {track: heard + seconds[track] for track, heard in self._heard.items() if track in seconds}
        self._shown += frames / fps
        self._shown_alone += 0.0 if seconds else frames / fps
        self._heard_alone += 0.0 if frames else max(seconds.values(), default=0.0)
        total = self._shown + self._heard_alone
        if total < _WINDOW:
            return None
        flaw = self._in_turns(total) or self._unequal()
        self._begin({})
        return flaw

    def _in_turns(self, total: float) -> str | None:
        if min(self._shown_alone, self._heard_alone) < _TURNS * total:
            return None
        return (
            "emit(): pictures and sound are emitted in turns, and each waits until the other is over; put what is seen "
            "and heard together into one Output"
        )

    def _unequal(self) -> str | None:
        for track, heard in self._heard.items():
            ratio = heard / self._shown if self._shown else 1.0
            if abs(ratio - 1) > _TOLERANCE:
                flaw = "there are gaps in it" if ratio < 1 else "some of it is left out"
                return (
                    f"emit(): track {track!r} gets {ratio:.3g} s of sound for each second of pictures at {self._fps:g} "
                    f"fps, so {flaw}; give sample_rate / fps samples with each frame, or set fps to what you give"
                )
        return None
