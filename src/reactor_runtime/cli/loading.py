"""A model is loaded, and whoever watches the terminal knows how far it is, and what has come of it."""

from __future__ import annotations

import asyncio
import logging

from ..checks.advice import advice
from ..engine.runtime import Runtime
from ..errors import ModelError
from .failures import report_load, tell
from .mending import StandIn
from .progress import show_progress

logger = logging.getLogger("reactor.process")


async def load_model(runtime: Runtime, page: str, *, verbose: bool) -> bool:
    """Load the model of `runtime`; returns whether it has loaded.

    Args:
        page: where the model can be seen then.
        verbose: show the traceback of an import that failed.
    """
    started = runtime.clock.now()
    try:
        await _load(runtime)
    except ModelError as error:
        if issubclass(runtime.model, StandIn):
            tell(runtime.model.failure, verbose)
        else:
            report_load(error, runtime.name)
        return False
    if problem := advice(runtime.model, runtime.tracks):
        logger.warning("%s", problem)
    logger.info("%s is ready: open %s (loaded in %.1f s)", runtime.name, page, runtime.clock.now() - started)
    return True


async def _load(runtime: Runtime) -> None:
    runtime.start()
    if not issubclass(runtime.model, StandIn):  # which fails at once
        logger.info("loading %s", runtime.name)
    progress = asyncio.create_task(show_progress(runtime.name, runtime.clock), name="progress")
    try:
        await runtime.loaded()
    finally:
        progress.cancel()
        await asyncio.gather(progress, return_exceptions=True)
