"""Descriptions, made fit for comments: whatever an author wrote, in lines that keep to a width."""

from __future__ import annotations

import inspect
import textwrap
import unicodedata
from collections.abc import Mapping
from typing import Any

_NO_TEXT = ("Cc", "Cs", "Zl", "Zp")
_TURNS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""What turns the direction of text around: code that holds it may read otherwise than it runs."""
_NARROWEST = 20


def clean(text: str) -> str:
    """`text` without what does not belong in source code: control characters, odd line ends, common indentation."""
    lines = ("".join(_kept(character) for character in line.expandtabs()) for line in text.splitlines())
    return inspect.cleandoc("\n".join(line.rstrip() for line in lines)).strip()


def one_line(text: str) -> str:
    """`text` with each stretch of white space as one blank."""
    return " ".join(clean(text).split())


def _kept(character: str) -> str:
    if character in _TURNS:
        return ""
    return " " if unicodedata.category(character) in _NO_TEXT else character


def wrapped(text: str, width: int, *, first: str = "", hanging: str = "") -> list[str]:
    """The lines of `text`, those that are too long broken at blanks.

    Args:
        width: the most columns; a word that is longer stays whole.
        first: what the first line begins with.
        hanging: what all others begin with.
    """
    lines: list[str] = []
    for line in clean(text).split("\n"):
        margin = line[: len(line) - len(line.lstrip())]
        found = textwrap.wrap(
            line.strip(),
            max(width, _NARROWEST),
            initial_indent=(hanging if lines else first) + margin,
            subsequent_indent=hanging + margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += found or [""]
    return lines


def sentence(*parts: str) -> str:
    """The parts that say something as one text, each ended by a full stop."""
    said = [clean(part) for part in parts]
    return " ".join(part if part[-1] in ".!?:;…" else f"{part}." for part in said if part)


def limits_of(schema: Mapping[str, Any]) -> str:
    """What a value must keep to, such as `From 0 to 1`. Choices are not among it: they are the type."""
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list):
            schema = next((part for part in schema[key] if isinstance(part, Mapping)), {})
    said = [_between(schema.get("minimum"), schema.get("maximum"), "")]
    for suffix, unit in (("Length", "characters"), ("Items", "items"), ("Properties", "entries")):
        said.append(_between(schema.get(f"min{suffix}"), schema.get(f"max{suffix}"), f" {unit}"))
    return sentence(*said)


def _between(least: Any, most: Any, unit: str) -> str:
    if least is not None and most is not None:
        return f"From {_plain(least)} to {_plain(most)}{unit}"
    if least is not None:
        return f"At least {_plain(least)}{unit}"
    return "" if most is None else f"At most {_plain(most)}{unit}"


def _plain(number: Any) -> str:
    return str(number).removesuffix(".0")
