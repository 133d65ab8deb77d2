"""The end of one session: clients first, then what keeps it, then the model's hooks, within their time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from ..counters import Counters
from .connection import Tap, Transport
from .futures import finish
from .journal import Journal
from .session import Session
from .stage import Stage

logger = logging.getLogger("reactor.runtime")


class HooksTime:
    """How long the model's hooks may take at the end of a session. What is said last holds, also for those that run: a
    process that is told to end meanwhile gives them less. On one loop.

    Args:
        seconds: how long, until something else is said.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._limit: asyncio.Timeout | None = None

    def allow(self, seconds: float) -> None:
        """So many seconds from now on; those that run have no more than they had."""
        self.seconds = seconds
        limit = self._limit
        if limit is not None and not limit.expired() and (end := limit.when()) is not None:
            limit.reschedule(min(end, asyncio.get_running_loop().time() + seconds))

    @asynccontextmanager
    async def limit(self) -> AsyncIterator[None]:
        """Raises TimeoutError where what is within takes longer."""
        async with asyncio.timeout(self.seconds) as limit:
            self._limit = limit
            try:
                yield
            finally:
                self._limit = None


async def part(
    session: Session,
    reason: str,
    *,
    transports: Sequence[Transport],
    taps: Sequence[Tap],
    stage: Stage,
    hooks_time: HooksTime,
    disconnected: asyncio.Future[None],
    counters: Counters,
    journal: Journal,
) -> None:
    """End `session`.

    Args:
        reason: for its clients.
        hooks_time: how long the model's hooks may take. Those that take longer are interrupted.
        disconnected: resolves once every client is told and closed.
    """
    try:
        await session.close(reason)
        for failed in await asyncio.gather(*(transport.reset() for transport in transports), return_exceptions=True):
            if isinstance(failed, BaseException):
                counters.add("transport.faults")
                logger.error("a transport could not be reset", exc_info=failed)
    finally:
        disconnected.set_result(None)
    for tap in taps:
        tap.end(session.id)
    if taps:
        journal.note("recording_ended", session.id)
    session.witness.ended(reason)
    hooks_done = asyncio.get_running_loop().create_future()
    stage.session_ended(session, partial(finish, hooks_done))
    try:
        async with hooks_time.limit():
            await hooks_done
    except TimeoutError:
        counters.add("sessions.slow_end")
        logger.warning(
            "the model has not run its hooks for the end of session %s within %g s; they still come first when its "
            "loop is free%s",
            session.id,
            hooks_time.seconds,
            f". What holds it up: {stage.holdup}" if stage.holdup else "",
        )
        stage.interrupt(session)
