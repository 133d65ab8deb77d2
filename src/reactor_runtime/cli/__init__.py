"""The command `reactor`."""

from __future__ import annotations

import sys

__all__ = ["main"]

_INTERRUPTED = 130


def main() -> None:
    """Run it. What it needs is imported in here, so that a Ctrl-C meanwhile ends it without a traceback."""
    try:
        from .commands import main as command
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    command()
