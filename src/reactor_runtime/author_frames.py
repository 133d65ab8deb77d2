"""Which lines of a stack are the author's: neither this package's, nor Python's own, nor an installed library's."""

from __future__ import annotations

import asyncio
import sysconfig
import traceback
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_ASYNCIO = Path(asyncio.__file__).resolve().parent
_STDLIB = Path(sysconfig.get_path("stdlib")).resolve()
_INSTALLED = {"site-packages", "dist-packages"}


def author_frame(error: BaseException) -> traceback.FrameSummary | None:
    """The innermost line of the author's code that `error` passed; None where it passed none."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_authors(frame)]
    return frames[-1] if frames else None


def is_authors(frame: traceback.FrameSummary) -> bool:
    """Whether a line is the author's."""
    file = Path(frame.filename)
    if frame.filename.startswith("<") or _INSTALLED & set(file.parts):
        return False
    return not is_machinery(frame) and not file.is_relative_to(_STDLIB)


def is_machinery(frame: traceback.FrameSummary) -> bool:
    """Whether a line is of what runs the author's code: this package, asyncio, the import system."""
    if frame.filename.startswith("<frozen importlib"):
        return True
    file = Path(frame.filename)
    return file.is_relative_to(_PACKAGE) or file.is_relative_to(_ASYNCIO)
