"""The figures that a client may watch: what became of each frame and of its own commands, a few times a second.

All times are on the connection's media clock, in microseconds. A frame carries its own `left` there as its capture
time, so a client can tell which moments are those of the picture it shows.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Protocol

from ..clock import Clock
from ..counters import Counters
from ..limits import Limits
from ..wire.messages import Figures
from .connection import Connection, Sending
from .tasks import Tasks
from .timeline import Timeline

logger = logging.getLogger("reactor.figures")

_TOLD = ("frames.", "sound.", "input.", "commands.", "connections.")
"""How the names of the counts begin that are told: those that say why something is not seen, or not heard."""
_STATS_EVERY = 4
"""Notices from one look at the sender to the next: looking takes the media engine longer than all the rest."""


class Gauges(Protocol):
    """The model, as its figures need it."""

    @property
    def timeline(self) -> Timeline: ...

    @property
    def fps(self) -> float:
        """The rate of its frames."""
        ...

    @property
    def depth(self) -> int:
        """How many of them wait for their time."""
        ...

    @property
    def step_began(self) -> float | None:
        """When the step that runs began; None where none does, or it is inside `emit()`."""
        ...


class Watch:
    """One client's figures, sent to it while it asks for them. On the server's loop.

    Args:
        connection: the client's.
        send: takes a message to the client.
        gauges: where the figures are read.
        tasks: owns the looks at the sender.
    """

    def __init__(
        self,
        connection: Connection,
        send: Callable[[Figures], None],
        gauges: Gauges,
        *,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        limits: Limits,
        counters: Counters,
        tasks: Tasks,
    ) -> None:
        self._connection = connection
        self._send = send
        self._gauges = gauges
        self._loop = loop
        self._clock = clock
        self._interval = limits.figures_interval
        self._counters = counters
        self._tasks = tasks
        self._timer: asyncio.TimerHandle | None = None
        self._told = 0
        self._notices = 0
        self._handled: deque[tuple[str, float]] = deque(maxlen=limits.timeline_frames)
        self._sending: Sending | None = None
        self._look: asyncio.Task[None] | None = None

    def watch(self, on: bool) -> None:
        """Begin to send, or stop."""
        if on and self._timer is None:
            self._told = self._gauges.timeline.count
            self._timer = self._loop.call_later(self._interval, self._notice)
        elif not on:
            self.stop()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._handled.clear()

    def handled(self, request_id: str, at: float) -> None:
        """The handler of this client's command had ended at `at`."""
        if self._timer is not None:
            self._handled.append((request_id, at))

    def _notice(self) -> None:
        self._timer = self._loop.call_later(self._interval, self._notice)
        self._send(Figures(self._figures()))
        if self._notices % _STATS_EVERY == 0 and (self._look is None or self._look.done()):
            self._look = self._tasks.spawn(self._look_at_sender(), f"{self._connection.label}: its figures")
        self._notices += 1

    def _figures(self) -> dict[str, Any]:
        media, now = self._connection.media_time, self._clock.now()
        frames, count = self._gauges.timeline.since(self._told)
        missed, self._told = count - self._told - len(frames), count
        began = self._gauges.step_began
        figures: dict[str, Any] = {
            "at_us": media(now),
            "fps": self._gauges.fps,
            "waiting": self._gauges.depth,
            "frames": [[None if at is None else media(at) for at in moments] for moments in frames],
            "missed": missed,
            "commands": [[request_id, media(at)] for request_id, at in self._handled],
            "step_us": None if began is None else max(0, round((now - began) * 1e6)),
            "counts": {
                name: count for name, count in self._counters.snapshot().items() if name.startswith(_TOLD) and count
            },
        }
        self._handled.clear()
        if self._sending is not None:
            figures["sender"] = {track: asdict(stats) for track, stats in self._sending.tracks.items()}
            figures["rtt_s"] = self._sending.rtt
            self._sending = None
        return figures

    async def _look_at_sender(self) -> None:
        try:
            async with asyncio.timeout(_STATS_EVERY * self._interval):
                self._sending = await self._connection.sending()
        except (TimeoutError, RuntimeError) as error:  # the connection is on its way out, or the engine is busy
            self._counters.add("figures.missed")
            logger.debug("%s: the sender was not looked at: %s", self._connection.label, str(error) or "no answer")
