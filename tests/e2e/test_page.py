"""The server's own page, in a real browser, with the paint example behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.browser_tools import HARNESS, node, tool_environment
from tests.e2e.checks import run_checks
from tests.e2e.server import ROOT, serve


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_the_page_shows_a_model_and_drives_it(browser: Path) -> None:
    with serve(ROOT / "examples" / "paint") as server:
        driver: list[str | Path] = [node(), HARNESS / "studio_page.mjs", "--url", server.url, "--chromium", browser]
        checks = run_checks(driver, seconds=180, cwd=HARNESS, env=tool_environment())
    checks.assert_passed("plays", "drag_changes_the_picture", "no_errors_and_no_foreign_requests")


@pytest.mark.browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("example", "wanted"),
    [
        ("webcam", ["camera_reaches_the_model", "camera_stops"]),
        ("world", ["held_keys_move_the_camera_and_released_ones_do_not", "keys_typed_into_a_field_stay_there"]),
    ],
)
def test_the_page_sends_a_camera_and_held_keys(browser: Path, example: str, wanted: list[str]) -> None:
    with serve(ROOT / "examples" / example) as server:
        driver: list[str | Path] = [node(), HARNESS / "input_page.mjs", "--url", server.url, "--chromium", browser]
        checks = run_checks(driver, seconds=180, cwd=HARNESS, env=tool_environment())
    checks.assert_passed(*wanted, "reload_works", "no_errors_and_no_foreign_requests")
