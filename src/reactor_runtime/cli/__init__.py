"""The command `reactor`."""

from __future__ import annotations

import os
import sys

__all__ = ["main"]

_INTERRUPTED = 130
_SPIN = "20"
"""For how long the threads of numpy's linear algebra look for more work after each call: 2^20 ticks of the clock, about
0.4 ms. At 2^26, as they come, one product of matrices a frame keeps a core busy that a picture could be encoded on."""


def main() -> None:
    """Run it. What it needs is imported in here, so that a Ctrl-C meanwhile ends it without a traceback."""
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", _SPIN)  # read when numpy is loaded
    try:
        from .commands import main as command
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    command()
