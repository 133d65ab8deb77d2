"""The one way from the media engine's threads to the server's loop."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import reactor_webrtc as rw

from ...counters import Counters
from ...limits import Limits
from .offers import Candidate

logger = logging.getLogger("reactor.webrtc")

_TURN = 64
"""So many events of one connection are handled before the others have their turn: a few milliseconds of the loop."""


@dataclass(frozen=True, slots=True)
class StateChanged:
    state: rw.PeerConnectionState


@dataclass(frozen=True, slots=True)
class CandidateFound:
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class GatheringDone:
    pass


@dataclass(frozen=True, slots=True)
class TrackFound:
    kind: rw.MediaKind
    track: rw.Track


@dataclass(frozen=True, slots=True)
class ChannelFound:
    channel: rw.DataChannel
    label: str


@dataclass(frozen=True, slots=True)
class ChannelChanged:
    pass


@dataclass(frozen=True, slots=True)
class MessageArrived:
    control: bool
    data: bytes
    binary: bool


Event: TypeAlias = (
    StateChanged | CandidateFound | GatheringDone | TrackFound | ChannelFound | ChannelChanged | MessageArrived
)


class Bridge:
    """Carries one connection's events to the loop, in order.

    Messages are bounded in number and size, and dropped above that; the other events are few by nature. The engine's
    callbacks refer to nothing but this, and `close()` cuts the way on, so that they keep no connection alive.

    Args:
        loop: where to.
        handler: takes each event there.
        limits, counters: of the process.
        on_overflow: told there how many messages were dropped since it was told last.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        handler: Callable[[Event], None],
        limits: Limits,
        counters: Counters,
        on_overflow: Callable[[int], None] | None = None,
    ) -> None:
        self._loop = loop
        self._on_overflow = on_overflow or _tell_nobody
        self._handler: Callable[[Event], None] | None = handler
        self._limits = limits
        self._counters = counters
        self._lock = threading.Lock()
        self._waiting: deque[Event] = deque()
        self._told = False
        """Whether the loop is about to deliver, or at it: then it sees by itself to what comes meanwhile."""
        self._messages = 0
        self._bytes = 0
        self._dropped = 0

    def post(self, event: Event) -> None:
        """Hand `event` over. From any thread; returns at once."""
        with self._lock:
            if self._handler is None:
                return
            if isinstance(event, MessageArrived):
                if (
                    self._messages >= self._limits.inbox_messages
                    or self._bytes + len(event.data) > self._limits.inbox_bytes
                ):
                    self._counters.add("transport.inbox_dropped")
                    self._dropped += 1
                else:
                    self._messages += 1
                    self._bytes += len(event.data)
                    self._waiting.append(event)
            else:
                self._waiting.append(event)
            if self._told:
                return
            self._told = True
        try:
            self._loop.call_soon_threadsafe(self._deliver)
        except RuntimeError:  # the loop has ended before this connection was closed
            self._counters.add("transport.events_after_the_end")
            self.close()

    def _deliver(self) -> None:
        with self._lock:
            events = [self._waiting.popleft() for _ in range(min(_TURN, len(self._waiting)))]
            for event in events:
                if isinstance(event, MessageArrived):
                    self._messages -= 1
                    self._bytes -= len(event.data)
            dropped, self._dropped = self._dropped, 0
        try:
            for event in events:
                self._hand_over(event)
            if dropped and self._handler is not None:
                self._on_overflow(dropped)
        finally:
            # Telling the loop from another thread takes that one a system call, and the loop another.
            with self._lock:
                self._told = bool(self._waiting)
            if self._told:
                self._loop.call_soon(self._deliver)

    def _hand_over(self, event: Event) -> None:
        handler = self._handler
        if handler is None:
            return
        try:
            handler(event)
        except Exception:
            self._counters.add("transport.faults")
            logger.exception("handling %s failed", type(event).__name__)

    def close(self) -> None:
        """Let nothing through any more."""
        with self._lock:
            self._handler = None
            self._on_overflow = _tell_nobody
            dropped, self._waiting = self._waiting, deque()
        # Not under the lock: letting go of an engine's object may wait for a thread that is about to post.
        dropped.clear()


def _tell_nobody(dropped: int) -> None:
    """Nobody wants to know."""
