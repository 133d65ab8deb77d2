"""The quickstart, followed to the letter: what it has one type and change does what it says."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.process import Served, call, environment, reactor, shows

from .pages import DOCS, blocks
from .running import run_page

pytestmark = pytest.mark.e2e

PAGE = DOCS / "quickstart.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert "reactor init my-model\ncd my-model\nreactor run --reload\n" in PAGE.read_text()
    assert "at the end of `tests/test_my_model.py`" in PAGE.read_text()
    done = reactor("init", "my-model", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path / "my-model"


def test_it_is_as_the_page_says(folder, capsys):
    change, command, test = (block.body for block in blocks(PAGE, "text"))
    module = folder / "my_model.py"
    with Served(folder, "--reload") as served:
        url = served.listening()
        served.until("my-model is ready: open http://127.0.0.1")
        served.until("watching ")

        paths = call(f"{url}/schema")[1]["paths"]
        source = module.read_text()
        old = re.findall(r"^( *light = .*\n)(?= *return .*\n\Z)", source, re.MULTILINE)
        assert len(old) == 1 and old[0] != change, "the last line but one of picture() is another one"
        module.write_text(source := source.replace(old[0], change))
        served.until(r"my_model\.py: the new code runs")

        before = source.index("    async def run(self)")
        assert "def set_speed" in source[:before]
        module.write_text(source[:before] + command + "\n" + source[before:])
        served.until(r"my_model\.py: the new code runs")
        shows(url, *paths, "/events/jump")

        client = run_page(PAGE)
        asyncio.run(client.main(url))
        assert client.frames[-1] == (360, 640, 3) and len(client.frames) > 30
        assert capsys.readouterr().out.count("'type': 'look'") == 3
        served.signal(signal.SIGINT)
        assert served.status() == 0

    tests = folder / "tests" / "test_my_model.py"
    tests.write_text(f"{tests.read_text()}\n\n{test}")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder, env=environment(), capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    checked = reactor("check", folder=folder)
    assert checked.returncode == 0, checked.stdout
