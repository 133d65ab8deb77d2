"""What the docs quote of the log and of errors is what the code says."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from .pages import PAGES, ROOT, Block, blocks, name_of

_PLACE = re.compile(r"%\.?\d*[sdgrf]|%%")
_ENOUGH = 12
"""So many characters of a text that stand in the code make it one that can be told from others."""
_SHARE = 0.24
"""So much of a quoted line stands in the code as it is; the rest is filled in."""
_ANYTHING = "\0"
_PATH = re.compile(r"/[\w./-]+(:\d+)?")


def literal(node: ast.AST) -> str | None:
    """A text in the code, with `_ANYTHING` where something is filled in; None where it is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _PLACE.sub(_ANYTHING, node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(literal(part) or _ANYTHING for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = literal(node.left), literal(node.right)
        return None if left is None and right is None else f"{left or _ANYTHING}{right or _ANYTHING}"
    return None


@cache
def texts() -> dict[str, re.Pattern[str]]:
    """Every text in the code that is long enough to be told from others."""
    found: dict[str, re.Pattern[str]] = {}
    for file in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_bytes())):
            text = literal(node)
            if text and len(text.replace(_ANYTHING, "")) >= _ENOUGH and "\n" not in text:
                pattern = ".*?".join(re.escape(part) for part in text.split(_ANYTHING))
                found[text] = re.compile(pattern, re.DOTALL)
    return found


def lines(block: Block) -> list[str]:
    return [line.removeprefix("reactor: ") for line in block.body.splitlines() if line.strip()]


def share(line: str) -> float:
    """How much of a line, its paths aside, is one text of the code."""
    said = [len(text.replace(_ANYTHING, "")) for text, pattern in texts().items() if pattern.search(line)]
    return max(said, default=0) / len(_PATH.sub("/", line))


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "log")], ids=name_of)
def test_each_quoted_line_is_one_of_the_codes(page):
    for block in blocks(page, "log"):
        for line in lines(block):
            assert share(line) >= _SHARE, f"{block}: nothing in src says {line!r}"


@pytest.mark.parametrize(
    "line",
    [
        "the frobnicator has left the building",
        "port 8080 of 127.0.0.1 is taken; stop what uses it, or choose another with --port (0: a free one)",
        "set_level: level: 300 is over the maximum 255",
    ],
)
def test_a_line_that_the_code_does_not_say_is_found(line):
    assert share(line) < _SHARE
