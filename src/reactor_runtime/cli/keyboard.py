"""What is typed at the terminal while the server runs."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable


def on_lines(take: Callable[[str], None]) -> None:
    """Call `take` on this loop with each line typed, where somebody can type."""
    stream = sys.stdin
    if stream is None or stream.closed:
        return
    if stream.isatty() and not _in_foreground(stream.fileno()):
        return  # where reading would stop the process
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in stream:
            if loop.is_closed():
                return
            loop.call_soon_threadsafe(take, line)

    threading.Thread(target=read, name="keyboard", daemon=True).start()


def _in_foreground(terminal: int) -> bool:
    try:
        return os.name != "posix" or os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:  # it is not the terminal that controls this process
        return False
