"""What config.yml says of the world, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any


@dataclass(frozen=True)
class Settings:
    """How a session begins, and how fast its days pass."""

    seed: int
    hour: float
    day_length: float
    """In seconds; 0 where the time of day stands still."""


def settings_of(config: Mapping[str, Any]) -> Settings:
    """The settings of a config.

    Raises:
        ValueError: one is of the wrong kind, or beyond what a client could ask for.
    """
    seed = config.get("seed", 1)
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(f"config: seed: {seed!r} is no whole number from 0 up")
    return Settings(seed, _number(config, "hour", 9.0, 24.0), _number(config, "day_length", 300.0, inf))


def _number(config: Mapping[str, Any], key: str, default: float, highest: float) -> float:
    value = config.get(key, default)
    number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if not number or not 0 <= value <= highest:
        limits = f"from 0 to {highest:g}" if isfinite(highest) else "from 0 up"
        raise ValueError(f"config: {key}: {value!r} is no number {limits}")
    return float(value)
