"""What a load that failed comes to: one line, for the terminal and for whoever waits for the model."""

from __future__ import annotations

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
        line = f"{_one_line(error.code)} ({model.__name__}.load() called sys.exit{where})"
    else:
        line = _one_line(f"{model.__name__}.load() failed with {error_name(error)}: {error}") + where
    failure = ModelError(line)
    failure.__cause__ = error
    return failure


def author_place(error: BaseException) -> str:
    """` at FILE:LINE`, the innermost line of the author's that `error` passed; empty where it passed none."""
    frame = author_frame(error)
    return f" at {frame.filename}:{frame.lineno}" if frame is not None else ""


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONG else f"{line[:_LONG]} …"
