"""Virtual environments that hold nothing but what is installed into them."""

from __future__ import annotations

from pathlib import Path

from .commands import run


class Environment:
    """A new virtual environment without pip.

    Args:
        python: the interpreter it is of.
        folder: where; it must not be there yet.
        pip: the environment whose pip installs into this one; its own, where none is given.
    """

    def __init__(self, python: Path, folder: Path, pip: Environment | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        options = [] if pip is None else ["--without-pip"]
        run([str(python), "-m", "venv", *options, str(folder)], folder)
        self._pip = pip or self

    @property
    def python(self) -> Path:
        return self.program("python")

    def program(self, name: str) -> Path:
        """A program of this environment, such as `reactor`."""
        return self.folder / "bin" / name

    def install(self, *arguments: str | Path) -> None:
        """`pip install`, with pip's own cache and indexes."""
        self.pip("install", "--quiet", *arguments)

    def uninstall(self, *names: str) -> None:
        self.pip("uninstall", "--quiet", "--yes", *names)

    def pip(self, *arguments: str | Path) -> str:
        # The outer pip serves every environment: bringing one into each takes longer than all the rest of making it.
        options = ["--no-input", "--disable-pip-version-check", "--python", str(self.python)]
        return run([self._pip.python, "-m", "pip", *options, *arguments], self.folder)

    def run(self, name: str, *arguments: str | Path, status: int = 0) -> str:
        """Run a program of this environment in the environment's folder, where nothing can be imported from."""
        return run([self.program(name), *arguments], self.folder, status=status)
