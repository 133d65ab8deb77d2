"""Check the package as a stranger gets it, with each interpreter of this machine."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from .building import Built, build
from .commands import CheckFailed
from .contents import check_contents
from .installed import check_installed, check_types, check_workspaces
from .interpreters import present, supported
from .lowest import check_lowest


def main() -> int:
    """Returns the exit status: 1 where a check failed."""
    parser = argparse.ArgumentParser(prog="python -m scripts.package_check", description=__doc__)
    parser.add_argument("--lowest", action="store_true", help="also run tests with the oldest dependencies allowed")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="for a release: put both files there once all has passed"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="openreactor-") as folder:
        try:
            built = build(Path(folder))
            check(built, lowest=arguments.lowest, release=arguments.keep is not None)
        except CheckFailed as error:
            print(error, file=sys.stderr)
            return 1
        if arguments.keep is not None:
            arguments.keep.mkdir(parents=True, exist_ok=True)
            for file in (built.wheel, built.sdist):
                print(f"kept {shutil.copy(file, arguments.keep)}")
    return 0


def check(built: Built, *, lowest: bool, release: bool) -> None:
    """All there is to check; says what it has done.

    Raises:
        CheckFailed: something is not as it should be.
    """
    heading = rf"^## {re.escape(built.version)}$"
    if release and not re.search(heading, (built.source / "CHANGELOG.md").read_text(), re.MULTILINE):
        raise CheckFailed(f"CHANGELOG.md has no heading '## {built.version}': say what is in this release")
    check_contents(built)
    _say(f"{built.wheel.name} and {built.sdist.name} hold what they should")
    pythons = present()
    for version, python in pythons.items():
        started = time.monotonic()
        check_with(built, python)
        _say(f"Python {version} ({python}): both install and serve, in {time.monotonic() - started:.0f} s")
    if missing := [version for version in supported() if version not in pythons]:
        _say(f"not checked, since it is not on this machine: Python {', '.join(missing)}")
    if lowest:
        oldest = next(iter(pythons))
        _say(f"with the oldest dependencies, on Python {oldest}: {check_lowest(built, pythons[oldest])}")


def check_with(built: Built, python: Path) -> None:
    """Install each distribution into an environment of its own, and use it there."""
    with built.environment(python) as installed:
        installed.install(built.wheel)
        check_installed(installed, built)
        check_workspaces(installed, built)
        check_types(installed)
    with built.environment(python) as installed:
        installed.install(built.sdist)
        check_installed(installed, built)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
