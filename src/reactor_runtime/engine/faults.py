"""What went wrong in the author's code, kept for whoever runs it: a test, or a developer's page."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from ..clock import Clock

KEPT = 64
"""The newest so many are kept."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure.

    Attributes:
        number: from 1 on, in the order they happened.
        where: `run()`, `@connected on_connect`, or a handler's name.
        error: what the author's code raised.
        at: when, in seconds of the clock.
        answered: whether a caller was told of it.
    """

    number: int
    where: str
    error: BaseException
    at: float
    answered: bool


class Faults:
    """The newest failures, oldest first. `add` is for the model's loop; reading, for any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: deque[Fault] = deque(maxlen=KEPT)
        self._count = 0

    def add(self, where: str, error: BaseException, *, answered: bool = False) -> None:
        """Keep a failure."""
        self._count += 1
        self._kept.append(Fault(self._count, where, error, self._clock.now(), answered))

    def clear(self) -> None:
        """Forget them: an exception holds on to the frames it passed, and so to the model."""
        self._kept.clear()

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._kept))
