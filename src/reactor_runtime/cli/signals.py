"""How the process is told to stop, and that it does: signals, and a deadline that nothing can hold up."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

logger = logging.getLogger("reactor.process")

INTERRUPTED = 0
"""The exit status after Ctrl-C: stopping is what was asked for."""
INTERRUPT_GRACE = 1.5
"""How long a stop by Ctrl-C may take, in seconds."""
_INSISTED = 130
_FLUSH_SECONDS = 0.3


def exit_now(status: int, warning: str = "") -> NoReturn:
    """End the process as it is, whatever its threads are doing. Logs and output are flushed, for a moment at most:
    nobody may be reading them, and another thread may hold their locks.

    Args:
        status: the exit status.
        warning: the last line of the log.
    """
    flush(warning)
    os._exit(status)


def flush(warning: str = "") -> None:
    """Flush logs and output, after `warning` as the last line of the log; for a moment at most."""
    flushing = threading.Thread(target=_flush, args=(warning,), daemon=True)
    flushing.start()
    flushing.join(_FLUSH_SECONDS)


def _flush(warning: str) -> None:
    if warning:
        logger.warning("%s", warning)
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # nobody reads it any more
            continue


class Deadline:
    """Ends the process with `status` unless it has ended within `seconds`. It needs no event loop.

    Args:
        then: how to end it instead; takes the last line of the log.
        stuck: asked, when it has not ended, what it waits for; on a thread of its own.
    """

    def __init__(
        self,
        seconds: float,
        status: int,
        then: Callable[[str], NoReturn] | None = None,
        stuck: Callable[[], str] = str,
    ) -> None:
        timer = threading.Timer(seconds, expire, (seconds, status, then, stuck))
        timer.daemon = True
        timer.start()


def expire(
    seconds: float,
    status: int,
    then: Callable[[str], NoReturn] | None = None,
    stuck: Callable[[], str] = str,
) -> NoReturn:
    """Nothing more is waited for."""
    try:
        what = stuck()
    except Exception as error:  # whatever it is: the process ends
        what = f"what it was cannot be told ({error!r})"
    late = f"not everything stopped within {seconds:g} s; ending without it"
    late = f"{late}. It was at: {what}" if what else f"{late} (a model in a long step?)"
    if then is not None:
        then(late)
    exit_now(status, late)


class StopSignals:
    """Takes SIGINT and SIGTERM over from Python for the rest of the process's life.

    Before `attach`, a signal ends the process by exception, so that a long import can be interrupted; where a model's
    module swallows that, `attach` raises it again. After it, the first sets `stopping`, and starts a deadline; a second
    Ctrl-C ends the process at once.

    What the signal handler does takes no lock, since the thread it interrupts may hold any: it writes one byte for a
    thread of its own, which keeps the deadline whatever the main thread is doing.

    Args:
        term_grace: how long a stop by SIGTERM may take, in seconds.

    Attributes:
        interrupted: whether a Ctrl-C asked for the stop.
        stuck: asked what the process still waits for, where it has not ended in time.
    """

    def __init__(self, term_grace: float) -> None:
        self.grace = term_grace
        """How long the stop that was asked for may take, in seconds."""
        self.interrupted = False
        self.stuck: Callable[[], str] = str
        self._missed = False
        self._term_grace = term_grace
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._reader, self._writer = os.pipe()
        threading.Thread(target=self._keep_deadlines, name="stop signals", daemon=True).start()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def attach(self, stopping: asyncio.Event) -> None:
        """From now on, set `stopping` on the running loop.

        Raises:
            KeyboardInterrupt: a signal came before.
        """
        if self._missed:
            raise KeyboardInterrupt
        self._stopping = stopping
        self._loop = asyncio.get_running_loop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._loop is None or self._stopping is None:
            self._missed = True
            raise KeyboardInterrupt
        if number == signal.SIGINT:
            self.interrupted = True
            self.grace = min(self.grace, INTERRUPT_GRACE)
        os.write(self._writer, bytes([number]))
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)

    def _keep_deadlines(self) -> None:
        interrupts = 0
        while True:
            number = os.read(self._reader, 1)[0]
            if number == signal.SIGINT:
                interrupts += 1
                if interrupts > 1:
                    exit_now(_INSISTED)
                Deadline(min(INTERRUPT_GRACE, self._term_grace), INTERRUPTED, stuck=self._stuck)
            else:
                Deadline(self._term_grace, INTERRUPTED, stuck=self._stuck)

    def _stuck(self) -> str:
        return self.stuck()
