"""Bytes that were found by looking at what they reach, and a short search for more (`make fuzz` searches longer)."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.server import ROOT

from .budget import FACTOR
from .targets import TARGETS

CORPUS = Path(__file__).with_name("corpus")
RUNS = 2000 * FACTOR
_ANEW = ("sh", "-c", '"$@"; exit $?', "sh")
"""The most memory that a process had at any time, which its limit is held to, is handed on by `exec`, and begins anew
with `fork`: without a shell between, that of the process of these tests would count."""
SEEDS = [pytest.param(file, id=f"{file.parent.name}/{file.name}") for file in sorted(CORPUS.glob("*/*"))]

pytestmark = pytest.mark.timeout(120 * FACTOR)


def test_each_target_has_its_corpus() -> None:
    assert {folder.name for folder in CORPUS.iterdir()} == set(TARGETS)


@pytest.mark.parametrize("file", SEEDS)
def test_what_was_found_before(file: Path) -> None:
    TARGETS[file.parent.name](file.read_bytes())


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this Python")
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_more_is_found(target: str, tmp_path: Path) -> None:
    # The limits are those of one input: in seconds, and in MiB of the whole process.
    options = [f"-runs={RUNS}", "-seed=1", "-max_len=4096", "-timeout=20", "-rss_limit_mb=1024", "-verbosity=0"]
    found = tmp_path / "found"
    found.mkdir()
    done = subprocess.run(
        [
            *_ANEW,
            sys.executable,
            "-m",
            "tests.fuzz.guided",
            target,
            found,
            CORPUS / target,
            f"-artifact_prefix={tmp_path}/",
            *options,
        ],
        cwd=ROOT,
        capture_output=True,
        timeout=110 * FACTOR,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-4000:]
