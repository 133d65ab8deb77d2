"""The shared routes' answers: they are given out in the order of the offers, to whoever asks."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from ...clock import Clock
from ...counters import Counters
from ...errors import SignallingError


@dataclass(slots=True, eq=False)
class Answer:
    """What came of one offer: nothing yet, an answer, or an error."""

    sdp: str | None = None
    error: SignallingError | None = None


class SharedAnswers:
    """A queue of answers that expire `patience` seconds after their offer."""

    def __init__(self, clock: Clock, patience: float, counters: Counters) -> None:
        self._clock = clock
        self._patience = patience
        self._counters = counters
        self._queue: deque[tuple[float, Answer]] = deque()

    def expect(self) -> Answer:
        """An offer came: its answer takes this place."""
        self._prune()
        answer = Answer()
        self._queue.append((self._clock.now() + self._patience, answer))
        return answer

    def collect(self) -> str | None:
        """Take the next answer; None while it is not there yet, or none is due.

        Raises:
            SignallingError: that offer could not be answered.
        """
        self._prune()
        if not self._queue:
            return None
        _, head = self._queue[0]
        if head.sdp is None and head.error is None:
            return None
        self._queue.popleft()
        if head.error is not None:
            raise head.error
        return head.sdp

    def drop(self, answer: Answer) -> None:
        """Its connection is gone: nobody is to get it."""
        kept = [entry for entry in self._queue if entry[1] is not answer]
        if len(kept) < len(self._queue):
            self._queue = deque(kept)
            self._counters.add("transport.answers_dropped")

    def clear(self) -> None:
        """Forget all."""
        self._queue.clear()

    def _prune(self) -> None:
        while self._queue and self._queue[0][0] <= self._clock.now():
            self._queue.popleft()
            self._counters.add("transport.answers_expired")
