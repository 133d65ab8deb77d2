"""Log lines on stderr: time, level, session, logger, text; or JSON (see `json_lines`)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

from .json_lines import JsonFormatter
from .redaction import redaction
from .tracebacks import trimmed

_FORMAT = "%(asctime)s.%(msecs)03d %(levelname)-7s %(session)s %(name)s: %(message)s"
_NO_SESSION = "-" * 8
CLEAR_LINE = "\r\x1b[K"
"""What takes a line that was left standing off a terminal."""


class SessionFilter(logging.Filter):
    """Puts the id of the running session on each record, and a short form of it."""

    def __init__(self) -> None:
        super().__init__()
        self.session_id: Callable[[], str | None] = lambda: None
        """Asked for the running session's id at each line, on whichever thread logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        session = self.session_id()
        record.session_id, record.session = session, (session or _NO_SESSION)[:8]
        return True


class LineHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to stderr, without secrets; on a terminal it first clears a line that a spinner left standing."""

    def format(self, record: logging.LogRecord) -> str:
        text = redaction.clean(super().format(record))  # what an exception says is no part of the record's message
        return CLEAR_LINE + text if self.stream.isatty() else text


session_filter = SessionFilter()
"""The process's one filter; the server tells it how to find the session."""


class AuthorFormatter(logging.Formatter):
    """Leaves this package's own lines out of the tracebacks of a model's errors."""

    def formatException(self, ei: Any) -> str:
        error = ei[1]
        return trimmed(error) if isinstance(error, BaseException) else super().formatException(ei)


def configure_logs(level: str, *, requests: bool, whole_tracebacks: bool, json: bool = False) -> None:
    """Send all logs of the process to stderr.

    Args:
        level: the least a line must be.
        requests: show each HTTP request too.
        whole_tracebacks: show this package's own lines in the tracebacks of a model's errors too.
        json: each line is a JSON object.
    """
    formatter = (logging.Formatter if whole_tracebacks else AuthorFormatter)(_FORMAT, "%H:%M:%S")
    handler: logging.StreamHandler = logging.StreamHandler(sys.stderr) if json else LineHandler(sys.stderr)  # type: ignore[type-arg]
    handler.setFormatter(JsonFormatter(formatter) if json else formatter)
    handler.addFilter(session_filter)
    handler.addFilter(redaction)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("uvicorn.error").setLevel(logging.DEBUG if requests else logging.WARNING)
    logging.getLogger("uvicorn.access").setLevel(logging.INFO if requests else logging.WARNING)
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    logging.getLogger("asyncio").setLevel(logging.INFO if requests else logging.WARNING)
