"""Tracebacks as an author wants them: their own lines, and those of the libraries they call."""

from __future__ import annotations

import asyncio
import sysconfig
import traceback
from pathlib import Path

from ..errors import ReactorError

_PACKAGE = Path(__file__).resolve().parents[1]
_ASYNCIO = Path(asyncio.__file__).resolve().parent
_STDLIB = Path(sysconfig.get_path("stdlib")).resolve()
_INSTALLED = {"site-packages", "dist-packages"}


def trimmed(error: BaseException) -> str:
    """The traceback of `error` without the lines of this package and of asyncio, its causes likewise. One that never
    was in an author's code is whole: it tells of this package."""
    told = traceback.TracebackException.from_exception(error)
    _trim(told)
    return "".join(told.format()).rstrip("\n")


def _trim(told: traceback.TracebackException) -> None:
    if any(_is_authors(frame) for frame in told.stack):
        # In place: a summary made anew would not know the columns.
        told.stack[:] = [frame for frame in told.stack if not _is_machinery(frame)]
    elif told.exc_type is not None and issubclass(told.exc_type, ReactorError):
        told.stack[:] = []  # it tells the author all there is to say, and where
    for other in (told.__cause__, told.__context__, *(getattr(told, "exceptions", None) or ())):
        if other is not None:
            _trim(other)


def author_frame(error: BaseException) -> traceback.FrameSummary | None:
    """The innermost line of the author's code that `error` passed; None where it passed none."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_authors(frame)]
    return frames[-1] if frames else None


def _is_machinery(frame: traceback.FrameSummary) -> bool:
    if frame.filename.startswith("<frozen importlib"):
        return True
    file = Path(frame.filename)
    return file.is_relative_to(_PACKAGE) or file.is_relative_to(_ASYNCIO)


def _is_authors(frame: traceback.FrameSummary) -> bool:
    file = Path(frame.filename)
    if frame.filename.startswith("<") or _INSTALLED & set(file.parts):
        return False
    return not _is_machinery(frame) and not file.is_relative_to(_STDLIB)
