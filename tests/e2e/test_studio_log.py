"""The log of the server's own page, in a real browser; and the code that it gives of what it has, run."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.browser_tools import HARNESS, node, tool_environment
from tests.e2e.checks import run_checks
from tests.e2e.server import serve

MODEL = """
import numpy as np
from reactor_runtime import InputField, ModelMessage, Output, ReactorModel, Video, event

class Frame(Output):
    main_video: Video

class Level(ModelMessage):
    level: int
    name: str

class Drawn(ModelMessage):
    text: str

class Odd(ModelMessage):
    number: int

class Even(ModelMessage):
    number: int

class Text(ModelMessage):
    text: str

class Talker(ReactorModel):
    fps = 30
    flooding = False

    @event(name="set_level")
    def set_level(self, level: int = InputField(default=0, ge=0, le=255)) -> Level:
        return Level(level=level, name="grün")

    @event(name="draw")
    def draw(self, points: list[dict[str, float | None]], text: str, flag: bool) -> Drawn:
        return Drawn(text=text)

    @event(name="say")
    async def say(self, count: int = 1, types: int = 1):
        for number in range(count):
            await self.send(Odd(number=number) if number % types == 0 else Even(number=number))

    @event(name="flood")
    def flood(self, on: bool = True):
        self.flooding = on

    @event(name="long")
    async def long(self):
        await self.send(Text(text="a" * 60_000))

    async def run(self):
        number = 0
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                for _ in range(34 if self.flooding else 0):  # a thousand a second
                    number += 1
                    await self.send(Odd(number=number) if number % 2 else Even(number=number))
                await self.emit(Frame(main_video=np.full((90, 160, 3), 90, np.uint8)))
"""


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_the_log_is_filtered_copied_and_small(browser: Path, tmp_path: Path) -> None:
    (tmp_path / "talker.py").write_text(MODEL)
    with serve(tmp_path / "talker.py") as server:
        driver: list[str | Path] = [node(), HARNESS / "log_page.mjs", "--url", server.url, "--chromium", browser]
        checks = run_checks([*driver, "--file", tmp_path], seconds=180, cwd=HARNESS, env=tool_environment())
        checks.assert_passed("no_errors_and_no_foreign_requests")
        said = ast.literal_eval(run_snippet((tmp_path / "command.py").read_text()))
        assert said == {"type": "drawn", "data": {"text": 'a "quoted" line\nand 漢字'}}
        hears = (tmp_path / "message.py").read_text()
        assert "asyncio.sleep(60)" in hears
        # It hears what it asks for itself, and need not wait for a minute.
        asks = 'reactor.send_command("say", {"count": 2})'
        heard = run_snippet(hears.replace("asyncio.sleep(60)", asks)).splitlines()
        assert [ast.literal_eval(line) for line in heard] == [{"number": 0}, {"number": 1}]


def run_snippet(code: str) -> str:
    """What it prints, in a Python that has reactor-sdk."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
