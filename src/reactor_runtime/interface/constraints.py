"""`InputField`: the default, the limits and the description of what a client may send."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..errors import DeclarationError


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = _Missing()
"""No default: the field is required."""


@dataclass(frozen=True)
class FieldSpec:
    """What `InputField` was given."""

    default: Any
    description: str
    ge: float | None
    le: float | None
    min_length: int | None
    max_length: int | None
    choices: tuple[Any, ...] | None
    moderate: bool

    def limits(self) -> list[str]:
        """The names of the limits that are set."""
        names = ("ge", "le", "min_length", "max_length", "choices")
        return [name for name in names if getattr(self, name) is not None]

    def problem(self, value: Any) -> str | None:
        """What is wrong with a parsed value, or None. A None value is bound by no limit. An Enum's member is given as
        what stands for it on the wire."""
        if value is None:
            return None
        if self.ge is not None and value < self.ge:
            return f"{value} is below the minimum {self.ge}"
        if self.le is not None and value > self.le:
            return f"{value} is above the maximum {self.le}"
        if self.min_length is not None and len(value) < self.min_length:
            return f"has length {len(value)}, below the minimum {self.min_length}"
        if self.max_length is not None and len(value) > self.max_length:
            return f"has length {len(value)}, above the maximum {self.max_length}"
        if self.choices is not None and not any(same(choice, value) for choice in self.choices):
            return f"{value!r} is not one of {', '.join(repr(choice) for choice in self.choices)}"
        return None

    def schema(self, inner: dict[str, Any]) -> dict[str, Any]:
        """The limits as JSON Schema keywords for a value whose schema is `inner`, whose own limits hold too."""
        kind = str(inner.get("type"))
        suffix = {"string": "Length", "array": "Items", "object": "Properties"}.get(kind, "Length")
        said = {
            "minimum": self.ge,
            "maximum": self.le,
            f"min{suffix}": self.min_length,
            f"max{suffix}": self.max_length,
            "enum": None if self.choices is None else list(self.choices),
        }
        return {
            key: _both(key, inner[key], value) if key in inner else value
            for key, value in said.items()
            if value is not None
        }


def _both(key: str, one: Any, other: Any) -> Any:
    """What a keyword says where two limits say it, and both hold."""
    if key == "enum":
        return [value for value in one if any(same(value, wanted) for wanted in other)]
    return max(one, other) if key.startswith("min") else min(one, other)


def same(wire: Any, value: Any) -> bool:
    """Whether two JSON values are equal; a boolean never equals a number."""
    if isinstance(wire, list) and isinstance(value, list):
        return len(wire) == len(value) and all(map(same, wire, value))
    if isinstance(wire, dict) and isinstance(value, dict):
        return wire.keys() == value.keys() and all(same(wire[key], value[key]) for key in wire)
    return isinstance(wire, bool) == isinstance(value, bool) and bool(wire == value)


def InputField(
    default: Any = MISSING,
    *,
    description: str = "",
    ge: float | None = None,
    le: float | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    choices: Iterable[Any] | None = None,
    moderate: bool = False,
) -> Any:
    """Describe a parameter of an `@event` handler: `x: float = InputField(default=1.0, ge=0)`, or
    `x: Annotated[float, InputField(ge=0)] = 1.0`.

    Args:
        default: used when the client leaves it out; without one the parameter is required.
        description: what it means, for the published schema.
        ge: the smallest number allowed.
        le: the largest number allowed.
        min_length: of a string, list or dict.
        max_length: of a string, list or dict.
        choices: the values allowed.
        moderate: whether a platform should moderate it; published, and otherwise without effect here.
    """
    allowed = None if choices is None else tuple(choices)
    return FieldSpec(default, description, ge, le, min_length, max_length, allowed, moderate)


def check_spec(spec: FieldSpec, schema: dict[str, Any], where: str) -> None:
    """Check that the limits suit a field of the given schema.

    Raises:
        DeclarationError: one does not, or they exclude each other.
    """
    kind = schema.get("type")
    if (spec.ge is not None or spec.le is not None) and kind not in ("integer", "number"):
        raise DeclarationError(f"{where}: ge and le are for numbers")
    if (spec.min_length is not None or spec.max_length is not None) and kind not in ("string", "array", "object"):
        raise DeclarationError(f"{where}: min_length and max_length are for strings, lists and dicts")
    if spec.choices is not None and kind not in ("string", "integer", "number"):
        raise DeclarationError(f"{where}: choices are for strings and numbers")
    for name in ("ge", "le"):
        if (limit := getattr(spec, name)) is not None and not math.isfinite(limit):
            raise DeclarationError(f"{where}: {name}={limit} has no JSON form; leave it out for no limit")
    for name in ("min_length", "max_length"):
        if (limit := getattr(spec, name)) is not None and (not isinstance(limit, int) or limit < 0):
            raise DeclarationError(f"{where}: {name}={limit} is no length; it is a whole number from 0 on")
    if spec.choices is not None and not spec.choices:
        raise DeclarationError(f"{where}: choices is empty, so nothing could be sent")
    if spec.ge is not None and spec.le is not None and spec.ge > spec.le:
        raise DeclarationError(f"{where}: ge={spec.ge} is above le={spec.le}, so nothing could be sent")
    low, high = spec.min_length, spec.max_length
    if low is not None and high is not None and low > high:
        raise DeclarationError(f"{where}: min_length={low} is above max_length={high}, so nothing could be sent")
