"""The end of a serving process: clients are told, hooks run, recordings are written, all before a deadline."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn, Protocol

from ..engine.runtime import Runtime
from ..engine.state import State
from ..transport.webrtc import Peers
from .recordings import Recordings
from .signals import INTERRUPT_GRACE, INTERRUPTED, Deadline

FAILED = 1
_REASON = "server is shutting down"
_LOADING_GRACE = 0.2
"""How long a stop waits for `load()`: it has nothing to tidy up, and cannot be told to hurry."""
_AFTER_HOOKS = 1.0
"""Seconds of the grace that are kept for what comes after the model's hooks."""


class HttpServer(Protocol):
    """The HTTP server, as far as its end goes."""

    should_exit: bool


class Ending:
    """What is waited for at the end, for the log of one that takes too long.

    Args:
        runtime: whose model may hold it up.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._waiting: list[str] = []

    @contextmanager
    def waiting_for(self, what: str) -> Iterator[None]:
        """`what` is waited for meanwhile."""
        with self._lock:
            self._waiting.append(what)
        try:
            yield
        finally:
            with self._lock:
                self._waiting.remove(what)

    def stuck(self) -> str:
        """What is waited for now, and the line of the model's that holds it up. From any thread."""
        with self._lock:
            waiting = ", ".join(self._waiting)
        return "; ".join(part for part in (waiting, self._runtime.holdup) if part)

    async def run(
        self,
        peers: Peers,
        recordings: Recordings,
        server: HttpServer,
        serving: asyncio.Task[None],
        grace: float,
        anew: Callable[[str], NoReturn] | None,
    ) -> bool:
        """Tell the clients, then close everything, within the grace of the signal that asked for it, or by `anew`
        after it; returns whether the model's thread has ended."""
        runtime = self._runtime
        grace = grace if anew is None else min(grace, INTERRUPT_GRACE)
        status = FAILED if runtime.fatal.done() or not runtime.healthy else INTERRUPTED
        Deadline(grace, status, anew, self.stuck)
        peers.expect_end()
        # The recordings end now, whatever the model's hooks do meanwhile.
        stopped, _ = await asyncio.gather(self._model(grace), self._recordings(recordings))
        with self.waiting_for("connections that close"):
            await peers.close()
        server.should_exit = True
        with self.waiting_for("requests under way"):
            await asyncio.gather(serving, return_exceptions=True)
        return stopped

    async def _model(self, grace: float) -> bool:
        loading = self._runtime.state is State.LOADING
        hooks = max(grace - _AFTER_HOOKS, grace / 2)
        thread = _LOADING_GRACE if loading else (grace - hooks) / 4
        with self.waiting_for("load()" if loading else "the model's hooks and run()"):
            return await self._runtime.close(_REASON, timeout=thread, hooks=hooks)

    async def _recordings(self, recordings: Recordings) -> None:
        with self.waiting_for("recordings that are written"):
            await recordings.close()
