"""The page that the docs show, and the snippets beside it, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.browser_tools import HARNESS, check_packages, chromium, node, tool_environment
from tests.e2e.checks import run_checks
from tests.e2e.server import serve

from .pages import DOCS, ROOT, blocks

PAGE = DOCS / "clients" / "browser.md"


@pytest.mark.e2e
@pytest.mark.browser
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("example", "wanted"),
    [
        ("paint", ["the_page_plays", "the_page_paints", "the_short_form_works", "refusals_and_files", "age"]),
        ("webcam", ["films"]),
    ],
)
def test_the_page_about_browsers_works(example: str, wanted: list[str], tmp_path: Path) -> None:
    check_packages()
    with serve(ROOT / "examples" / example) as server:
        for block in [*blocks(PAGE, "html"), *blocks(PAGE, "js")]:
            (tmp_path / block.title).write_text(block.body.replace("http://127.0.0.1:8080", server.url))
        driver: list[str | Path] = [node(), HARNESS / "browser_docs.mjs", "--chromium", chromium()]
        driver += ["--url", server.url, "--folder", tmp_path, "--example", example]
        checks = run_checks(driver, seconds=120, cwd=HARNESS, env=tool_environment())
    checks.assert_passed(*wanted)
