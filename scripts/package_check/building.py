"""The distributions, built from a copy of this checkout."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .commands import run
from .environments import Environment
from .interpreters import ROOT

_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".*cache*", ".hypothesis", "node_modules", "__pycache__", "dist", "build", "site"
)


@dataclass(frozen=True, slots=True)
class Built:
    """Both distributions.

    Attributes:
        source: the copy of the checkout that they were made of.
        wheel, sdist: their files.
        tools: an environment with pip and the build backend.
    """

    source: Path
    wheel: Path
    sdist: Path
    tools: Environment

    @property
    def version(self) -> str:
        return self.wheel.name.split("-")[1]

    @contextlib.contextmanager
    def environment(self, python: Path) -> Iterator[Environment]:
        """A new environment. With what the package brings along it takes 300 MB, so it is removed at the end."""
        with tempfile.TemporaryDirectory(dir=self.tools.folder.parent) as folder:
            yield Environment(python, Path(folder, "environment"), self.tools)


def build(folder: Path) -> Built:
    """Build sdist and wheel below `folder`.

    It is done from a copy: what another program writes into the checkout meanwhile belongs to neither, and the checkout
    stays as it is.
    """
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=_LEFT_OUT)
    backend = tomllib.loads((source / "pyproject.toml").read_text())["build-system"]["requires"]
    tools = Environment(Path(sys.executable), folder / "tools")
    tools.install("--upgrade", "pip", *backend)
    return Built(source, *build_project(source, folder / "dist", tools), tools)


def build_project(source: Path, into: Path, tools: Environment) -> tuple[Path, Path]:
    """Build a project whose backend is hatchling; returns its wheel and its sdist."""
    run([tools.program("hatchling"), "build", "-d", into], source)
    (wheel,), (sdist,) = into.glob("*.whl"), into.glob("*.tar.gz")
    return wheel, sdist
