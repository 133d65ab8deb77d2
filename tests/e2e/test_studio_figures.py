"""The studio's live figures, in a real browser: what they say is held against the pixels and the server's own times."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.browser_tools import HARNESS, node, tool_environment
from tests.e2e.checks import run_checks
from tests.e2e.server import serve

MODEL = """
import asyncio, time
import numpy as np
from reactor_runtime import Output, ReactorModel, Video, event

class Frame(Output):
    main_video: Video

class Signal(ReactorModel):
    output: Frame

    def load(self, config):
        self.level, self.rest, self.hurrying = 30, 0.0, False

    @event(name="flash")
    def flash(self):
        self.level = 230

    @event(name="stand_still")
    def stand_still(self, seconds: float):
        self.rest = seconds

    @event(name="hurry")
    def hurry(self, on: bool):
        self.hurrying = on

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                rest, self.rest = self.rest, 0.0
                time.sleep(rest or 0.005)
                frame = np.full((360, 640, 3), self.level, np.uint8)
                await self.emit(Frame(main_video=frame), drop=self.hurrying)
"""


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_the_figures_say_what_is(browser: Path, tmp_path: Path) -> None:
    model = tmp_path / "signal_model.py"
    model.write_text(MODEL)
    with serve(model) as server:
        driver: list[str | Path] = [node(), HARNESS / "figures_page.mjs", "--url", server.url, "--chromium", browser]
        checks = run_checks(driver, seconds=200, cwd=HARNESS, env=tool_environment())
    checks.assert_passed(
        "command_to_visible_is_until_the_very_frame_that_shows_it", "no_errors_and_no_foreign_requests"
    )
