"""The model's audio tracks: one source each, whoever listens."""

from __future__ import annotations

import threading

import reactor_webrtc as rw

from ....counters import Counters
from ....media.resampling import Resampler
from ....media.sound import Sound
from .cushion import RATE, Cushion


class SoundTrack:
    """One audio output track. Every listener's sender is fed by it, so sound is handed over once.

    Args:
        track: with a local source.
        counters: see `Cushion`.

    Attributes:
        listeners: how many play it.
    """

    def __init__(self, track: rw.Track, counters: Counters) -> None:
        self.track = track
        self.listeners = 0
        self._lock = threading.Lock()
        self._resampler = Resampler(RATE, None)
        self._cushion = Cushion(counters)

    @property
    def extra(self) -> float:
        """See `Cushion`."""
        return self._cushion.extra

    def play(self, sound: Sound, captured: int, now: float) -> None:
        """Let `sound` follow what waits, at any rate. On the player's thread.

        Args:
            sound: it is dropped where nobody listens.
            captured: on the engine's clock, in microseconds.
            now: on ours, in seconds.
        """
        with self._lock:
            if self.listeners:
                self._cushion.put(self._resampler.feed(sound), captured, now)

    def tick(self, now: float, captured: int) -> None:
        """Give the listeners 10 ms. On the feeder's thread; `now` and `captured` are the two clocks' times."""
        with self._lock:
            block, at = self._cushion.take(now, captured)
        self.track.push_pcm(block.T.tobytes(), RATE, block.shape[0], capture_time_us=at)

    def pass_over(self, seconds: float) -> None:
        """So much time went by without a tick."""
        with self._lock:
            self._cushion.pass_over(seconds)

    def drop_waiting(self) -> None:
        """Play nothing that waits."""
        with self._lock:
            self._resampler = Resampler(RATE, None)  # the old one holds the end of what is not to be heard
            self._cushion.clear()
