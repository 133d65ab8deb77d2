"""What went wrong in the author's code, kept for whoever runs it: a test, or a developer's page."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..clock import Clock

KEPT = 64
"""The newest so many are kept."""
_WITH_FRAMES = 4
"""Of so many of these, the frames as well: they hold on to all that the author's code had in hand, such as pictures and
files, and to the client it was for."""


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
    """The newest failures, oldest first. `add` is for the model's loop; reading, for any thread.

    Attributes:
        told: called with each, on the model's loop; it must not keep it.
    """

    def __init__(self, clock: Clock) -> None:
        self.told: Callable[[Fault], None] = lambda fault: None
        self._clock = clock
        self._kept: deque[Fault] = deque(maxlen=KEPT)
        self._count = 0

    def add(self, where: str, error: BaseException, *, answered: bool = False) -> None:
        """Keep a failure."""
        self._count += 1
        fault = Fault(self._count, where, error, self._clock.now(), answered)
        self._kept.append(fault)
        if len(self._kept) > _WITH_FRAMES:
            _let_go_of_frames(self._kept[-1 - _WITH_FRAMES].error)
        self.told(fault)

    def clear(self) -> None:
        """Forget them: an exception holds on to the frames it passed, and so to the model."""
        self._kept.clear()

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._kept))


def _let_go_of_frames(error: BaseException) -> None:
    """Those of the errors it came from, too."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            one.__traceback__ = None
            waiting += [one.__cause__, one.__context__]
            if isinstance(one, BaseExceptionGroup):
                waiting += one.exceptions
