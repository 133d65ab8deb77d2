"""`--model.key=value`: values of the config file, given on the command line."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ManifestError
from .document import describe, parse_yaml

PREFIX = "--model."


@dataclass(frozen=True, slots=True)
class Override:
    """One value: `keys` lead to it from the top of the config."""

    keys: tuple[str, ...]
    value: Any

    @property
    def path(self) -> str:
        """The keys as they were written, with dots."""
        return ".".join(self.keys)


def parse_override(argument: str) -> Override:
    """Read `--model.sampler.steps=4`. The value is YAML: `4` is a number, `true` a bool, `[1, 2]` a list, `""` an
    empty text, nothing at all null.

    Raises:
        ManifestError: it is written otherwise.
    """
    name, equals, value = argument.partition("=")
    path = name.removeprefix(PREFIX)
    if not name.startswith(PREFIX) or not equals or not all(key.strip() for key in path.split(".")):
        raise ManifestError(
            f"{argument}: this is no override; write {PREFIX}key=value, or {PREFIX}section.key=value for nested keys"
        )
    return Override(tuple(path.split(".")), parse_yaml(value, argument))


def apply_overrides(
    config: Mapping[str, Any], overrides: Iterable[Override], file: str = "the config"
) -> dict[str, Any]:
    """A copy of `config` with the overrides in it; the last one of a key counts. Sections come into being as needed.

    Args:
        file: what an error calls the config.

    Raises:
        ManifestError: an override goes through a value that is no section.
    """
    merged = copy.deepcopy(dict(config))
    for override in overrides:
        place = merged
        for depth, key in enumerate(override.keys[:-1], start=1):
            if place.get(key) is None:
                place[key] = {}
            if not isinstance(place[key], dict):
                raise ManifestError(
                    f"{PREFIX}{override.path}: {'.'.join(override.keys[:depth])} is {describe(place[key])} in {file}, "
                    "so there is no key to set within it"
                )
            place = place[key]
        place[override.keys[-1]] = override.value
    return merged
