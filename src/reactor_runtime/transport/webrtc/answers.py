"""The shared routes' answers: they are given out in the order of the offers, to whoever asks with their credential."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from ...clock import Clock
from ...counters import Counters
from ...errors import SignallingError
from ...limits import Limits

_SLACK = 0.5


@dataclass(slots=True, eq=False)
class Answer:
    """What came of one offer: nothing yet, an answer, or an error.

    Attributes:
        poller: who made the offer, where that is known.
        holder: with which credential (see `Admission.holder`).
        offered: when, by the clock.
        ready: when there was an answer or an error.
    """

    sdp: str | None = None
    error: SignallingError | None = None
    poller: str | None = None
    holder: str = ""
    offered: float = 0.0
    ready: float | None = None


class SharedAnswers:
    """Answers that wait to be collected: in the order of the offers, unless one knows whose each is.

    One expires `limits.answer_expiry` seconds after its offer at the latest, and much sooner once it is ready: a
    client polls, so what nobody collects is that of a page which was left, and would go to the next one.
    """

    def __init__(self, clock: Clock, limits: Limits, counters: Counters) -> None:
        self._clock = clock
        self._limits = limits
        self._counters = counters
        self._queue: deque[Answer] = deque()

    def expect(self, poller: str | None = None, holder: str = "") -> Answer:
        """An offer came: its answer takes this place.

        Args:
            poller: who made it, such as its TCP connection; the same one is expected to collect.
            holder: with which credential; only the same one may collect.
        """
        self._prune()
        answer = Answer(poller=poller, holder=holder, offered=self._clock.now())
        self._queue.append(answer)
        return answer

    def collect(self, poller: str | None = None, holder: str = "") -> str | None:
        """Take the answer to the last offer of `poller`, else the next one of `holder`; None while it is not there yet,
        or none is due.

        Raises:
            SignallingError: that offer could not be answered.
        """
        self._prune()
        mine = [answer for answer in self._queue if answer.holder == holder]
        if not mine:
            return None
        # The last: a page that was loaded again offers anew over the connection its predecessor used.
        own = (answer for answer in reversed(mine) if poller is not None and answer.poller == poller)
        answer = next(own, mine[0])
        if answer.ready is None:
            return None
        self._queue.remove(answer)
        if answer.error is not None:
            raise answer.error.with_traceback(None)  # it is raised at each poll
        return answer.sdp

    def drop(self, answer: Answer) -> None:
        """Its connection is gone: nobody is to get it."""
        if answer in self._queue:
            self._queue.remove(answer)
            self._counters.add("transport.answers_dropped")

    def clear(self) -> None:
        """Forget all."""
        self._queue.clear()

    def _prune(self) -> None:
        now = self._clock.now()
        for answer in [answer for answer in self._queue if self._expires(answer) <= now]:
            self._queue.remove(answer)
            self._counters.add("transport.answers_expired")

    def _expires(self, answer: Answer) -> float:
        latest = answer.offered + self._limits.answer_expiry
        if answer.ready is None:
            return latest
        # Clients double the time from poll to poll: the next one comes within the time that has passed, or so.
        patience = max(self._limits.shared_answer_ready_expiry, answer.ready - answer.offered + _SLACK)
        return min(latest, answer.ready + patience)
