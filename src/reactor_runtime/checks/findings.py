"""One line of a check."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass


class Level(enum.Enum):
    """How a finding is to be taken."""

    OK = "ok"
    WARNING = "warning"
    """It runs, and may not do what is meant."""
    ERROR = "error"
    """It will fail, or do nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found.

    Attributes:
        level: how it is to be taken.
        subject: what was looked at, in a word: `manifest`, `import`, `tracks`, `handlers`, `config`, `code`, `emit`,
            `run`.
        text: what was found, where, and what to do.
    """

    level: Level
    subject: str
    text: str


def ok(subject: str, text: str) -> Finding:
    return Finding(Level.OK, subject, text)


def warning(subject: str, text: str) -> Finding:
    return Finding(Level.WARNING, subject, text)


def error(subject: str, text: str) -> Finding:
    return Finding(Level.ERROR, subject, text)


def failed(findings: Iterable[Finding]) -> bool:
    """Whether there is an error among them."""
    return any(finding.level is Level.ERROR for finding in findings)
