"""What a query of Prometheus's names: metrics, and labels of theirs. Enough of the language for what `deploy/` asks."""

from __future__ import annotations

import re
from dataclasses import dataclass

_METRIC = re.compile(r"(?<![\w$\"'])(?P<name>(?:reactor|process)_\w+)(?:\{(?P<matchers>[^}]*)\})?")
_MATCHER = re.compile(r"(?P<label>\w+)\s*(?P<sign>=~|!~|!=|=)\s*\"(?P<value>[^\"]*)\"")
_GROUPED = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")


@dataclass(frozen=True)
class Asked:
    """One metric of a query.

    Attributes:
        name: as it is written, so with `_bucket` and the like.
        labels: what its matchers name, and what exactly is asked of it; None where that is a pattern.
    """

    name: str
    labels: dict[str, str | None]


def metrics(query: str) -> list[Asked]:
    """The metrics of a query."""
    found = []
    for match in _METRIC.finditer(query):
        labels = {
            m["label"]: m["value"] if m["sign"] == "=" else None for m in _MATCHER.finditer(match["matchers"] or "")
        }
        found.append(Asked(match["name"], labels))
    return found


def grouped(query: str) -> set[str]:
    """The labels that its results are told apart by, or joined on."""
    return {label.strip() for labels in _GROUPED.findall(query) for label in labels.split(",") if label.strip()}
