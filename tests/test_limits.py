"""Every bound of `limits.py` has a test that exceeds it (see `limit_marks`)."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from pathlib import Path

from reactor_runtime.limits import Limits

TESTS = Path(__file__).parent


def marked(tree: ast.Module) -> Iterator[str]:
    """The limits that the tests of a module are marked with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.limit":
                    yield ast.literal_eval(mark.args[0])


def test_every_limit_has_a_test_that_exceeds_it() -> None:
    tested = {name for file in TESTS.rglob("test_*.py") for name in marked(ast.parse(file.read_text()))}
    limits = {field.name for field in dataclasses.fields(Limits)}
    assert sorted(limits - tested) == [], "no test is marked with @pytest.mark.limit for these"
    assert sorted(tested - limits) == [], "there is no such limit"
