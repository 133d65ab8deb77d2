"""What the package brings along."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from scripts.package_check.lowest import pins

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = [need for extra in PROJECT["optional-dependencies"].values() for need in extra]


def test_each_has_its_reason_on_the_page() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    names = [re.split(r"[<>=~]", need)[0] for need in (*PROJECT["dependencies"], *EXTRAS)]
    assert [name for name in names if f"`{name}`" not in page and not name.startswith("openreactor[")] == []


def test_each_has_a_lower_bound_to_be_tested_with() -> None:
    held = pins(PROJECT["dependencies"])
    assert [need for need in held if not re.fullmatch(r"[a-z-]+==[\d.]+", need)] == []
