"""Log lines as JSON objects, one a line, for what collects them."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import msgspec

from .redaction import redaction


class JsonFormatter(logging.Formatter):
    """Writes `time` (RFC 3339, in UTC), `level`, `logger`, `message`, and where there is one `session`, its id, and
    `exception`, the traceback.

    Args:
        tracebacks: writes these.
    """

    def __init__(self, tracebacks: logging.Formatter) -> None:
        super().__init__()
        self._tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if session := getattr(record, "session_id", None):
            line["session"] = session
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = redaction.clean(self._tracebacks.formatException(record.exc_info))
        # What is no text in UTF-8, as half a surrogate pair in a file's name, must not end the line.
        told = {key: value.encode("utf-8", "replace").decode() for key, value in line.items()}
        return msgspec.json.encode(told).decode()
