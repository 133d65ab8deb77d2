"""The command `reactor`, and the check that must come before the package it is made of.

Models import `reactor_runtime`. The command does not start there: where another distribution has put a package of that
name into its place, only code outside of it can say so.
"""

from __future__ import annotations

import sys

__all__ = ["main"]

_USAGE_ERROR = 2
_INTERRUPTED = 130


def main() -> None:
    """Run `reactor`. What it needs is imported in here, so that a Ctrl-C meanwhile ends it without a traceback.

    It exits with 2, and one line on stderr, where the `reactor_runtime` that Python finds is not this distribution's.
    """
    try:
        from .clash import name_clash

        problem = name_clash()
        if problem is not None:
            sys.stderr.write(f"reactor: {problem}\n")
            sys.exit(_USAGE_ERROR)
        from reactor_runtime.cli import main as command
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    command()
