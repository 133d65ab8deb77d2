"""The official JavaScript client, in a real browser, against the real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.browser_tools import HARNESS, node, tool_environment
from tests.e2e.checks import run_checks
from tests.e2e.server import Server


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_the_official_javascript_client_finds_all_it_needs(browser: Path, bars: Server) -> None:
    # A low rate passes: what is asked here is that pictures flow, whatever else the machine does.
    client: list[str | Path] = [node(), HARNESS / "run.mjs", "--url", bars.url, "--chromium", browser]
    checks = run_checks(
        [*client, "--seconds", "4", "--min-fps", "10"], seconds=180, cwd=HARNESS, env=tool_environment()
    )
    checks.assert_passed(
        "hello_message_on_connect", "request_clip", "download_clip", "clip_playable_in_browser", "request_recording"
    )
