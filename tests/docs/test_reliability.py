"""The page on reliability names its proofs, and they are there."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from .pages import ROOT

PAGE = (ROOT / "docs" / "reliability.md").read_text()
SIGTERM = "e2e/test_sigterm.py"
_PROOF = re.compile(r"`(?:(?P<file>[\w/]+\.py)::)?(?P<test>test_\w+)`")


def proofs() -> list[tuple[str, str]]:
    """Each test that is named, with its file; in the table of SIGTERM, which names its file at the top, without."""
    return [(match["file"] or SIGTERM, match["test"]) for match in _PROOF.finditer(PAGE)]


@cache
def named_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize(("file", "test"), sorted(set(proofs())))
def test_a_proof_is_a_test(file: str, test: str) -> None:
    assert test in named_in(file)


def test_every_state_in_which_sigterm_is_tested_is_told() -> None:
    told = {test for file, test in proofs() if file == SIGTERM}
    kinds = ("test_while", "test_with_", "test_after")
    assert {test for test in named_in(SIGTERM) if test.startswith(kinds)} <= told


def test_every_row_has_a_proof() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| |")]
    assert [row for row in rows if not _PROOF.search(row) and "SIGTERM comes while" not in row] == []
