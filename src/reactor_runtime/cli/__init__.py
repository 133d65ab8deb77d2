"""The command `reactor`."""

from __future__ import annotations

import os
import sys

__all__ = ["main"]

_INTERRUPTED = 130
_SPINNING = {
    # The threads of numpy's linear algebra look for 2^20 ticks of the clock after each call, about 0.4 ms. For 2^26, as
    # they come, one product of matrices a frame keeps a core busy that a picture could be encoded on.
    "OPENBLAS_THREAD_TIMEOUT": "20",
    # Those of OpenCV sleep at once. As they come, each conversion of a picture costs 0.8 ms of looking for the next.
    "OPENCV_THREAD_POOL_ACTIVE_WAIT_WORKER": "0",
}
"""For how long threads of libraries look for more work before they sleep, unless the user says otherwise."""


def main() -> None:
    """Run it. What it needs is imported in here, so that a Ctrl-C meanwhile ends it without a traceback."""
    for name, value in _SPINNING.items():
        os.environ.setdefault(name, value)  # read when the library is loaded
    try:
        from .commands import main as command
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    command()
