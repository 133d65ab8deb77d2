"""What `load(config)` gets: a mapping whose keys are attributes too."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Config(dict[str, Any]):
    """A mapping with attribute access, at every depth: `config["sampler"]["steps"]` is `config.sampler.steps`.

    A key that is also the name of a dict method (`items`, `copy`, ...) is reached by subscript only.

    Args:
        values: mappings within it, also those in lists, become `Config`s.
    """

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        super().__init__({key: _nested(value) for key, value in (values or {}).items()})

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(self._missing(name), name=name, obj=self) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = _nested(value)

    def _missing(self, name: str) -> str:
        near = difflib.get_close_matches(name, [key for key in self if isinstance(key, str)], n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"the config has no key {name!r}{hint}"


def takes_path(parameter: inspect.Parameter) -> bool:
    """Whether a `load` wants the config file's path instead of its content: its parameter is annotated `Path`."""
    return parameter.annotation is Path or parameter.annotation in ("Path", "pathlib.Path")


def _nested(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value if isinstance(value, Config) else Config(value)
    if isinstance(value, list):
        return [_nested(item) for item in value]
    return value
