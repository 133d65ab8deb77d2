"""Several tracks, sound and metadata, both ways, through the official Python client."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.e2e.checks import run_checks
from tests.e2e.server import ROOT, serve

HERE = Path(__file__).parent


@pytest.mark.timeout(240)
def test_every_kind_of_track_reaches_the_official_python_client_and_comes_from_it() -> None:
    with serve(HERE / "tracks") as server:
        client = [sys.executable, "-m", "tests.e2e.tracks_client", "--url", server.url]
        run_checks(client, seconds=180, cwd=ROOT).assert_passed()
