"""What an error of the author's comes to in one line: that of a load, for the terminal and for whoever waits for it."""

from __future__ import annotations

from pathlib import Path

from ..author_frames import author_frame
from ..errors import ModelError, error_name

_LONG = 2_000
"""An error that lists the layers of a network is far longer; its traceback has it all."""


def load_failure(model: type, error: BaseException) -> ModelError:
    """The error of a load in which `error` was raised: what it was, and where. It has `error` as its cause."""
    if isinstance(error, ModelError):  # it says all there is to say
        return error
    where = author_place(error)
    if isinstance(error, SystemExit) and isinstance(error.code, str):
        line = f"{one_line(error.code)} ({model.__name__}.load() called sys.exit{where})"
    else:
        line = f"{model.__name__}.load() failed with {in_words(error)}{where}"
    failure = ModelError(line)
    failure.__cause__ = error
    return failure


def author_place(error: BaseException, *, folder: bool = True) -> str:
    """` at FILE:LINE`, the innermost line of the author's that `error` passed; empty where it passed none.

    Args:
        folder: with the file's folder.
    """
    frame = author_frame(error)
    if frame is None:
        return ""
    return f" at {frame.filename if folder else Path(frame.filename).name}:{frame.lineno}"


def in_words(error: BaseException) -> str:
    """The error's class and its text."""
    text = one_line(str(error))
    return f"{error_name(error)}: {text}" if text else error_name(error)


def one_line(text: str) -> str:
    """`text` in one line that is not too long to be read."""
    line = " ".join(text.split())
    return line if len(line) <= _LONG else f"{line[:_LONG]} …"
