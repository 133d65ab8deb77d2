"""Python source as `ruff format` leaves it."""

from __future__ import annotations

from collections.abc import Iterable

from .. import layout
from ..layout import Code
from ..prose import wrapped

WIDTH = 88
STEP = 4
_QUOTES = '"""'


def lines(code: Code, level: int = 0) -> list[str]:
    """The lines of `code`, indented."""
    return layout.render(code, width=WIDTH, step=STEP, level=level).split("\n")


def block(text: str, level: int = 0) -> list[str]:
    """The lines of a piece of code that is the same in every client, indented."""
    return layout.block(text, step=STEP, level=level)


def docstring(text: str, level: int, arguments: Iterable[tuple[str, str]] = ()) -> list[str]:
    """The lines of a docstring, indented; none where there is nothing to say.

    Args:
        text: what it says.
        level: the indentation it stands at.
        arguments: names, and what an `Args:` section says of each; those of which it says nothing are left out.
    """
    margin = " " * (STEP * level)
    said = wrapped(_safe(text), WIDTH - len(margin) - len(_QUOTES)) if text else []
    told = [(name, _safe(words)) for name, words in arguments if words]
    if told:
        said += ["", "Args:"] if said else ["Args:"]
        for name, words in told:
            said += wrapped(f"{name}: {words}", WIDTH - len(margin), first=" " * STEP, hanging=" " * (2 * STEP))
    if not said:
        return []
    if said[0].startswith('"'):
        said[0] = " " + said[0]
    if len(said) == 1 and len(margin) + len(said[0]) + 2 * len(_QUOTES) <= WIDTH:
        gap = " " if said[0].endswith('"') else ""
        return [margin + _QUOTES + said[0] + gap + _QUOTES]
    rest = [f"{margin}{line}".rstrip() for line in said[1:]]
    return [margin + _QUOTES + said[0], *rest, margin + _QUOTES]


def _safe(text: str) -> str:
    return text.replace("\\", "\\\\").replace(_QUOTES, "'''")
