"""The thread that gives listeners their sound on time, and holds pictures back until their sound can be there."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import reactor_webrtc as rw

from ....clock import Clock
from ....counters import Counters
from ....media.frames import Picture
from ..video import OutputTrack
from .cushion import TICK
from .sound import SoundTrack

logger = logging.getLogger("reactor.webrtc")

HOLD = 0.05
"""Seconds a picture waits for its sound, which is so much longer on its way than a picture: a cushion here, 10 ms to a
packet, the codec's look-ahead, and the jitter buffer of the one who listens. Measured by `bench/av_sync.py`."""

_HELD = 64
"""So many pictures may wait: those of five tracks at 240 frames a second."""
_BEHIND = 0.1
"""A thread that wakes up so many seconds late leaves out what it missed."""
_IDLE = 60.0


@dataclass(frozen=True, slots=True)
class _Held:
    due: float
    output: OutputTrack
    picture: Picture
    captured: int


class Feeder:
    """Feeds audio tracks every 10 ms as long as anybody listens, and sleeps while nobody does.

    Args:
        tracks: the model's; without one there is no thread, and pictures never wait.
    """

    def __init__(self, tracks: Sequence[SoundTrack], clock: Clock, counters: Counters) -> None:
        self._tracks = tracks
        self._clock = clock
        self._counters = counters
        self._condition = threading.Condition()
        self._closing = False
        self._held: deque[_Held] = deque()
        self._showing = threading.Lock()
        """Around each showing: nothing may overtake a picture that has been taken from `_held`, and no flush miss it.
        Taken before the condition."""
        self._thread = threading.Thread(target=self._run, name="reactor-sound", daemon=True)
        if tracks:
            self._thread.start()

    def listen(self, track: SoundTrack, listening: bool) -> None:
        """One listener more, or one less."""
        with self._condition:
            track.listeners += 1 if listening else -1
            self._condition.notify()
        if not track.listeners:
            track.drop_waiting()

    def show(self, output: OutputTrack, picture: Picture, captured: int, sounds: Sequence[SoundTrack] = ()) -> None:
        """Show `picture`, at once; where somebody hears its `sounds`, when those can be there. In order."""
        with self._showing:
            with self._condition:
                waits = [HOLD + sound.extra for sound in sounds if sound.listeners]
                if waits or self._held:
                    due = self._clock.now() + max(waits, default=0.0)
                    if len(self._held) >= _HELD:
                        self._held.popleft()
                        self._counters.add("frames.held_too_long")
                    self._held.append(_Held(due, output, picture, captured))
                    self._condition.notify()
                    return
            output.show(picture, captured)

    def drop_held(self) -> None:
        """Show no picture that waits."""
        with self._showing, self._condition:
            self._held.clear()

    def close(self) -> None:
        """End the thread."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def _run(self) -> None:
        due: float | None = None
        while True:
            with self._condition:
                now = self._clock.now()
                while not self._closing and (wait := self._wait(due, now)) > 0:
                    if not any(track.listeners for track in self._tracks):
                        due = None
                    self._condition.wait(wait)
                    now = self._clock.now()
                if self._closing:
                    return
                listening = [track for track in self._tracks if track.listeners]
            self._show_due(now)
            if not listening:
                due = None
            elif due is None or now >= due:
                due = self._tick(listening, now if due is None else due, now)

    def _show_due(self, now: float) -> None:
        with self._showing:
            with self._condition:
                ready = []
                while self._held and self._held[0].due <= now:
                    ready.append(self._held.popleft())
            for held in ready:
                self._guard(partial(held.output.show, held.picture, held.captured))

    def _wait(self, due: float | None, now: float) -> float:
        """Seconds until something is to be done."""
        times = [self._held[0].due] if self._held else []
        if any(track.listeners for track in self._tracks):
            times.append(now if due is None else due)
        return min(times, default=now + _IDLE) - now

    def _tick(self, tracks: Sequence[SoundTrack], due: float, now: float) -> float:
        """Feed them; returns when to do so next."""
        if now > due + _BEHIND:
            self._counters.add("sound.behind")
            for track in tracks:
                track.pass_over(now - due)
            due = now
        captured = rw.time_micros()
        for track in tracks:
            self._guard(partial(track.tick, now, captured))
        return due + TICK

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            self._counters.add("transport.faults")
            logger.exception("feeding a track failed")
