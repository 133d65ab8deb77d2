"""The Pythons of this machine that the package is for. None is downloaded."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from .commands import environment

ROOT = Path(__file__).resolve().parents[2]
_PROBE = (
    "import sys, venv; print(sys.implementation.name, '%d.%d' % sys.version_info[:2], getattr(sys, 'abiflags', ''))"
)
_SECONDS = 20


def supported() -> list[str]:
    """The versions that `pyproject.toml` says the package is for, such as `3.12`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found = (re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", entry) for entry in project["classifiers"])
    return [match[1] for match in found if match]


def present() -> dict[str, Path]:
    """One working interpreter for each supported version that this machine has, this process's own before others."""
    versions = supported()
    found: dict[str, Path] = {}
    for path in _candidates(versions):
        version = _version(path)
        if version in versions:
            found.setdefault(version, path)
    return dict(sorted(found.items(), key=lambda item: versions.index(item[0])))


def _candidates(versions: list[str]) -> Iterator[Path]:
    yield Path(sys.executable)
    for folder in os.get_exec_path():
        for name in (*(f"python{version}" for version in versions), "python3"):
            yield Path(folder, name)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob("versions/*/bin/python"), reverse=True)
    if uv := shutil.which("uv"):
        for version in versions:
            yield Path(_output([uv, "python", "find", "--no-python-downloads", "--no-project", version]))


def _version(path: Path) -> str | None:
    """The version of a plain CPython; None for anything else, such as the shim of a version that is not there."""
    # Without the GIL it is another interpreter, with wheels of its own.
    implementation, version, flags = (*_output([str(path), "-c", _PROBE]).split(" "), "", "")[:3]
    return version if implementation == "cpython" and "t" not in flags else None


def _output(command: list[str]) -> str:
    """What it wrote, without the last line's end; empty where it failed."""
    if not os.access(command[0], os.X_OK):
        return ""
    try:
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.rstrip("\n") if done.returncode == 0 else ""
