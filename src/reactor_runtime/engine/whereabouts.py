"""At which line of the author's a thread is, or a coroutine that waits. From any thread; what it looks at goes on."""

from __future__ import annotations

import linecache
import sys
import traceback
from collections.abc import Coroutine
from types import FrameType
from typing import Any

from ..author_frames import is_authors, is_machinery

_DEEP = 100
"""Of a coroutine that waits for one that waits, and so on, so many are looked at."""


def line_of_thread(thread: int | None, *, any_line: bool = False) -> str | None:
    """The innermost line of the author's that a thread is at; None where there is none, as where it is idle.

    Args:
        thread: its identity; None is no thread.
        any_line: where there is none of the author's, whatever line it is at.
    """
    frame = sys._current_frames().get(thread) if thread is not None else None
    if frame is None:
        return None
    stack = traceback.extract_stack(frame)
    return _innermost(stack) or (_told(stack[-1]) if any_line else None)


def stack_of_thread(thread: int | None) -> str:
    """The author's outermost line that a thread is in, and what it called from there on, down to what does not come
    back: a line of text for each, and one with its code; empty where there is none.

    Args:
        thread: as in `line_of_thread`.
    """
    frame = sys._current_frames().get(thread) if thread is not None else None
    stack = [] if frame is None else list(traceback.extract_stack(frame))
    first = next((place for place, entry in enumerate(stack) if is_authors(entry)), len(stack))
    return "".join(traceback.format_list([entry for entry in stack[first:] if not is_machinery(entry)])).rstrip("\n")


def line_of_coroutine(coroutine: Coroutine[Any, Any, Any] | None) -> str:
    """The innermost line of the author's that a suspended coroutine waits at."""
    stack: list[traceback.FrameSummary] = []
    waiting: Any = coroutine
    while waiting is not None and len(stack) < _DEEP:
        frame: FrameType | None = getattr(waiting, "cr_frame", None) or getattr(waiting, "gi_frame", None)
        if frame is not None:
            stack.append(_summary(frame))
        waiting = getattr(waiting, "cr_await", None) or getattr(waiting, "gi_yieldfrom", None)
    return _innermost(stack) or "an unknown line"


def _innermost(stack: list[traceback.FrameSummary] | traceback.StackSummary) -> str | None:
    mine = [entry for entry in stack if is_authors(entry)]
    return _told(mine[-1]) if mine else None


def _told(entry: traceback.FrameSummary) -> str:
    return f"{entry.filename}:{entry.lineno} in {entry.name}: {entry.line}"


def _summary(frame: FrameType) -> traceback.FrameSummary:
    code, line = frame.f_code, frame.f_lineno
    linecache.checkcache(code.co_filename)
    return traceback.FrameSummary(code.co_filename, line, code.co_name)
