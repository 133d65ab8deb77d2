"""Another distribution whose package is called `reactor_runtime` too: said in one line, before anything is imported."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.package_check.building import Built, build_project
from scripts.package_check.environments import Environment

pytestmark = [pytest.mark.package, pytest.mark.e2e, pytest.mark.timeout(300)]

PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "reactor-runtime"
version = "9.9"

[tool.hatch.build.targets.wheel]
packages = ["reactor_runtime"]
"""

ADVICE = 'run "pip uninstall reactor-runtime openreactor", then install openreactor again'


@pytest.fixture(scope="session")
def other(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a distribution called reactor-runtime, whose package is empty."""
    folder = tmp_path_factory.mktemp("other")
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "reactor_runtime").mkdir()
    (folder / "reactor_runtime" / "__init__.py").touch()
    return build_project(folder, folder / "dist", built.tools)[0]


@pytest.fixture
def installed(built: Built) -> Iterator[Environment]:
    """A clean environment. What the package needs is not installed: nothing of it may be imported."""
    with built.environment(Path(sys.executable)) as environment:
        yield environment


COMMANDS = [("reactor", "--version"), ("python", "-m", "openreactor")]


def refusal(installed: Environment, *command: str) -> str:
    """The one line that `command` writes before it exits with 2."""
    (line,) = installed.run(*command, status=2).splitlines()
    return line


@pytest.mark.parametrize("ours_first", [True, False], ids=["ours first", "ours last"])
def test_both_from_wheels(built: Built, other: Path, installed: Environment, ours_first: bool) -> None:
    for wheel in (built.wheel, other) if ours_first else (other, built.wheel):
        installed.install("--no-deps", wheel)
    for command in COMMANDS:
        line = refusal(installed, *command)
        assert line.startswith("reactor: the distributions openreactor and reactor-runtime are both installed in ")
        assert line.endswith(ADVICE)


def test_started_in_the_package_itself(built: Built, other: Path, installed: Environment) -> None:
    """Where `__main__.py` is still ours. Which `__init__.py` ran before it depends on the order; ours needs numpy."""
    installed.install("numpy")
    for wheel in (built.wheel, other, built.wheel):
        installed.install("--no-deps", "--force-reinstall", wheel)
        if wheel == other:
            assert refusal(installed, "python", "-m", "reactor_runtime").endswith(ADVICE)
    assert refusal(installed, "python", "-m", "reactor_runtime").endswith(ADVICE)


@pytest.mark.parametrize("ours_first", [True, False], ids=["ours first", "ours last"])
def test_ours_for_editing(built: Built, other: Path, installed: Environment, ours_first: bool) -> None:
    ours: list[str | Path] = ["--no-deps", "-e", built.source]
    for arguments in (ours, ["--no-deps", other]) if ours_first else (["--no-deps", other], ours):
        installed.install(*arguments)
    for command in COMMANDS:
        assert refusal(installed, *command).endswith(ADVICE)


def test_the_other_one_removed(built: Built, other: Path, installed: Environment) -> None:
    """pip takes files of ours away with it; what the line says to do mends that."""
    for wheel in (built.wheel, other):
        installed.install("--no-deps", wheel)
    installed.uninstall("reactor-runtime")
    line = refusal(installed, "reactor", "--version")
    assert "site-packages/reactor_runtime are missing" in line and line.endswith(ADVICE)
    installed.uninstall("openreactor")
    installed.install("--no-deps", built.wheel)
    found = installed.run("python", "-c", "from openreactor.clash import name_clash; print(name_clash())")
    assert found == "None\n"


def test_a_file_of_that_name_where_it_is_started(built: Built, installed: Environment) -> None:
    installed.install("--no-deps", built.wheel)
    mine = installed.folder / "reactor_runtime.py"
    mine.touch()
    line = refusal(installed, "python", "-m", "openreactor")
    assert line == (
        f"reactor: Python finds another reactor_runtime, {mine}, before that of openreactor: rename or remove it"
    )


def test_the_check_imports_nothing_of_the_package(built: Built, installed: Environment) -> None:
    installed.install("--no-deps", built.wheel)
    source = "import sys, openreactor.clash as c; c.name_clash(); print([n for n in sys.modules if 'reactor_r' in n])"
    assert installed.run("python", "-c", source) == "[]\n"
