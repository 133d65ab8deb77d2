"""How a command ends when it could not do what it was told: one line, and an exit status."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import NoReturn

import click

from ..engine.load_failure import author_place
from ..errors import ModelError

logger = logging.getLogger("reactor.process")

__all__ = ["FAILURE", "USAGE_ERROR", "author_place", "fail", "report_load", "tell"]

USAGE_ERROR = 2
"""The exit status when what was asked for is wrong."""
FAILURE = 1
"""The exit status when what was asked for failed."""


def fail(error: Exception, status: int, verbose: bool) -> NoReturn:
    """End with one line on stderr; with -v the traceback before it."""
    tell(error, verbose)
    sys.exit(status)


def tell(error: Exception, verbose: bool) -> None:
    """One line on stderr; with -v the traceback before it."""
    if verbose:
        traceback.print_exception(error)
    click.echo(f"reactor: {' '.join(str(error).split())}", err=True)


def report_load(error: ModelError, name: str) -> None:
    """Say why loading `name` failed: the author's lines in the log, then one line that has it all."""
    cause = error.__cause__ or error
    if not (isinstance(cause, SystemExit) and isinstance(cause.code, str)):
        logger.error("loading %s failed", name, exc_info=cause)
    click.echo(f"reactor: {error}", err=True)
