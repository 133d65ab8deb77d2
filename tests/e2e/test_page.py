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


FAILING = """
import numpy as np
from reactor_runtime import InputField, Output, ReactorModel, Video, event

class Frame(Output):
    main_video: Video

class Failing(ReactorModel):
    @event(name="set_seed")
    def set_seed(self, seed: int = InputField(default=0, ge=0, le=2**32 - 1)):
        pass

    @event(name="set_level")
    def set_level(self, level: int = InputField(default=0, ge=0, le=255)):
        pass

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                1 / 0
                await self.emit(Frame(main_video=np.full((360, 640, 3), 90, np.uint8)))
"""


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_the_page_says_that_the_model_has_failed_until_it_is_mended(browser: Path, tmp_path: Path) -> None:
    model = tmp_path / "failing.py"
    model.write_text(FAILING)
    with serve(model, ["--reload"]) as server:
        driver: list[str | Path] = [node(), HARNESS / "failing_page.mjs", "--url", server.url, "--chromium", browser]
        checks = run_checks([*driver, "--file", model], seconds=180, cwd=HARNESS, env=tool_environment())
    checks.assert_passed("mended_code_clears_it", "a_seed_is_typed_and_a_level_slid")
