"""The distributions of this checkout, built once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.package_check.building import Built, build


@pytest.fixture(scope="session")
def built() -> Iterator[Built]:
    # Not below pytest's own folder, which keeps what the last runs left.
    with tempfile.TemporaryDirectory(prefix="openreactor-") as folder:
        yield build(Path(folder))
