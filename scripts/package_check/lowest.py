"""Whether the oldest release of each dependency that `pyproject.toml` allows serves."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from .building import Built
from .commands import run

SECONDS = 900


def pins(requirements: list[str]) -> list[str]:
    """Each requirement held to its lower bound."""
    return [re.sub(r">=([^,]+).*", r"==\1", requirement) for requirement in requirements]


def check_lowest(built: Built, python: Path) -> str:
    """Install the wheel with the lowest versions, and run the tests that need no server process; returns what the
    tests wrote last.

    Args:
        python: the oldest interpreter there is: younger ones have no wheels of old releases.

    Raises:
        CheckFailed: a test failed, or they cannot be installed together.
    """
    project: dict[str, Any] = tomllib.loads((built.source / "pyproject.toml").read_text())["project"]
    # Without the extras among them: they name this package, which pip would then look for elsewhere.
    tools = [need for need in project["optional-dependencies"]["dev"] if not need.startswith(project["name"])]
    tests = ["tests", "--ignore", "tests/e2e", "--ignore", "tests/package", "-m", "not e2e"]
    with built.environment(python) as installed:
        installed.install(built.wheel, *pins(project["dependencies"]), *tools)
        said = run([installed.python, "-m", "pytest", "-q", *tests], built.source, seconds=SECONDS)
    return said.rstrip().rpartition("\n")[2]
