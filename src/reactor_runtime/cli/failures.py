"""How a command ends when it could not do what it was told: one line, and an exit status."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import NoReturn

import click

from ..author_frames import author_frame
from ..errors import ModelError

logger = logging.getLogger("reactor.process")

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


def report_load(error: ModelError, name: str, model: type) -> None:
    """Say why loading `name` failed: the author's lines in the log, then one line that has it all."""
    cause = error.__cause__ or error
    text, where = str(error), author_place(cause)
    if isinstance(cause, SystemExit) and isinstance(cause.code, str):
        text, where = cause.code, f" ({model.__name__}.load() called sys.exit{where})"
    else:
        logger.error("loading %s failed", name, exc_info=cause)
    click.echo(f"reactor: {' '.join(text.split())}{where}", err=True)


def author_place(error: BaseException) -> str:
    """` at FILE:LINE`, the innermost line of the author's that `error` passed; empty where it passed none."""
    frame = author_frame(error)
    return f" at {frame.filename}:{frame.lineno}" if frame is not None else ""
