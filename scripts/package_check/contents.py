"""What is in the files that are uploaded."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

from .building import Built
from .commands import CheckFailed

PACKAGES = ("reactor_runtime", "openreactor")
SDIST = ("CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml")
"""What the sdist holds beside `src`, its own metadata and what the build backend adds."""
_ADDED = (".gitignore", "PKG-INFO")
_NEEDED = ("reactor_runtime/py.typed", "openreactor/py.typed", "reactor_runtime/server/studio/static/client.js")


def check_contents(built: Built) -> None:
    """The wheel is the packages of `src`, byte for byte, and its metadata; the sdist is what it is built from.

    Raises:
        CheckFailed: a file is missing, too much or another one.
    """
    code = files(built.source / "src")
    wheel = wheel_files(built.wheel)
    _same("the wheel", {name: wheel[name] for name in wheel if ".dist-info/" not in name}, code)
    if lost := [name for name in _NEEDED if name not in wheel]:
        raise CheckFailed(f"the wheel lacks {', '.join(lost)}")
    meant = {f"src/{name}": content for name, content in code.items()}
    meant |= {name: (built.source / name).read_bytes() for name in SDIST}
    sdist = sdist_files(built.sdist)
    _same("the sdist", {name: sdist[name] for name in sdist if name not in _ADDED}, meant)


def files(folder: Path) -> dict[str, bytes]:
    """What is below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def wheel_files(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sdist_files(sdist: Path) -> dict[str, bytes]:
    """What is in its one folder."""
    found = {}
    with tarfile.open(sdist) as archive:
        for member in archive.getmembers():
            if content := archive.extractfile(member):
                found[member.name.partition("/")[2]] = content.read()
    return found


def _same(where: str, found: dict[str, bytes], meant: dict[str, bytes]) -> None:
    lost, more = sorted(meant.keys() - found.keys()), sorted(found.keys() - meant.keys())
    changed = sorted(name for name in meant.keys() & found.keys() if meant[name] != found[name])
    if lost or more or changed:
        raise CheckFailed(f"{where} lacks {lost}, has {more} too, and other content in {changed}")
