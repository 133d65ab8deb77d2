"""Tracebacks as an author wants them: their own lines, and those of the libraries they call."""

from __future__ import annotations

import traceback

from ..author_frames import is_authors, is_machinery
from ..errors import ReactorError


def trimmed(error: BaseException) -> str:
    """The traceback of `error` without the lines of this package and of asyncio, its causes likewise. One that never
    was in an author's code is whole: it tells of this package."""
    told = traceback.TracebackException.from_exception(error)
    _trim(told)
    return "".join(told.format()).rstrip("\n")


def _trim(told: traceback.TracebackException) -> None:
    if any(is_authors(frame) for frame in told.stack):
        # In place: a summary made anew would not know the columns.
        told.stack[:] = [frame for frame in told.stack if not is_machinery(frame)]
    elif told.exc_type is not None and issubclass(told.exc_type, ReactorError):
        told.stack[:] = []  # it tells the author all there is to say, and where
    for other in (told.__cause__, told.__context__, *(getattr(told, "exceptions", None) or ())):
        if other is not None:
            _trim(other)
