"""`reactor run --open`: the page in a browser."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import threading
import webbrowser
from functools import partial

logger = logging.getLogger("reactor.process")

_PATIENCE = 10.0


async def open_page(url: str, patience: float = _PATIENCE) -> None:
    """Open `url` in the browser of whoever started this; where that is not to be had, the log says so.

    Args:
        url: the page.
        patience: how long the browser may take to say that it is open, in seconds.
    """
    loop = asyncio.get_running_loop()
    told: asyncio.Future[str] = loop.create_future()

    def tell(problem: str) -> None:
        if not told.done():
            told.set_result(problem)

    def work() -> None:
        problem = _open(url)
        with contextlib.suppress(RuntimeError):  # the server has ended meanwhile
            loop.call_soon_threadsafe(partial(tell, problem))

    # A thread of its own: one of a pool would have to come to its end before the process may.
    threading.Thread(target=work, name="open the browser", daemon=True).start()
    try:
        async with asyncio.timeout(patience):
            problem = await told
    except TimeoutError:
        problem = f"the browser has not said within {patience:g} s that it is open"
    if problem:
        logger.warning("--open: %s; the page is at %s", problem, url)


def _open(url: str) -> str:
    """Open it; returns what is wrong, or nothing."""
    try:
        browser = webbrowser.get()
        if _in_the_terminal(browser):
            return "there is no browser here that has a window of its own"
        return "" if browser.open(url) else "the browser could not be started"
    except Exception as error:  # what the environment names as a browser may be anything
        return f"no browser can be opened: {error}"


def _in_the_terminal(browser: webbrowser.BaseBrowser) -> bool:
    """Whether it would take this terminal over, as lynx does; not where the environment names it."""
    if os.environ.get("BROWSER"):
        return False
    if os.name == "posix" and sys.platform != "darwin" and not _has_display():
        return True
    return type(browser) is webbrowser.GenericBrowser


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
