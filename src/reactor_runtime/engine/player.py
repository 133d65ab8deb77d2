"""Turns the playout machine: at its due time each frame goes to the transports."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from ..clock import Clock
from ..counters import Counters
from ..media.frames import Picture, black
from .connection import Transport
from .playout import Playout

logger = logging.getLogger("reactor.player")

FrameSet: TypeAlias = Mapping[str, Picture]
"""What leaves together: a picture for each track."""


class Player:
    """A playout machine behind a lock, and the way from it to the transports.

    Every method may be called from any thread, but `turn`, which is for the one that drives the player.

    Args:
        clock: the time.
        fps, buffer_size: as the model class says them.
        counters: counts frames shown, stale and dropped.
    """

    def __init__(self, clock: Clock, fps: float, buffer_size: int | None, counters: Counters) -> None:
        self._clock = clock
        self._machine: Playout[FrameSet] = Playout(fps, buffer_size)
        self._lock = threading.Lock()
        self._counters = counters
        self._transports: list[Transport] = []
        self._sizes: dict[str, tuple[int, int]] = {}
        self._marks: list[FrameSet | None] = []
        self._watching = False
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
        epoch: int,
        began: float | None,
        drop: bool,
        compute_time: float | None,
    ) -> None:
        """Queue one emission, ready now. `began` is when its step began, None where that says nothing."""
        now = self._clock.now()
        step = None if began is None else now - began
        with self._lock:
            before = self._machine.depth
            queued = self._machine.push(frames, ready=now, epoch=epoch, step=step, drop=drop, compute_time=compute_time)
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
        with self._lock:
            self._counters.add("frames.flushed", self._machine.depth)
            self._machine.flush()
            pictures = {} if hold else {track: black(*size) for track, size in self._sizes.items()}
            self._marks = [pictures or None]
        self.kick()
        self.changed()

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
                self._machine = Playout(fps, buffer_size)

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

    def watch(self, watching: bool) -> None:
        """Whether anybody is connected: frames nobody sees are discarded at their due time."""
        self._watching = watching

    # -- for the driver

    def turn(self) -> float | None:
        """Show what is due; returns when to turn next, None while nothing waits."""
        with self._lock:
            marks, self._marks = self._marks, []
            frames = self._machine.pop(self._clock.now())
            for frame in frames:
                self._sizes.update((track, (picture.width, picture.height)) for track, picture in frame.items())
            due = self._machine.next_due()
        for mark in marks:
            self._mark(mark)
        for frame in frames:
            self._counters.add("frames.shown" if self._watching else "frames.unseen")
            if self._watching:
                self._show(frame)
        return due

    def _mark(self, pictures: FrameSet | None) -> None:
        if pictures and self._watching:
            self._show(pictures)
        for transport in self._transports:
            try:
                transport.forget()
            except Exception:
                self._counters.add("player.errors")
                logger.exception("a transport failed to forget the last picture")

    def _show(self, frame: FrameSet) -> None:
        for track, picture in frame.items():
            for transport in self._transports:
                try:
                    transport.show(track, picture)
                except Exception:
                    self._counters.add("player.errors")
                    logger.exception("a frame of track %r could not be shown", track)
