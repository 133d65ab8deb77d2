"""YAML files read with care: every complaint names the file, the path of the key and what was expected."""

from __future__ import annotations

import difflib
import logging
import math
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml

from ..errors import ManifestError

logger = logging.getLogger("reactor.manifest")

Value = TypeVar("Value")

_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*)(?:\.[0-9_]*)?[eE][-+]?[0-9]{1,3}\Z")


_LARGE = 10**30
_LONG = 120
_ALIKE = 0.75
"""How alike a key that is taken for a misspelt one is, from 0 to 1."""
_OPTIONS = ("host", "port")


class _Loader(yaml.SafeLoader):
    """The safe loader, which also takes `1e-4` for the number it is (YAML 1.1 wants `1.0e-4`)."""


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789"))


def parse_yaml(text: str | bytes, where: str) -> Any:
    """One YAML document.

    Raises:
        ManifestError: it is no YAML; says `where`, and the line and column within.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ManifestError(f"{where}{place}: this is no YAML: {error.problem}") from error
    except Exception as error:  # a value that does not fit its tag: an IndexError, a KeyError, an AttributeError, …
        why = " ".join(str(error).split()) if isinstance(error, (yaml.YAMLError, ValueError)) else "a tag does not fit"
        raise ManifestError(f"{where}: this is no YAML: {why}") from error


def read_mapping(file: Path) -> dict[str, Any]:
    """The mapping a YAML file holds; an empty file holds an empty one.

    Raises:
        ManifestError: it cannot be read, is no YAML, or holds something else.
    """
    try:
        text = file.read_bytes()
    except OSError as error:
        raise ManifestError(f"{file}: cannot be read: {error.strerror or error}") from error
    value = parse_yaml(text, str(file))
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ManifestError(f"{file}: expected keys and values at the top, got {describe(value)}")
    odd = next((key for key in value if not isinstance(key, str)), None)
    if odd is not None:
        raise ManifestError(f"{file}: expected names as keys, got {describe(odd)}; put it in quotes")
    return value


def describe(value: Any) -> str:
    """What a YAML value is, in words for an error: `the text 'fast'`, `a list`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        if isinstance(value, int) and abs(value) > _LARGE:
            return "a number beyond all bounds"
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {shorten(value)!r}"
    if isinstance(value, list):
        return "a list"
    return "keys and values" if isinstance(value, dict) else f"a {type(value).__name__}"


def shorten(text: str) -> str:
    """`text`, or its beginning where it is long."""
    return text if len(text) <= _LONG else text[: _LONG - 3] + "..."


def error_text(error: Exception) -> str:
    """What went wrong with a path, in short."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


class Section:
    """The keys of one mapping in a file. A key that is absent or null reads as None.

    Args:
        file: where it stands.
        path: the path of its own key, such as `runtime.uploads`; empty at the top.
        values: the mapping.
    """

    def __init__(self, file: Path, path: str, values: dict[str, Any]) -> None:
        self.file = file
        self.values = values
        self._path = path

    def path(self, key: str) -> str:
        """The full path of `key`."""
        return f"{self._path}.{key}" if self._path else key

    def fail(self, key: str, expected: str, got: Any) -> NoReturn:
        """Raise the ManifestError for a value that is not what was `expected`."""
        raise ManifestError(f"{self.file}: {self.path(key)}: expected {expected}, got {describe(got)}")

    def _typed(self, key: str, types: type[Value], expected: str) -> Value | None:
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, types):
            self.fail(key, expected, value)
        return value

    def text(self, key: str, expected: str) -> str | None:
        """A text that is not empty."""
        value = self._typed(key, str, expected)
        if value is not None and not value.strip():
            self.fail(key, expected, value)
        return value

    def whole(self, key: str, expected: str) -> int | None:
        """A whole number above 0."""
        value = self._typed(key, int, expected)
        if value is not None and (isinstance(value, bool) or value < 1):
            self.fail(key, expected, value)
        return value

    def number(self, key: str, expected: str) -> float | None:
        """A finite number above 0."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.fail(key, expected, value)
        try:
            number = float(value)
        except OverflowError:
            self.fail(key, expected, value)
        if not math.isfinite(number) or number <= 0:
            self.fail(key, expected, value)
        return number

    def flag(self, key: str, expected: str) -> bool | None:
        """True or false."""
        return self._typed(key, bool, expected)

    def items(self, key: str, expected: str) -> list[Any]:
        """A list; empty where it is absent."""
        return self._typed(key, list, expected) or []

    def section(self, key: str, expected: str = "keys and values") -> Section:
        """The mapping under `key`; empty where it is absent."""
        return Section(self.file, self.path(key), self._typed(key, dict, expected) or {})

    def warn_unknown(self, known: Iterable[str], later: Iterable[str] = ()) -> None:
        """Log each key that is none of `known`, with the nearest one.

        Args:
            later: keys other runtimes know, which say nothing here yet: no reason to warn.
        """
        names, later = list(known), set(later)
        for key in self.values:
            path = self.path(str(key))
            if key in later:
                logger.info("%s: %s: not supported yet, ignored", self.file, path)
            elif key in _OPTIONS and key not in names:
                logger.warning("%s: %s: no key of a manifest, ignored; use --%s", self.file, path, key)
            elif key not in names:
                logger.warning("%s: %s: unknown key, ignored%s", self.file, path, did_you_mean(str(key), names, repr))


def did_you_mean(word: str, known: Iterable[str], show: Callable[[str], str] = str) -> str:
    """`; did you mean x?`, where one of `known` is much like `word`, else nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=_ALIKE)
    return f"; did you mean {show(near[0])}?" if near else ""
