"""The process, started from scratch: what `reactor run --reload` does where new code is not enough."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from .signals import flush


def start_anew(url: str, warning: str = "") -> NoReturn:
    """Put a process that is started alike in the place of this one, whatever its threads are doing.

    Args:
        url: where it listens; the new one takes the same port.
        warning: the last line of the log.
    """
    flush(warning)
    arguments = sys.orig_argv[1:]
    at = arguments.index("--") if "--" in arguments else len(arguments)
    added = ["--anew", "--port", url.rpartition(":")[2]]
    if arguments[at - len(added) : at] != added:
        arguments[at:at] = added
    os.execv(sys.executable, [sys.executable, *arguments])
