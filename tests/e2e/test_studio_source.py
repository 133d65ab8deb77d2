"""The studio's JavaScript: its types hold, and it is written as its formatter writes it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reactor_runtime.server import studio
from scripts.browser_tools import HARNESS, node, tool_environment

STATIC = Path(studio.__file__).parent / "static"


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_its_types_hold(browser: Path) -> None:
    run("typescript/bin/tsc", "-p", HARNESS / "studio.tsconfig.json")


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_it_is_formatted(browser: Path) -> None:
    run("prettier/bin/prettier.cjs", "--print-width", "120", "--check", *sorted(STATIC.rglob("*.js")))


def run(tool: str, *arguments: str | Path) -> None:
    command = [node(), HARNESS / "node_modules" / tool, *arguments]
    done = subprocess.run(
        command, cwd=HARNESS, env=tool_environment(), capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
