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


EAR = """
import numpy as np
from reactor_runtime import (
    Audio, BufferClosed, Input, ModelMessage, Output, ReactorModel, ReadMode, Video,
)

class Senses(Input):
    camera: Video
    screen: Video
    voice: Audio

class Frame(Output):
    main_video: Video

class Beep(ModelMessage):
    pass

class Quiet(ModelMessage):
    pass

class Ear(ReactorModel):
    input: Senses

    async def run(self):
        while True:
            await self.connected.wait()
            heard = False
            while self.connected.is_set():
                try:
                    frames = await self.input.voice.read(10, timeout=0.3, mode=ReadMode.FIFO)
                except TimeoutError:
                    if heard:
                        heard = False
                        await self.send(Quiet())
                except BufferClosed:
                    break
                else:
                    if not heard and max(np.abs(frame.data.astype(int)).max() for frame in frames) > 2000:
                        heard = True
                        await self.send(Beep())
                await self.emit(Frame(main_video=np.full((90, 160, 3), 200 if heard else 60, np.uint8)))
"""


@pytest.mark.browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ("synth", ["sound_is_heard_in_both_ears_and_follows_commands", "sound_goes_off"]),
        ("duet", ["each_picture_pauses_by_itself"]),
        ("ear", ["microphone_reaches_the_model", "microphone_stops"]),
    ],
)
def test_the_page_plays_sound_and_several_pictures_and_sends_a_microphone(
    browser: Path, tmp_path: Path, model: str, wanted: list[str]
) -> None:
    (tmp_path / "ear.py").write_text(EAR)
    with serve(tmp_path / "ear.py" if model == "ear" else ROOT / "examples" / model) as server:
        driver: list[str | Path] = [node(), HARNESS / "media_page.mjs", "--url", server.url, "--chromium", browser]
        checks = run_checks(driver, seconds=180, cwd=HARNESS, env=tool_environment())
    checks.assert_passed("every_picture_plays", *wanted, "no_errors_and_no_foreign_requests")


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
