"""What has happened, in order and numbered: states, clients, failures, new code. Kept for a while, for whoever asks.

Only what is rare is noted, never a frame or a command, so that a session's start is still there at its end.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..clock import Clock
from ..counters import Counters
from ..limits import Limits
from .state import State

logger = logging.getLogger("reactor.journal")

_LONG = 1_000
"""Characters of one text of an entry."""
_KEYS = 256
"""Of how many things it is remembered when they were noted last."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    Attributes:
        seq: from 1 on.
        at: Unix time in seconds.
        event: what, such as `connection_opened`.
        before, after: the states of the runtime around it; the same for what changes none.
        session: the id of the session it was in; empty where none ran.
        detail: more, by name.
    """

    seq: int
    at: float
    event: str
    before: State
    after: State
    session: str
    detail: Mapping[str, Any]


class Journal:
    """The newest entries. On the server's loop.

    Args:
        state: asked for the runtime's state.
        clock: paces what would flood it.
        limits: how many entries are kept.
        counters: counts what is not noted because the same was noted just before.
    """

    def __init__(self, state: Callable[[], State], clock: Clock, limits: Limits, counters: Counters) -> None:
        self._state = state
        self._last_state = state()
        self._clock = clock
        self._counters = counters
        self._kept: deque[Entry] = deque(maxlen=limits.journal_events)
        self._count = 0
        self._quiet: dict[tuple[str, str], tuple[float, int]] = {}
        self._told: list[Callable[[Entry], None]] = []
        self._changed: asyncio.Future[None] | None = None
        self.closed = False
        """Whether nothing more comes."""

    @property
    def newest(self) -> int:
        """The number of the newest entry; 0 where there is none."""
        return self._count

    @property
    def oldest(self) -> int:
        """The number of the oldest entry that is kept; one more than the newest where none is."""
        return self._count - len(self._kept) + 1

    def tell(self, told: Callable[[Entry], None]) -> None:
        """Call `told` with each entry from now on, as it is noted; it must not block."""
        self._told.append(told)

    def note(self, event: str, session: str = "", *, every: float = 0.0, about: str = "", **detail: Any) -> None:
        """Something has happened.

        Args:
            event: what.
            session: the id of the session it was in.
            every: the same `event` `about` the same is noted at most once in so many seconds; `left_out` in the next
                says how often it was not.
            detail: more; texts are cut where they are long, and what is None is left out.
        """
        if self.closed:
            return
        if every:
            left_out = self._left_out((event, about), every)
            if left_out is None:
                self._counters.add("events.left_out")
                return
            detail["left_out"] = left_out or None
        self._count += 1
        before, self._last_state = self._last_state, self._state()
        told = {name: _short(value) for name, value in detail.items() if value is not None}
        entry = Entry(self._count, time.time(), event, before, self._last_state, session, told)
        self._kept.append(entry)
        self._wake()
        for tell in self._told:
            try:
                tell(entry)
            except Exception:
                self._counters.add("events.faults")
                logger.exception("an event could not be passed on")

    def since(self, seq: int) -> list[Entry]:
        """The entries after number `seq`, as far as they are kept."""
        new = min(self._count - seq, len(self._kept))
        return list(self._kept)[len(self._kept) - new :] if new > 0 else []

    def changed(self) -> asyncio.Future[None]:
        """Is done with the next entry after this call, or with the end; it may be cancelled."""
        if self._changed is None:
            self._changed = asyncio.get_running_loop().create_future()
            if self.closed:
                self._changed.set_result(None)
        return asyncio.shield(self._changed)

    def close(self) -> None:
        """Nothing more comes: whoever waits is told."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        waited, self._changed = self._changed, None
        if waited is not None and not waited.done():
            waited.set_result(None)

    def _left_out(self, key: tuple[str, str], every: float) -> int | None:
        """How often it was left out since it was noted last; None where it is to be left out now."""
        now = self._clock.now()
        next_at, left_out = self._quiet.pop(key, (now, 0))
        if now < next_at:
            self._quiet[key] = next_at, left_out + 1
            return None
        while len(self._quiet) >= _KEYS:
            del self._quiet[next(iter(self._quiet))]
        self._quiet[key] = now + every, 0
        return left_out


def _short(value: Any) -> Any:
    return f"{value[:_LONG]} …" if isinstance(value, str) and len(value) > _LONG else value
