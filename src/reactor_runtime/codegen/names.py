"""Identifiers: from names on the wire, which may be any text, to names in code, each of which is given once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_GAPS = re.compile(r"[\W_]+")
_CUT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def pascal(text: str) -> str:
    """`set_prompt` is `SetPrompt`, `HTTPError` stays as it is."""
    return "".join(word[:1].upper() + word[1:] for word in _words(text))


def camel(text: str) -> str:
    """`set_prompt` is `setPrompt`."""
    first, *rest = _words(text) or [""]
    first = first.lower() if first.isupper() else first[:1].lower() + first[1:]
    return first + pascal("_".join(rest))


def snake(text: str) -> str:
    """`CurrentPrompt` is `current_prompt`."""
    return "_".join(word for part in _words(text) for word in _CUT.split(part)).lower()


def singular(text: str) -> str:
    """What one of `points` is called."""
    if text.endswith("ies") and len(text) > 4:
        return text[:-3] + "y"
    return text[:-1] if text.endswith("s") and not text.endswith("ss") and len(text) > 2 else text


def identifier(text: str, fallback: str) -> str:
    """`text` as an identifier; `fallback` where nothing of it can stand in one.

    It begins with one underscore at most: two would have a meaning of their own in a Python class.
    """
    # Python reads identifiers in this form, so that two that look alike would be one.
    name = re.sub(r"\W", "_", unicodedata.normalize("NFKC", text))
    name = re.sub(r"^__+", "_", name)
    if not name.strip("_"):
        return fallback
    return name if name.isidentifier() else f"_{name}"


def type_name(text: str) -> str:
    """The name of a type: `text`, which is in Pascal case, where it is an identifier."""
    return identifier(text if not text[:1].isdigit() else f"Type{text}", "Value")


def _words(text: str) -> list[str]:
    return [word for word in _GAPS.split(text) if word]


class Names:
    """The names of one scope.

    Args:
        reserved: what none of them may be.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken = set(reserved)

    def take(self, *wanted: str) -> str:
        """The first of `wanted` that is free, else the last one with underscores after it."""
        name = next((name for name in wanted if name not in self._taken), wanted[-1])
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name
