"""Code that breaks its lines where they get too long, by the algorithm that prettier and ruff have in common: a group
stands on one line where it fits, else each of its own `Line`s is a line break."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A line break in a broken group, `flat` in one that fits."""

    flat: str = " "


@dataclass(frozen=True, slots=True)
class IfBroken:
    """Text that a group has only where it is broken."""

    text: str


@dataclass(frozen=True, slots=True)
class Group:
    parts: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Indent:
    """Lines that begin in here are one step further to the right."""

    parts: tuple[Code, ...]


Code = str | Line | IfBroken | Group | Indent

SPACE = Line()
SOFT = Line("")


def group(*parts: Code) -> Group:
    return Group(parts)


def indent(*parts: Code) -> Indent:
    return Indent(parts)


def joined(items: Sequence[Code], *between: Code) -> list[Code]:
    """The items, with `between` between each two."""
    return [part for index, item in enumerate(items) for part in ((*between, item) if index else (item,))]


def bracketed(opening: str, items: Sequence[Code], closing: str, *, comma: bool = True) -> Group:
    """Items with commas between them. Where they do not fit they stand below each other, the last one with a comma too
    (`comma`), which keeps formatters from pulling them together."""
    if not items:
        return group(opening + closing)
    end = IfBroken("," if comma else "")
    return group(opening, indent(SOFT, *joined(items, ",", SPACE)), end, SOFT, closing)


def render(code: Code, *, width: int, step: int, level: int = 0) -> str:
    """The text of `code`, its first line indented too.

    Args:
        width: the columns a line should keep to.
        step: the columns of one indentation.
        level: the indentation it stands at.
    """
    out = [" " * (step * level)]
    column = step * level
    rest: list[tuple[int, bool, Code]] = [(level, True, code)]
    while rest:
        depth, broken, part = rest.pop()
        match part:
            case str():
                out.append(part)
                column += columns(part)
            case Line() if broken:
                out.append("\n" + " " * (step * depth))
                column = step * depth
            case Line():
                out.append(part.flat)
                column += len(part.flat)
            case IfBroken():
                out.append(part.text if broken else "")
                column += columns(part.text) if broken else 0
            case Indent():
                rest += [(depth + 1, broken, inner) for inner in reversed(part.parts)]
            case Group():
                breaks = not _fits(width - column, part, rest)
                rest += [(depth, breaks, inner) for inner in reversed(part.parts)]
    return "".join(out)


def block(text: str, *, step: int, level: int = 0) -> list[str]:
    """The lines of a piece of code that is the same in every client, indented."""
    margin = " " * (step * level)
    return [f"{margin}{line}".rstrip() for line in text.strip("\n").split("\n")]


def _fits(room: int, first: Group, after: Sequence[tuple[int, bool, Code]]) -> bool:
    """Whether `first` fits on the line, with all that stands before the next line break behind it."""
    todo: list[tuple[bool, Code]] = [(broken, part) for _, broken, part in after]
    todo.append((False, first))
    while todo and room >= 0:
        broken, part = todo.pop()
        match part:
            case str():
                room -= columns(part)
            case Line() if broken:
                return True
            case Line():
                room -= len(part.flat)
            case IfBroken():
                room -= columns(part.text) if broken else 0
            case Indent():
                todo += [(broken, inner) for inner in reversed(part.parts)]
            case Group():
                todo += [(False, inner) for inner in reversed(part.parts)]
    return room >= 0


def columns(text: str) -> int:
    """How many columns `text` takes: some characters are two wide, some have no width."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(character) for character in text)


def _columns_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
