"""Futures that several may finish."""

from __future__ import annotations

import asyncio


def finish(future: asyncio.Future[None]) -> None:
    """Let whoever waits for `future` go on, unless it is done or cancelled already. On its own loop."""
    if not future.done():
        future.set_result(None)
