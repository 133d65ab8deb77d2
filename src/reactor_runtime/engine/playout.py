"""When each frame leaves, and when the next step should begin: a pacing machine without threads or I/O.

With P = 1/fps, due times run on a grid, `due = last_due + P`. A frame leaves at `max(ready, due)`; one that is ready
more than P late re-anchors the grid at itself. So a small slip is caught up by the next frame, the long-run rate is
exact, and there are no bursts. A frame that is sound alone lasts as long as its sound, whatever the rate.

There is no standing queue: `return_at` says when `emit()` returns, as late as the next step can begin and still make
the slot after what is queued, and never before what was emitted ahead of this emission has left.
"""

from __future__ import annotations

import bisect
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from ..interface.rates import MAX_FPS, MIN_FPS, checked_buffer_size, checked_fps

T = TypeVar("T")

MARGIN = 0.003
"""Seconds kept free for the jitter of waking up: asyncio's timers round up to a millisecond, thread switches add."""


class RecentSteps:
    """The 95th percentile of the last durations: a rare spike costs its own frame, not a lasting larger margin."""

    def __init__(self, window: int = 90) -> None:
        self._order: deque[float] = deque(maxlen=window)
        self._sorted: list[float] = []

    def add(self, seconds: float) -> None:
        if len(self._order) == self._order.maxlen:
            self._sorted.pop(bisect.bisect_left(self._sorted, self._order[0]))
        self._order.append(seconds)
        bisect.insort(self._sorted, seconds)

    def p95(self) -> float | None:
        """In seconds, interpolated; None before the first one."""
        if not self._sorted:
            return None
        place = 0.95 * (len(self._sorted) - 1)
        low = int(place)
        high = min(low + 1, len(self._sorted) - 1)
        return self._sorted[low] + (place - low) * (self._sorted[high] - self._sorted[low])


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    payload: T
    ready: float
    emission: int
    seconds: float | None
    """How long it lasts, where the rate does not say."""
    began: float | None
    """When its step began."""


class Leaving(NamedTuple, Generic[T]):
    """A frame that leaves.

    Attributes:
        payload: it.
        late: how much later than its slot of the grid, in seconds; None where it had none to make: it is the first, or
            its step began when the slot had passed.
        period: how long it lasts.
    """

    payload: T
    late: float | None
    period: float


class Playout(Generic[T]):
    """The frames that wait, and their grid. All times are those of one monotonic clock, in seconds.

    Args:
        fps: the rate, 1 to 240 frames a second.
        buffer_size: how many frames may wait; None keeps no standing queue.
        margin: see `MARGIN`.
    """

    def __init__(self, fps: float = 30.0, buffer_size: int | None = None, margin: float = MARGIN) -> None:
        self._fps = checked_fps(fps)
        self._buffer_size = checked_buffer_size(buffer_size)
        self._margin = margin
        self._queue: deque[_Entry[T]] = deque()
        self._last_due: float | None = None
        self._last_seconds: float | None = None
        self._emission = 0
        self._steps = RecentSteps()
        self._pinned = False
        self._computed: deque[tuple[int, float]] = deque(maxlen=5)
        self.epoch = 0

    @property
    def fps(self) -> float:
        return self._fps

    @property
    def buffer_size(self) -> int | None:
        return self._buffer_size

    @property
    def depth(self) -> int:
        """How many frames wait."""
        return len(self._queue)

    def set_fps(self, fps: float) -> None:
        """Pin the rate.

        Raises:
            ValueError: it is not within 1 to 240.
        """
        self._fps = checked_fps(fps)
        self._pinned = True

    def push(
        self,
        payloads: Sequence[T],
        *,
        ready: float,
        epoch: int,
        step: float | None = None,
        drop: bool = False,
        compute_time: float | None = None,
        seconds: float | None = None,
    ) -> bool:
        """Queue the frames of one emission.

        Args:
            payloads: in order.
            ready: when they were ready.
            epoch: the epoch in which their step began.
            step: how long the step took, from the return of the last `emit()`; None where that says nothing.
            drop: keep no more waiting than this emission (or `buffer_size`): the oldest go.
            compute_time: adapts the rate to this many frames in this time, unless `set_fps` pinned it.
            seconds: how long each of them lasts, where that is not the rate's to say.

        Returns:
            False if the epoch is over; then nothing is queued.
        """
        if step is not None:
            self._steps.add(step)
        if compute_time is not None and seconds is None and not self._pinned:
            self._computed.append((len(payloads), compute_time))
            rate = sum(n for n, _ in self._computed) / sum(t for _, t in self._computed)
            self._fps = min(max(rate, MIN_FPS), MAX_FPS)
        if epoch != self.epoch:
            return False
        self._emission += 1
        began = None if step is None else ready - step
        self._queue.extend(_Entry(payload, ready, self._emission, seconds, began) for payload in payloads)
        if drop:
            limit = max(len(payloads), 1) if self._buffer_size is None else self._buffer_size
            while len(self._queue) > limit:
                self._queue.popleft()
        return True

    def flush(self) -> None:
        """Drop what waits, and whatever belongs to the epoch so far."""
        self.epoch += 1
        self._queue.clear()

    def clear(self) -> None:
        """Drop what waits."""
        self._queue.clear()

    def next_due(self) -> float | None:
        """When the next frame leaves; None while none waits."""
        for entry, due in self._plan():
            return max(entry.ready, due)
        return None

    def pop(self, now: float) -> list[T]:
        """The frames that leave by `now`, oldest first (see `leaving`)."""
        return [leaving.payload for leaving in self.leaving(now)]

    def leaving(self, now: float) -> list[Leaving[T]]:
        """The frames that leave by `now`, oldest first, and how late they are.

        Where the caller itself comes more than P late, the grid is re-anchored at `now`: late frames do not burst.
        """
        left: list[Leaving[T]] = []
        while self._queue:
            entry, due = next(self._plan())
            if max(entry.ready, due) > now:
                break
            self._queue.popleft()
            period, late = self._period(entry.seconds), None
            if self._last_due is not None and entry.began is not None:
                slot = self._last_due + self._period(self._last_seconds)
                late = now - slot if entry.began <= slot else None
            self._last_due = now if now > due + period else due
            self._last_seconds = entry.seconds
            left.append(Leaving(entry.payload, late, period))
        return left

    def return_at(self) -> float | None:
        """When the newest `emit()` should return; None for at once."""
        plan = list(self._plan())
        if self._buffer_size is not None:
            over = len(plan) - self._buffer_size
            return max(plan[over - 1][0].ready, plan[over - 1][1]) if over > 0 else None
        step = self._steps.p95()
        if step is None:
            return next((due for entry, due in plan if entry.emission == self._emission), None)
        last, lasts = (plan[-1][1], plan[-1][0].seconds) if plan else (self._last_due, self._last_seconds)
        if last is None:
            return None
        start = last + self._period(lasts) - step - self._margin
        ahead = [due for entry, due in plan if entry.emission < self._emission]
        return max(start, ahead[-1]) if ahead else start

    def _period(self, seconds: float | None) -> float:
        return 1 / self._fps if seconds is None else seconds

    def _plan(self) -> Iterator[tuple[_Entry[T], float]]:
        last, lasts = self._last_due, self._last_seconds
        for entry in self._queue:
            due = entry.ready if last is None else last + self._period(lasts)
            if entry.ready > due + self._period(entry.seconds):
                due = entry.ready
            last, lasts = due, entry.seconds
            yield entry, due
