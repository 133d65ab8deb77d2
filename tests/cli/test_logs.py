"""Log lines as JSON: one object a line, whatever is in it."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from reactor_runtime.cli.json_lines import JsonFormatter
from reactor_runtime.cli.logs import configure_logs, session_filter
from reactor_runtime.cli.redaction import redaction


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("uvicorn.error", "uvicorn.access", "asyncio")}
    configure_logs("info", requests=False, whole_tracebacks=False, json=True)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_an_object(written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    logging.getLogger("reactor.test").info("a %s\nof two lines", "text")
    monkeypatch.setattr(session_filter, "session_id", lambda: "6bfa7221-2519-41cb-8826-cfe6f7ccd932")
    logging.getLogger("reactor.test").warning("in a session")
    logging.getLogger("reactor.test").debug("not shown")
    first, second = lines(written)
    assert (first["level"], first["logger"], first["message"]) == ("info", "reactor.test", "a text\nof two lines")
    assert set(first) == {"time", "level", "logger", "message"}
    assert first["time"].endswith("Z") and datetime.fromisoformat(first["time"]).tzinfo is not None
    assert (second["level"], second["session"]) == ("warning", "6bfa7221-2519-41cb-8826-cfe6f7ccd932")


def test_an_exception_is_part_of_its_line(written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_secrets", ["sesame"])
    try:
        raise ValueError("open sesame")
    except ValueError:
        logging.getLogger("reactor.test").exception("it failed")
    (line,) = lines(written)
    assert line["message"] == "it failed"
    assert line["exception"].startswith("Traceback (most recent call last)")
    assert line["exception"].endswith("ValueError: open ***")
    assert "test_logs.py" in line["exception"]


def test_what_an_exception_says_is_cleaned_in_a_log_of_text_too(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redaction, "_secrets", ["sesame"])
    monkeypatch.setattr(sys, "stderr", written)
    configure_logs("info", requests=False, whole_tracebacks=True)
    try:
        raise ValueError("open sesame at /t/another-one/session")
    except ValueError:
        logging.getLogger("reactor.test").exception("it failed")
    assert written.getvalue().endswith("ValueError: open *** at /t/***/session\n")


@pytest.mark.parametrize(
    "text",
    ["\udc80", "\x00\x1b[2J", '"}\n{"level": "x"', "Grüße ☃"],
    ids=["half a surrogate", "control characters", "JSON", "umlauts"],
)
def test_no_text_breaks_a_line(text: str) -> None:
    record = logging.LogRecord("reactor.test", logging.INFO, __file__, 1, "%s", (text,), None)
    line = JsonFormatter(logging.Formatter()).format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == text.encode("utf-8", "replace").decode()
