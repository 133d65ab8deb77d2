"""Turns the playout machine: at its due time each frame goes to the transports."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..clock import Clock
from ..counters import Counters
from ..limits import Limits
from ..media.frames import black
from ..media.frameset import FrameSet
from .connection import Tap, Transport
from .measures import FrameMeasures
from .playout import Playout
from .scope import Stamp
from .timeline import Moments, Timeline

logger = logging.getLogger("reactor.player")

_OVER = -1
"""An epoch that never is."""


class _Queued(NamedTuple):
    frame: FrameSet
    began: float | None
    emitted: float
    ready: float


class Player:
    """A playout machine behind a lock, and the way from it to the transports and taps.

    Every method may be called from any thread, but `turn`, which is for the one that drives the player. Two locks: one
    for the machine, held for moments; one around a whole turn, so that a flush can be sure that no frame of before is
    still on its way to a transport.

    Args:
        clock: the time.
        fps, buffer_size: as the model class says them.
        counters: counts frames shown, stale and dropped.
        limits: how many frames' moments are kept.
        measures: told of each frame that was shown.
    """

    def __init__(
        self,
        clock: Clock,
        fps: float,
        buffer_size: int | None,
        counters: Counters,
        limits: Limits,
        measures: FrameMeasures | None = None,
    ) -> None:
        self._clock = clock
        self._machine: Playout[_Queued] = Playout(fps, buffer_size)
        self.timeline = Timeline(limits.timeline_frames)
        """When the last frames were begun, ready and sent."""
        self._measures = measures or FrameMeasures()
        self._lock = threading.Lock()
        self._counters = counters
        self._transports: list[Transport] = []
        self._taps: list[Tap] = []
        self._sizes: dict[str, tuple[int, int]] = {}
        self._boundary: FrameSet | None = None
        self._watching = False
        self._turning = threading.Lock()
        self.generation = 0
        """Of clients: it changes when the last one leaves, and what was made for them is not shown."""
        self.kick: Callable[[], None] = lambda: None
        """Set by whoever drives the player: called when what is due has changed."""
        self.changed: Callable[[], None] = lambda: None
        """Set by the host: called when an `emit()` that waits should look again."""

    # -- for the model's thread

    @property
    def epoch(self) -> int:
        return self._machine.epoch

    @property
    def fps(self) -> float:
        return self._machine.fps

    @property
    def depth(self) -> int:
        return self._machine.depth

    def push(
        self,
        frames: Sequence[FrameSet],
        *,
        stamp: Stamp,
        drop: bool,
        compute_time: float | None,
        emitted: float,
    ) -> None:
        """Queue one emission, ready now. `stamp` says when its step began, and for whom; `emitted`, when `emit()` was
        called."""
        now = self._clock.now()
        queued_frames = [_Queued(frame, stamp.began, emitted, now) for frame in frames]
        step = None if stamp.began is None else now - stamp.began
        with self._lock:
            epoch = stamp.epoch if stamp.generation == self.generation else _OVER
            before = self._machine.depth
            queued = self._machine.push(
                queued_frames,
                ready=now,
                epoch=epoch,
                step=step,
                drop=drop,
                compute_time=compute_time,
                seconds=frames[0].seconds,
            )
            gone = before + len(frames) - self._machine.depth if queued else 0
        if not queued:
            self._counters.add("frames.stale", len(frames))
        if gone:
            self._counters.add("frames.dropped", gone)
        self.kick()

    def return_at(self) -> float | None:
        """When the newest `emit()` should return; None for at once."""
        with self._lock:
            return self._machine.return_at()

    def flush(self, *, hold: bool) -> None:
        """Drop what waits and end the epoch; a black frame marks the boundary unless `hold`."""
        with self._turning, self._lock:
            self._flush(hold)
        self.kick()
        self.changed()

    def _flush(self, hold: bool) -> None:
        self._counters.add("frames.flushed", self._machine.depth)
        self._measures.broke_off()
        self._machine.flush()
        self._boundary = FrameSet({} if hold else {track: black(*size) for track, size in self._sizes.items()})

    def clear(self) -> None:
        """Drop what waits."""
        with self._lock:
            self._machine.clear()
        self.kick()
        self.changed()

    def configure(self, fps: float, buffer_size: int | None) -> None:
        """Begin anew with another rate and size, as a model may set them when it loads.

        Raises:
            ValueError: one is out of range.
        """
        with self._lock:
            if (fps, buffer_size) != (self._machine.fps, self._machine.buffer_size):
                epoch = self._machine.epoch
                self._machine = Playout(fps, buffer_size)
                self._machine.epoch = epoch + 1  # what was under way is not of this rate

    def set_fps(self, fps: float) -> None:
        """Pin the rate."""
        with self._lock:
            self._machine.set_fps(fps)
        self.kick()
        self.changed()

    # -- for the server's thread

    def add_transport(self, transport: Transport) -> None:
        """Let `transport` be shown every frame."""
        self._transports.append(transport)

    def add_tap(self, tap: Tap) -> None:
        """Let `tap` have every frame that somebody is there to see."""
        self._taps.append(tap)

    def watch(self, watching: bool) -> None:
        """Whether anybody is connected: frames nobody sees are discarded at their due time.

        When the last client has left, nothing that was made for them is shown once this has returned.
        """
        self._watching = watching
        if not watching:
            with self._turning, self._lock:
                self.generation += 1
                self._flush(hold=True)
            self.kick()
            self.changed()

    # -- for the driver

    def turn(self) -> float | None:
        """Show what is due; returns when to turn next, None while nothing waits."""
        with self._turning:
            with self._lock:
                boundary, self._boundary = self._boundary, None
                now = self._clock.now()
                leaving = self._machine.leaving(now)
                for (frame, *_), *_ in leaving:
                    for track, picture in frame.pictures.items():
                        self._sizes[track] = picture.width, picture.height
                due = self._machine.next_due()
            if boundary is not None:
                self._mark(boundary, now)
            for (frame, began, emitted, ready), late, period in leaving:
                self._counters.add("frames.shown" if self._watching else "frames.unseen")
                if self._watching:
                    self._show(frame, now)
                    self.timeline.add(Moments(began, emitted, ready, now))
                    self._measures.left(began, emitted, ready, now, late=late, period=period)
        return due

    def _mark(self, boundary: FrameSet, now: float) -> None:
        """Show what marks a flush, which is nothing where the picture is held, and keep none for late joiners."""
        boundary = boundary if self._watching else FrameSet()
        self._hand_over(lambda transport: transport.flush(boundary))
        if boundary.pictures:
            self._tap(boundary, now)

    def _show(self, frame: FrameSet, now: float) -> None:
        self._hand_over(lambda transport: transport.show(frame, now))
        self._tap(frame, now)

    def _hand_over(self, to: Callable[[Transport], None]) -> None:
        for transport in self._transports:
            try:
                to(transport)
            except Exception:
                self._counters.add("player.errors")
                logger.exception("a frame could not be shown")

    def _tap(self, frame: FrameSet, now: float) -> None:
        for tap in self._taps:
            try:
                tap.take(frame, now)
            except Exception:
                self._counters.add("player.errors")
                logger.exception("%s failed to take a frame", type(tap).__name__)
