"""The states of the runtime, and the one table of how they follow each other."""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable

logger = logging.getLogger("reactor.state")


class State(enum.StrEnum):
    LOADING = "loading"
    READY = "ready"
    """Loaded, and no session runs."""
    WAITING = "waiting"
    """A session runs and nobody has joined yet."""
    STREAMING = "streaming"
    """At least one client is there."""
    ORPHANED = "orphaned"
    """The last client has left; the session waits for one to come back."""
    CLOSING = "closing"
    TERMINATED = "terminated"


class Event(enum.StrEnum):
    LOADED = "loaded"
    STARTED = "started"
    JOINED = "joined"
    EMPTIED = "emptied"
    STOPPED = "stopped"
    CLOSED = "closed"
    TERMINATED = "terminated"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.LOADING, Event.LOADED): State.READY,
    (State.READY, Event.STARTED): State.WAITING,
    (State.WAITING, Event.JOINED): State.STREAMING,
    (State.STREAMING, Event.JOINED): State.STREAMING,
    (State.STREAMING, Event.EMPTIED): State.ORPHANED,
    (State.ORPHANED, Event.JOINED): State.STREAMING,
    (State.WAITING, Event.STOPPED): State.CLOSING,
    (State.STREAMING, Event.STOPPED): State.CLOSING,
    (State.ORPHANED, Event.STOPPED): State.CLOSING,
    (State.CLOSING, Event.CLOSED): State.READY,
    **{(state, Event.TERMINATED): State.TERMINATED for state in State},
}

IN_SESSION = frozenset({State.WAITING, State.STREAMING, State.ORPHANED})


class StateMachine:
    """Where the runtime is. On the server's loop.

    Args:
        on_change: called with the old state, the event and the new state.
    """

    def __init__(self, on_change: Callable[[State, Event, State], None] = lambda *_: None) -> None:
        self.state = State.LOADING
        self._on_change = on_change

    def can(self, event: Event) -> bool:
        """Whether `event` may come now."""
        return (self.state, event) in TRANSITIONS

    def on(self, event: Event) -> State:
        """Take `event`; returns the new state.

        Raises:
            RuntimeError: the table knows no such step, which is a defect of the caller.
        """
        try:
            new = TRANSITIONS[self.state, event]
        except KeyError:
            raise RuntimeError(f"{event} while {self.state}: no such step") from None
        old, self.state = self.state, new
        if old is not new:
            logger.debug("%s -> %s (%s)", old, new, event)
            self._on_change(old, event, new)
        return new
