"""The task of the model's `run()`: started, ended, and reported when it ends by itself."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from ..counters import Counters
from ..errors import ModelError, ReactorError, ReloadError, error_name
from ..interface.model import ReactorModel
from .faults import Faults
from .host import ModelHost
from .offspring import Offspring
from .outbox import Outbox
from .scope import Scope

logger = logging.getLogger("reactor.model")

_KIND = "run()"
END_SECONDS = 5.0
"""How long `run()` may take to end once it is cancelled, before new code takes its place."""


class RunLoop:
    """At most one `run()` at a time. On the model's loop; make it where `run()` is to take its context from.

    Args:
        host: what the model is bound to.
        outbox: the way to the server's loop.
        counters, faults: count and keep failures.
        offspring: the tasks that `run()` makes; `end` ends them with it.
        on_crash: called on the server's loop when `run()` has ended, with the reason and the session it served.

    Attributes:
        failed_hook: the `@connected` hook that failed in this session, in words, for the error of the step that fails
            next; empty where none did.
    """

    def __init__(
        self,
        host: ModelHost,
        *,
        outbox: Outbox,
        counters: Counters,
        faults: Faults,
        offspring: Offspring,
        on_crash: Callable[[str, Scope | None], None],
    ) -> None:
        self._host = host
        self._outbox = outbox
        self._counters = counters
        self._faults = faults
        self._offspring = offspring
        self._on_crash = on_crash
        self._context = contextvars.copy_context()
        self._task: asyncio.Task[None] | None = None
        self.failed_hook = ""

    def start(self, model: ReactorModel) -> None:
        """Run the model's `run()`, if it has one and it does not run already."""
        if self._task is None or self._task.done():
            self._start(model)

    async def stop(self) -> None:
        """Cancel it, and wait for it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def end(self) -> None:
        """Cancel it, for another one to begin.

        Raises:
            ReloadError: it goes on all the same.
        """
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=END_SECONDS)
            if not self._task.done():
                raise ReloadError(f"run() has not ended within {END_SECONDS:g} s of being cancelled", restart=True)
        self._task = None  # it holds on to the frames it ended in, and so to the model
        await self._offspring.end(_KIND, END_SECONDS)
        self._host.run_over()

    def _start(self, model: ReactorModel) -> None:
        run = getattr(model, "run", None)
        if run is not None:
            # its own context: a restart comes from the dispatcher, and run() must not count as a handler
            self._task = asyncio.get_running_loop().create_task(
                self._supervise(model, run), name="run()", context=self._context.copy()
            )

    async def _supervise(self, model: ReactorModel, run: Callable[[], Awaitable[None]]) -> None:
        name = type(model).__name__
        self._host.step_begins()
        try:
            with self._offspring.within(_KIND):
                await run()
            if is_being_cancelled():  # and the author's code took it for a reason to return
                raise asyncio.CancelledError
        except BaseException as error:
            if cancelled_from_outside(error):
                raise
            hook = f" (after the @connected hook {self.failed_hook})" if self.failed_hook else ""
            logger.exception("run() of %s failed%s", name, hook)
            # the text of our own errors holds nothing of the author's; that of others may
            what = f"{error_name(error)}: {error}" if isinstance(error, ReactorError) else error_name(error)
            reason = f"the model's run() failed with {what}{hook}; the server's log has more"
            self._faults.add("run()", error)
        else:
            logger.error("run() of %s returned; it is to loop for as long as the server is up", name)
            reason = "the model's run() returned; it is to loop for as long as the server is up"
            self._faults.add("run()", ModelError(reason))
        self._counters.add("run.ended")
        served, current = self._host.run_over(), self._host.scope
        if served is None or not served.closed:
            served = current
        self._outbox.put(partial(self._on_crash, reason, served))
        if current is not None and current is not served:
            self._start(model)  # the session it failed for is over, and the next one has begun without it


def cancelled_from_outside(error: BaseException) -> bool:
    """Whether this task is being cancelled, rather than the author's code having met a cancelled task of its own."""
    return isinstance(error, asyncio.CancelledError) and is_being_cancelled()


def is_being_cancelled() -> bool:
    """Whether the running task is being cancelled, whatever the author's code made of that."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
