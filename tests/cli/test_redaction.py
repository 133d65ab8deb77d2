"""Secrets stay out of the log."""

from __future__ import annotations

import logging

import pytest

from reactor_runtime.cli.redaction import Redaction, redaction
from reactor_runtime.server.access import Tokens

SECRET = "s3cr3t-of-the-server"
SIGNED, _ = Tokens(SECRET, lambda: 1.8e9).sign("view", 60)


@pytest.mark.parametrize(
    ("line", "arguments", "shown"),
    [
        ("GET %s failed", (f"/t/{SECRET}/session",), "GET /t/***/session failed"),
        ("%s", (f"the token {SECRET} twice: {SECRET}",), "the token *** twice: ***"),
        ("/t/another.token-of_somebody~/clips", (), "/t/***/clips"),
        ("GET /t/a%%2Fb/x", ("unused",)[:0], "GET /t/***/x"),
        ("/studio/trouble.js", (), "/studio/trouble.js"),
        ("50 %", (), "50 %"),
        ("GET /session?token=%s 401", (SIGNED,), "GET /session?token=*** 401"),
        ("GET /T/%s/session 401", (SIGNED,), "GET /T/***/session 401"),
        ("eyJ is no token, nor is eyJ.x", (), "eyJ is no token, nor is eyJ.x"),
    ],
)
def test_lines(line: str, arguments: tuple[str, ...], shown: str) -> None:
    redaction = Redaction()
    redaction.hide(SECRET)
    record = logging.LogRecord("reactor", logging.INFO, __file__, 1, line, arguments, None)
    assert redaction.filter(record)
    assert record.getMessage() == shown


def test_a_line_whose_arguments_do_not_fit_does_not_fail_the_one_who_logs(capsys: pytest.CaptureFixture[str]) -> None:
    handler = logging.StreamHandler()
    handler.addFilter(redaction)
    handler.handle(logging.LogRecord("mine", logging.INFO, __file__, 1, "%d frames", ("x",), None))
    assert "Logging error" in capsys.readouterr().err
