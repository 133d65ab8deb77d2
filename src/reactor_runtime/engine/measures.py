"""What is measured as it happens: times in histograms that cost a fraction of a microsecond, read when somebody asks.

Each is written by one thread, and read from any. A reader may find an observation half there, which the next reading
puts right; there is no lock on the way of a frame.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from ..wire.messages import Command

FRAME_BOUNDS = (0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5)
"""Seconds; 0.035 is just above one frame of 30 a second."""
COMMAND_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ENCODE_BOUNDS = (0.001, 0.002, 0.004, 0.008, 0.016, 0.033, 0.066, 0.133)
LAG_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0)

MISSED = 0.25
"""A frame that leaves later than its slot by more than this part of a period has missed it,"""
MISSED_AT_LEAST = 0.003
"""but not by less than so many seconds, which waking up alone may take."""


class Reading(NamedTuple):
    """A histogram at one moment: how many observations were up to each bound, all of them, and their sum."""

    buckets: tuple[tuple[float, int], ...]
    observations: int
    sum: float


class Histogram:
    """How often a value was how large.

    Args:
        bounds: ascending; what is above the last one is counted all the same.
    """

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """One more. On one thread."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def read(self) -> Reading:
        """How it stands. From any thread."""
        counts, total = list(self._counts), 0
        buckets = []
        for bound, count in zip(self._bounds, counts, strict=False):
            total += count
            buckets.append((bound, total))
        return Reading(tuple(buckets), total + counts[-1], self._sum)


class FrameMeasures:
    """The frames that clients were shown. On the player's thread.

    Attributes:
        age: from the beginning of the step that made a frame until it left: as old is what it shows of the world.
        step: from there until `emit()`.
        conversion: from `emit()` until it was ready.
        waiting: from ready until it left.
        missed: how many missed their slot, though their step had begun before it.
        played: seconds that were played; a model that waits for something is not playing.
        stalled: seconds of these in which a picture stood still beyond its time.
    """

    def __init__(self) -> None:
        self.age = Histogram(FRAME_BOUNDS)
        self.step = Histogram(FRAME_BOUNDS)
        self.conversion = Histogram(FRAME_BOUNDS)
        self.waiting = Histogram(FRAME_BOUNDS)
        self.missed = 0
        self.played = 0.0
        self.stalled = 0.0
        self._last: float | None = None
        self._began_at = 0.0, 0.0

    def left(
        self, began: float | None, emitted: float, ready: float, left: float, *, late: float | None, period: float
    ) -> None:
        """A frame left.

        Args:
            began, emitted, ready, left: see `Moments`.
            late: how much later than its slot; None where it had none to make.
            period: how long it lasts.
        """
        if began is not None:
            self.age.observe(left - began)
            self.step.observe(emitted - began)
        self.conversion.observe(ready - emitted)
        self.waiting.observe(left - ready)
        last, self._last = self._last, left
        missed = late is not None and late > max(MISSED * period, MISSED_AT_LEAST)
        if missed:
            self.missed += 1
            over = 0.0 if last is None else max(0.0, left - last - period)
            self.stalled += over
            self.played += period + over
        else:
            self.played += period

    def broke_off(self) -> None:
        """What comes next does not go on from what was: nobody was there, or what waited was dropped."""
        self._last = None

    def session_began(self) -> None:
        """A session starts: `continuous` is about this one."""
        self._began_at = self.played, self.stalled

    @property
    def continuous(self) -> float:
        """The share of what was played in this session in which no picture stood still beyond its time, 0 to 1; 1
        where nothing was."""
        played, stalled = self.played - self._began_at[0], self.stalled - self._began_at[1]
        return 1.0 if played <= 0 else max(0.0, 1 - stalled / played)


class Timed(Protocol):
    """A command that was answered, and when it came to each stage (see `Ticket`)."""

    command: Command
    client: int
    opened: float
    queued: float | None
    began: float | None
    ended: float | None


class CommandMeasures:
    """The commands that were answered. On the server's loop.

    Attributes:
        validation: from its arrival until it was queued, which includes waiting for its files.
        queue: from there until its handler began.
        handler: until that ended.
        answer: until the answer was on its way.
        ok: how many were carried out.
        whole: all of it; also of those that were refused.
        told: called with each and the code of its answer, at the time given; it must not block.
    """

    def __init__(self) -> None:
        self.validation = Histogram(COMMAND_BOUNDS)
        self.queue = Histogram(COMMAND_BOUNDS)
        self.handler = Histogram(COMMAND_BOUNDS)
        self.answer = Histogram(COMMAND_BOUNDS)
        self.whole = Histogram(COMMAND_BOUNDS)
        self.ok = 0
        self.told: Callable[[Timed, str, float], None] | None = None

    def answered(self, command: Timed, code: str, now: float) -> None:
        """A command was answered now: with `ok`, or refused with another code."""
        opened, queued, began, ended = command.opened, command.queued, command.began, command.ended
        self.whole.observe(now - opened)
        if code == "ok":
            self.ok += 1
        if queued is not None:
            self.validation.observe(queued - opened)
            if began is not None:
                self.queue.observe(began - queued)
                if ended is not None:
                    self.handler.observe(ended - began)
                    self.answer.observe(now - ended)
        if self.told is not None:
            self.told(command, code, now)


class Measures:
    """All that the engine measures."""

    def __init__(self) -> None:
        self.frames = FrameMeasures()
        self.commands = CommandMeasures()
