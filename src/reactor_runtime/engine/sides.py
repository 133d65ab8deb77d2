"""On whose behalf code on the model's loop runs: the author's `run()`, or a handler.

Tasks inherit the side of what created them, so a helper task of `run()` counts as `run()`.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any

_handler: ContextVar[bool] = ContextVar("reactor_handler_side", default=False)
_dispatcher: ContextVar[asyncio.Task[Any] | None] = ContextVar("reactor_dispatcher", default=None)


def enter_dispatcher() -> None:
    """From here on, this task and what it creates is the handler side."""
    _handler.set(True)
    _dispatcher.set(asyncio.current_task())


def on_run_side() -> bool:
    """Whether this is `run()`, or a task that it made."""
    return not _handler.get()


def in_dispatcher() -> bool:
    """Whether this is a handler or hook itself, which the dispatcher waits for."""
    task = _dispatcher.get()
    return task is not None and task is asyncio.current_task()
