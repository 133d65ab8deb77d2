"""Shows that the model is loading: a spinner on a terminal, a log line now and then elsewhere."""

from __future__ import annotations

import asyncio
import itertools
import logging
import sys

from ..clock import Clock
from .logs import CLEAR_LINE

logger = logging.getLogger("reactor.load")

_LINE_SECONDS = 2.0
_SPINNER_SECONDS = 0.1
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


async def show_progress(name: str, clock: Clock) -> None:
    """Until cancelled, say how long `name` has been loading."""
    started = clock.now()
    if sys.stderr.isatty():
        await _spin(name, clock, started)
    for tick in itertools.count(1):
        await asyncio.sleep(started + tick * _LINE_SECONDS - clock.now())
        logger.info("loading %s: %.0f s", name, clock.now() - started)


async def _spin(name: str, clock: Clock, started: float) -> None:
    try:
        for sign in itertools.cycle(_SPINNER):
            sys.stderr.write(f"{CLEAR_LINE}{sign} loading {name}: {clock.now() - started:.0f} s")
            sys.stderr.flush()
            await asyncio.sleep(_SPINNER_SECONDS)
    finally:
        sys.stderr.write(CLEAR_LINE)
        sys.stderr.flush()
