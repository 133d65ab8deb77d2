"""How a command ends when it could not do what it was told: one line, and an exit status."""

from __future__ import annotations

import sys
import traceback
from typing import NoReturn

import click

USAGE_ERROR = 2
"""The exit status when what was asked for is wrong."""
FAILURE = 1
"""The exit status when what was asked for failed."""


def fail(error: Exception, status: int, verbose: bool) -> NoReturn:
    """One line on stderr; with -v the traceback before it."""
    if verbose:
        traceback.print_exception(error)
    click.echo(f"reactor: {' '.join(str(error).split())}", err=True)
    sys.exit(status)
