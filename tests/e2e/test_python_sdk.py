"""The official Python client against the real server."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.e2e.checks import run_checks
from tests.e2e.server import Server

HERE = Path(__file__).parent


@pytest.mark.timeout(240)
def test_the_official_python_client_finds_all_it_needs(bars: Server) -> None:
    # A low rate passes: what is asked here is that pictures flow, whatever else the machine does.
    client: list[str | Path] = [sys.executable, HERE / "py_client.py", "--url", bars.url, "--no-stepped"]
    checks = run_checks([*client, "--seconds", "4", "--min-fps", "10"], seconds=180, cwd=HERE)
    checks.assert_passed(
        "hello_message_on_connect", "request_clip", "download_clip", "request_recording", "request_clip_bad_duration"
    )
