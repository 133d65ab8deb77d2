"""Sound comes a frame at a time, now and then late; it leaves 10 ms every 10 ms: the machine between, without a thread.

The first sound after silence waits a moment, so that what follows it is there in time. Where that was not enough there
is silence, so the stream stays on real time, and the next first sound waits longer. Where sound has come to wait for
longer than it has to, some is left out, so it stays with its pictures.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ....counters import Counters

RATE = 48_000
"""What Opus takes, in Hz."""
TICK = 0.01
BLOCK = round(RATE * TICK)
FIRST_WAIT = 0.01
"""Seconds that the first sound after silence waits. A frame of a 30 fps model brings 33 ms, and the tick that needs the
next one comes up to 7 ms before it; the rest is for frames that leave late."""
MORE = 0.005
"""So much longer it waits each time that this was not enough, and so much less each time it was for a while."""
LONGEST_WAIT = 0.06
BACKLOG = 0.25
"""Seconds of sound that may wait, or one frame's where that is more. Above it all but the first wait's worth goes."""
_JITTER = 0.05
"""Sound that comes within so many seconds of being missed was late; after that, the model had none."""
_WINDOW = 100
"""In so many ticks, the least that waited is what nobody needed to wait for."""
_CALM = 5
"""After so many windows in which no sound was late it may wait less again."""


@dataclass(slots=True)
class _Piece:
    samples: NDArray[np.int16]
    captured: int


class Cushion:
    """The sound of one track that waits. Capture times are in microseconds, of whatever clock; `now` is in seconds.

    Args:
        counters: counts sound that was late, and sound that was too much.
    """

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._pieces: deque[_Piece] = deque()
        self._waiting = 0
        self._starts = 0.0
        self._playing = False
        self._wait = FIRST_WAIT
        self._missed: float | None = None
        self._ticks = 0
        self._least = 0
        self._calm = 0

    @property
    def waiting(self) -> float:
        """Seconds of sound that wait."""
        return self._waiting / RATE

    @property
    def extra(self) -> float:
        """Seconds that sound waits here beyond `FIRST_WAIT`, since some was late."""
        return self._wait - FIRST_WAIT

    def put(self, samples: NDArray[np.int16], captured: int, now: float) -> None:
        """Let `(channels, n)` samples at `RATE` follow what waits; the first of them was captured at `captured`."""
        if not samples.shape[1]:
            return
        if not self._playing and not self._pieces:
            if self._missed is not None and now - self._missed < _JITTER:
                self._wait = min(self._wait + MORE, LONGEST_WAIT)
                self._calm = 0
            self._starts = now + self._wait
        self._pieces.append(_Piece(samples, captured))
        self._waiting += samples.shape[1]
        # A frame of a slow model brings more than the backlog by itself.
        if self._waiting > max(BACKLOG * RATE, samples.shape[1] + 2 * LONGEST_WAIT * RATE):
            self._counters.add("sound.dropped")
            self._skip(self._waiting - round(self._wait * RATE))

    def take(self, now: float, captured: int) -> tuple[NDArray[np.int16], int]:
        """The `(channels, BLOCK)` samples of this tick, silence where there are none, and when they were captured."""
        if not self._playing and self._pieces and now >= self._starts - 1e-6:
            self._playing = True
            self._ticks, self._least = 0, self._waiting
        if not self._playing or not self._pieces:
            self._run_out(now)
            return np.zeros((1, BLOCK), np.int16), captured - round(self._wait * 1e6)
        at = self._pieces[0].captured
        block = np.zeros((max(piece.samples.shape[0] for piece in self._pieces), BLOCK), np.int16)
        filled = 0
        while filled < BLOCK and self._pieces:
            part = self._pieces[0].samples[:, : BLOCK - filled]
            block[:, filled : filled + part.shape[1]] = part
            filled += part.shape[1]
            self._skip(part.shape[1])
        if filled < BLOCK:
            self._run_out(now)
        else:
            self._leave_out()
        return block, at

    def pass_over(self, seconds: float) -> None:
        """So much time went by without a tick: what was to be heard meanwhile is not."""
        if self._playing:
            self._skip(min(self._waiting, round(seconds * RATE)))

    def clear(self) -> None:
        """Drop what waits."""
        self._pieces.clear()
        self._waiting = 0
        self._playing = False
        self._missed = None
        self._wait = FIRST_WAIT
        self._calm = 0

    def _run_out(self, now: float) -> None:
        if self._playing:
            self._playing = False
            self._missed = now
            self._counters.add("sound.late")

    def _leave_out(self) -> None:
        """Skip what has waited a whole window long without being needed."""
        self._least = min(self._least, self._waiting)
        self._ticks += 1
        if self._ticks < _WINDOW:
            return
        self._calm += 1
        if self._calm >= _CALM and self._wait > FIRST_WAIT:
            self._wait = max(self._wait - MORE, FIRST_WAIT)
            self._calm = 0
        needless = self._least - round(self._wait * RATE)
        if needless > 0:
            self._counters.add("sound.left_out")
            self._skip(needless)
        self._ticks, self._least = 0, self._waiting

    def _skip(self, count: int) -> None:
        self._waiting -= count
        while count:
            piece = self._pieces[0]
            taken = min(count, piece.samples.shape[1])
            count -= taken
            if taken == piece.samples.shape[1]:
                self._pieces.popleft()
            else:
                piece.samples = piece.samples[:, taken:]
                piece.captured += round(taken * 1e6 / RATE)
