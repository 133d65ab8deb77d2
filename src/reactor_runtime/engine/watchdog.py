"""Watches over silence: clients that say nothing, and a model's loop that lets no command through."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ..clock import Clock
from ..counters import Counters
from .dispatcher import Dispatcher
from .whereabouts import line_of_coroutine, line_of_thread, stack_of_thread

logger = logging.getLogger("reactor.watchdog")


class Silence:
    """Calls `gone` when nothing was heard for `limit` seconds. On the server's loop; `heard` from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock, limit: float, gone: Callable[[], None]) -> None:
        self._loop = loop
        self._clock = clock
        self._limit = limit
        self._gone = gone
        self._last = clock.now()
        self._timer = loop.call_later(limit, self._look)

    def heard(self) -> None:
        self._last = self._clock.now()

    def stop(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        left = self._last + self._limit - self._clock.now()
        if left <= 0:
            self._gone()
        else:
            self._timer = self._loop.call_later(left, self._look)


class Starvation:
    """Reports, once per session, that commands wait for the model's loop for too long, and the stack that holds it.

    Args:
        loop: the server's loop.
        limit: seconds.
        dispatcher: whose items wait.
        model_thread: the identity of the model's thread, None where it has none of its own.
        counters: counts the reports.
        told: called with each, in words.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        limit: float,
        dispatcher: Dispatcher,
        model_thread: int | None,
        counters: Counters,
        told: Callable[[str], None] = lambda what: None,
    ) -> None:
        self._told = told
        self._loop = loop
        self._clock = clock
        self._limit = limit
        self._dispatcher = dispatcher
        self._model_thread = model_thread
        self._counters = counters
        self._timer: asyncio.TimerHandle | None = None
        self._reported = False

    def session_began(self) -> None:
        """Report again."""
        self._reported = False

    def submitted(self) -> None:
        """Something was queued for the model's loop."""
        if self._timer is None and not self._reported:
            self._timer = self._loop.call_later(self._limit, self._look)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        since = self._dispatcher.waiting_since()
        if since is None or self._reported:
            return
        left = since + self._limit - self._clock.now()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
            return
        self._reported = True
        self._counters.add("model.starved_commands")
        item = self._dispatcher.busy_with()
        if item is not None:
            line = line_of_coroutine(self._dispatcher.suspended)
            logger.warning(
                "%s has not finished for over %g s; what came after it waits. It is at %s",
                item.label,
                self._limit,
                line,
            )
            self._told(f"{item.label} has not finished; it is at {line}")
        else:
            line = line_of_thread(self._model_thread, any_line=True) or "an unknown line"
            stack = stack_of_thread(self._model_thread)
            logger.warning(
                "commands have waited for over %g s: the model's loop is held at %s. Give it an await point "
                "(emit() is one), or move the work to a thread%s",
                self._limit,
                line,
                f". Its stack, innermost last:\n{stack}" if stack else "",
            )
            self._told(f"the model's loop is held at {line}")
