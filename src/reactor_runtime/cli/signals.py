"""How the process is told to stop, and that it does: signals, and a deadline that nothing can hold up."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from types import FrameType
from typing import NoReturn

logger = logging.getLogger("reactor.process")

INTERRUPTED = 0
"""The exit status after Ctrl-C: stopping is what was asked for."""
INTERRUPT_GRACE = 1.5
"""How long a stop by Ctrl-C may take, in seconds."""
_INSISTED = 130


def exit_now(status: int) -> NoReturn:
    """End the process as it is, whatever its threads are doing; logs and output are flushed."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # nobody reads it any more
            continue
    os._exit(status)


class Deadline:
    """Ends the process with `status` unless it has ended within `seconds`. Its thread needs no event loop."""

    def __init__(self, seconds: float, status: int) -> None:
        self._seconds = seconds
        self._status = status
        timer = threading.Timer(seconds, self._over)
        timer.daemon = True
        timer.start()

    def _over(self) -> None:
        logger.warning("not everything stopped within %g s (a model in a long step?); ending without it", self._seconds)
        exit_now(self._status)


class StopSignals:
    """Takes SIGINT and SIGTERM over from Python for the rest of the process's life.

    Before `attach`, a signal ends the process by exception, so that a long import can be interrupted. After it, the
    first sets `stopping`; a second Ctrl-C ends the process at once.

    Args:
        term_grace: how long a stop by SIGTERM may take, in seconds.
    """

    def __init__(self, term_grace: float) -> None:
        self._term_grace = term_grace
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self.grace = term_grace
        """How long the stop that was asked for may take, in seconds."""
        self._signals = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def attach(self, stopping: asyncio.Event) -> None:
        """From now on, set `stopping` on the running loop."""
        self._stopping = stopping
        self._loop = asyncio.get_running_loop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._loop is None or self._stopping is None:
            raise KeyboardInterrupt
        if number == signal.SIGINT:
            self._signals += 1
            if self._signals > 1:
                exit_now(_INSISTED)
            self.grace = min(self.grace, INTERRUPT_GRACE)
        Deadline(INTERRUPT_GRACE if number == signal.SIGINT else self._term_grace, INTERRUPTED)
        self._loop.call_soon_threadsafe(self._stopping.set)
