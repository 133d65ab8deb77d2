"""The package as a stranger gets it: what is in it, and that it runs in clean environments.

For each version of Python that the package is for there is a test; one whose interpreter this machine lacks says so.
"""

from __future__ import annotations

import email
from pathlib import Path

import pytest

from scripts.package_check.building import Built
from scripts.package_check.contents import check_contents, wheel_files
from scripts.package_check.installed import check_installed, check_types, check_workspaces
from scripts.package_check.interpreters import present, supported

# A slow network may need minutes for the 100 MB that an environment takes.
pytestmark = [pytest.mark.package, pytest.mark.e2e, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def pythons() -> dict[str, Path]:
    return present()


def test_both_hold_the_packages_and_nothing_else(built: Built) -> None:
    check_contents(built)


def test_the_metadata(built: Built) -> None:
    (name,) = (name for name in wheel_files(built.wheel) if name.endswith(".dist-info/METADATA"))
    text = wheel_files(built.wheel)[name].decode()
    metadata = email.message_from_string(text)
    assert (metadata["Name"], metadata["Version"]) == ("openreactor", built.version)
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert text.partition("\n\n")[2] == (built.source / "README.md").read_text()


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
@pytest.mark.parametrize("version", supported())
def test_it_installs_and_serves(built: Built, pythons: dict[str, Path], version: str, kind: str) -> None:
    if version not in pythons:
        pytest.skip(f"there is no Python {version} on this machine")
    with built.environment(pythons[version]) as installed:
        installed.install(built.wheel if kind == "wheel" else built.sdist)
        check_installed(installed, built)
        if kind == "wheel":
            check_workspaces(installed, built)
            check_types(installed)
