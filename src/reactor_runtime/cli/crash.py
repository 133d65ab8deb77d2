"""What a crash of native code leaves behind: where each thread was."""

from __future__ import annotations

import faulthandler
import io
import sys


def tell_where_it_crashes() -> None:
    """From now on, a signal that ends the process because native code went wrong (a segmentation fault, an abort, a
    division by zero) writes the Python stack of each thread to stderr first: else nothing would say whose code it was.
    """
    try:
        faulthandler.enable(sys.stderr.fileno())
    except (AttributeError, io.UnsupportedOperation, ValueError):
        return  # no stderr, or none that native code can write to
