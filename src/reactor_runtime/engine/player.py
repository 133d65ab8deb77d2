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
from .scope import Stamp

logger = logging.getLogger("reactor.player")

_OVER = -1
"""An epoch that never is."""

FrameSet: TypeAlias = Mapping[str, Picture]
"""What leaves together: a picture for each track."""


class Player:
    """A playout machine behind a lock, and the way from it to the transports.

    Every method may be called from any thread, but `turn`, which is for the one that drives the player. Two locks: one
    for the machine, held for moments; one around a whole turn, so that a flush can be sure that no frame of before is
    still on its way to a transport.

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
    ) -> None:
        """Queue one emission, ready now. `stamp` says when its step began, and for whom."""
        now = self._clock.now()
        step = None if stamp.began is None else now - stamp.began
        with self._lock:
            epoch = stamp.epoch if stamp.generation == self.generation else _OVER
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
        with self._turning, self._lock:
            self._flush(hold)
        self.kick()
        self.changed()

    def _flush(self, hold: bool) -> None:
        self._counters.add("frames.flushed", self._machine.depth)
        self._machine.flush()
        self._boundary = {} if hold else {track: black(*size) for track, size in self._sizes.items()}

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
                frames = self._machine.pop(self._clock.now())
                for frame in frames:
                    self._sizes.update((track, (picture.width, picture.height)) for track, picture in frame.items())
                due = self._machine.next_due()
            if boundary is not None:
                self._mark(boundary)
            for frame in frames:
                self._counters.add("frames.shown" if self._watching else "frames.unseen")
                if self._watching:
                    self._show(frame)
        return due

    def _mark(self, boundary: FrameSet) -> None:
        """Show what marks a flush, which is nothing where the picture is held, and keep none for late joiners."""
        if self._watching:
            self._show(boundary)
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
