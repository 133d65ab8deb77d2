"""A client's sound on its way to the model: at the track's rate, in even frames, without gaps."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..clock import Clock
from ..counters import Counters
from ..interface.inputs import InputBuffer, InputFrame
from ..media.resampling import Resampler
from ..media.sound import Sound

FRAME = 0.01
"""Seconds of sound in a frame."""
_LATE = 0.1
"""After so many seconds without sound it is silent: media engines do not hand over silence."""
_SLACK = 0.04
"""Seconds that sound may come late without having silence put before it."""
_AHEAD = 0.2
"""Seconds of sound more than time has passed: what comes then is dropped, so that the two do not part."""
_LOOK = 0.02
"""How often, in seconds, silence is looked for."""


class SoundIntake:
    """One client's sound on one track. What is read of it keeps time: a second of it for each second that passes.

    Args:
        buffer: where its frames go: `(1, samples)` int16, `FRAME` seconds each.
        rate: of the track, in Hz.
        client: the client's id.
        loop: where silence is looked for.
        clock, counters: of the process.
        allowed: whether its sound, and so its silence, goes to the model. Asked on the loop.
    """

    def __init__(
        self,
        buffer: InputBuffer,
        rate: int,
        client: int,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        counters: Counters,
        allowed: Callable[[], bool],
    ) -> None:
        self._buffer = buffer
        self._rate = rate
        self._frame = round(rate * FRAME)
        self._client = client
        self._loop = loop
        self._clock = clock
        self._counters = counters
        self._allowed = allowed
        self._lock = threading.Lock()
        self._resampler = Resampler(rate, 1)
        self._rest = np.empty((1, 0), np.int16)
        self._origin: float | None = None
        self._count = 0
        self._put = 0
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def open(self) -> None:
        """The client has announced its sound: from now on it is sound or silence. On the loop."""
        with self._lock:
            if self._origin is None and not self._closed:
                self._begin(self._clock.now())
        self._watch()

    def take(self, sound: Sound) -> None:
        """Sound came. From any thread."""
        now = self._clock.now()
        with self._lock:
            if self._closed:
                return
            first = self._origin is None
            if first:
                self._begin(now - sound.seconds)
            samples = self._resampler.feed(sound)
            missing = self._due(now) - self._count - samples.shape[1]
            if missing < -_AHEAD * self._rate:
                self._counters.add("input.sound_ahead")
                return
            if missing > _SLACK * self._rate:
                self._append(np.zeros((1, missing), np.int16))
            self._append(samples)
        if first:
            self._loop.call_soon_threadsafe(self._watch)

    def pause(self) -> None:
        """The client sends no more; what comes later begins anew. On the loop."""
        with self._lock:
            self._origin = None
        self._stop()

    def close(self) -> None:
        """The client is gone. On the loop."""
        with self._lock:
            self._closed = True
        self._stop()

    def _begin(self, at: float) -> None:
        self._origin = at
        self._count = self._put = 0
        self._rest = self._rest[:, :0]
        self._resampler = Resampler(self._rate, 1)

    def _due(self, now: float) -> int:
        """How many samples there should be by `now`."""
        return 0 if self._origin is None else round((now - self._origin) * self._rate)

    def _append(self, samples: NDArray[np.int16]) -> None:
        assert self._origin is not None
        self._count += samples.shape[1]
        whole = np.concatenate((self._rest, samples), axis=1)
        end = whole.shape[1] - whole.shape[1] % self._frame
        for start in range(0, end, self._frame):
            pts = self._origin + self._put / self._rate
            self._buffer.put(InputFrame(whole[:, start : start + self._frame].copy(), pts, self._client))
            self._put += self._frame
            self._counters.add("input.frames")
        self._rest = whole[:, end:].copy()

    def _watch(self) -> None:
        """Look for silence now and again, until it is paused or closed."""
        if self._timer is None and not self._closed and self._origin is not None:
            self._timer = self._loop.call_later(_LOOK, self._look)

    def _look(self) -> None:
        self._timer = None
        if not self._allowed():
            self.pause()
            return
        with self._lock:
            missing = self._due(self._clock.now()) - self._count
            if self._origin is not None and missing > _LATE * self._rate:
                self._append(np.zeros((1, missing - round(_SLACK * self._rate)), np.int16))
        self._watch()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
