"""What anyone may expect of a page, held against the studio in a real browser: access, size, stillness."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.browser_tools import HARNESS, node, tool_environment
from tests.e2e.checks import run_checks
from tests.e2e.server import ROOT, serve
from tests.e2e.test_access import view_link


@pytest.mark.browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize("example", ["paint", "webcam", "duet", "synth"])
def test_the_studio_is_for_everyone(browser: Path, example: str) -> None:
    with serve(ROOT / "examples" / example) as server:
        driver: list[str | Path] = [node(), HARNESS / "access_page.mjs", "--url", server.url, "--chromium", browser]
        checks = run_checks(driver, seconds=180, cwd=HARNESS, env=tool_environment())
    checks.assert_passed(
        "one_round_of_requests",
        "under_100_kB",
        "nothing_moves_as_the_stream_starts",
        "nothing_moves_on_a_phone_either",
        "axe_finds_nothing_serious_desktop_dark",
        "axe_finds_nothing_serious_phone_light",
        "no_errors_and_no_foreign_requests",
    )


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_one_who_may_only_watch_is_shown_no_forms(browser: Path) -> None:
    with serve(ROOT / "tests" / "e2e" / "bars", ["--token", "auto"]) as server:
        origin, token = server.url[: server.url.index("/t/")], server.url[server.url.index("/t/") :]
        links = f"{token},{view_link(server).removeprefix(origin)}"
        driver: list[str | Path] = [node(), HARNESS / "watching_page.mjs", "--url", origin, "--file", links]
        checks = run_checks([*driver, "--chromium", browser], seconds=180, cwd=HARNESS, env=tool_environment())
    checks.assert_passed(
        "who_may_command_is_shown_all",
        "who_may_watch_is_shown_the_stream_without_forms",
        "its_figures_and_its_log_are_there",
        "it_is_no_wider_than_its_screen",
        "nothing_it_sent_was_refused",
        "no_errors_and_no_foreign_requests",
    )
