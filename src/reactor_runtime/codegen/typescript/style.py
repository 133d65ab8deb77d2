"""TypeScript source as prettier leaves it."""

from __future__ import annotations

import re

from .. import layout
from ..layout import Code
from ..prose import wrapped

WIDTH = 80
STEP = 2


def lines(code: Code, level: int = 0) -> list[str]:
    """The lines of `code`, indented."""
    return layout.render(code, width=WIDTH, step=STEP, level=level).split("\n")


def block(text: str, level: int = 0) -> list[str]:
    """The lines of a piece of code that is the same in every client, indented."""
    return layout.block(text, step=STEP, level=level)


def comment(text: str, level: int) -> list[str]:
    """The lines of a comment that editors show, indented; none where there is nothing to say."""
    margin = " " * (STEP * level)
    said = [_safe(line) for line in wrapped(text, WIDTH - len(margin) - len(" * "))] if text else []
    if len(said) == 1 and len(margin) + len(said[0]) + len("/**  */") <= WIDTH:
        return [f"{margin}/** {said[0]} */"]
    return [f"{margin}/**", *(f"{margin} * {line}".rstrip() for line in said), f"{margin} */"] if said else []


def _safe(line: str) -> str:
    """A line of a comment that neither ends it nor begins a tag."""
    return re.sub(r"^(\s*)@", r"\1\\@", line.replace("*/", "*\\/"))
