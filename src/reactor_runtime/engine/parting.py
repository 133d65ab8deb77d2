"""The end of one session: clients first, then what keeps it, then the model's hooks, within their time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial

from ..counters import Counters
from .connection import Tap, Transport
from .futures import finish
from .journal import Journal
from .session import Session
from .stage import Stage

logger = logging.getLogger("reactor.runtime")


async def part(
    session: Session,
    reason: str,
    *,
    transports: Sequence[Transport],
    taps: Sequence[Tap],
    stage: Stage,
    hooks_wait: Callable[[], float],
    disconnected: asyncio.Future[None],
    counters: Counters,
    journal: Journal,
) -> None:
    """End `session`.

    Args:
        reason: for its clients.
        hooks_wait: how long the model's hooks may take, in seconds. It is asked for when they begin: a process that is
            told to end meanwhile gives them less. Those that take longer are interrupted.
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
    seconds = hooks_wait()
    try:
        async with asyncio.timeout(seconds):
            await hooks_done
    except TimeoutError:
        counters.add("sessions.slow_end")
        logger.warning(
            "the model has not run its hooks for the end of session %s within %g s; they still come first when its "
            "loop is free%s",
            session.id,
            seconds,
            f". What holds it up: {stage.holdup}" if stage.holdup else "",
        )
        stage.interrupt(session)
