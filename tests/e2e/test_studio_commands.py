"""The page's forms, keys and drags, in a real browser with real models behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.browser_tools import HARNESS, node, tool_environment
from tests.e2e.checks import Checks, run_checks
from tests.e2e.server import ROOT, Server, serve

CONTROLS = ROOT / "tests" / "e2e" / "controls"
CLEAN = "no_errors_and_no_foreign_requests"


def drive(program: str, server: Server, browser: Path, *options: str | Path) -> Checks:
    driver = [node(), HARNESS / program, "--url", server.url, "--chromium", browser, *options]
    return run_checks(driver, seconds=180, cwd=HARNESS, env=tool_environment())


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_every_control_sends_what_the_schema_says(browser: Path) -> None:
    with serve(CONTROLS) as server:
        checks = drive("controls_page.mjs", server, browser)
    checks.assert_passed(
        "a_slider_sends_one_at_a_time_and_always_the_newest",
        "the_servers_word_stands_beside_the_field_it_names",
        "file_dropped",
        "file_pasted",
        "a_form_is_operated_with_the_keyboard_alone",
        "two_tabs_see_each_others_changes",
        CLEAN,
    )


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_keys_and_pictures_are_bound_by_hand(browser: Path) -> None:
    with serve(CONTROLS) as server:
        checks = drive("bindings_page.mjs", server, browser)
    checks.assert_passed("a_binding_is_remembered_over_a_reload", "reset_takes_it_all_back", CLEAN)


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_the_page_paints(browser: Path) -> None:
    with serve(ROOT / "examples" / "paint") as server:
        checks = drive("paint_page.mjs", server, browser)
    checks.assert_passed("plays", "drag_changes_the_picture", "a_finger_draws", "disconnect_and_connect", CLEAN)


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_held_keys_move_through_the_world(browser: Path) -> None:
    with serve(ROOT / "examples" / "world") as server:
        checks = drive("keys_page.mjs", server, browser)
    checks.assert_passed("held_keys_move_the_camera_and_released_ones_do_not", "reload_works", CLEAN)


MANY = """
import numpy as np
from reactor_runtime import InputField, Output, ReactorModel, Video, event

COUNT = 50
DEFAULTS = {2: "two"}
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 5 + " 漢字" * 50

class Frame(Output):
    main_video: Video

def command(number):
    @event(name=f"command_{number}", description=LONG if number == 7 else f"Number {number}.")
    def handler(
        self, line: str = InputField(default=DEFAULTS.get(number, ""), description=LONG if number == 8 else "")
    ):
        pass

    return handler

class Base(ReactorModel):
    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                await self.emit(Frame(main_video=np.full((90, 160, 3), 90, np.uint8)))

Many = type("Many", (Base,), {f"command_{number}": command(number) for number in range(COUNT)})
del Base
"""


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_fifty_commands_and_none(browser: Path, tmp_path: Path) -> None:
    model = tmp_path / "many.py"
    model.write_text(MANY)
    with serve(model, ["--reload"]) as server:
        checks = drive("many_page.mjs", server, browser, "--file", model)
    checks.assert_passed("other_code_leaves_what_was_typed_into_other_forms", "a_model_without_commands_says_so", CLEAN)
