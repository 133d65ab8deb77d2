"""What a client is allowed, and by which address it came."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class Role(IntEnum):
    """What one may do; each includes those before it."""

    VIEW = 1
    """Watch: see and hear the model, read its schema, and fetch clips."""
    CONTROL = 2
    """Also start and stop sessions, command the model, upload, and publish tracks."""
    OWNER = 3
    """Also make tokens."""


@dataclass(frozen=True, slots=True)
class Admission:
    """With what somebody was let in.

    Attributes:
        role: what it may do.
        base: the path that stands in front of every route for it, such as `/t/4f1c`; empty where none does.
        holder: tells those with one credential from those with another, without giving it away; empty where none is
            asked for.
    """

    role: Role = Role.OWNER
    base: str = field(default="", repr=False)
    holder: str = ""

    @property
    def watches_only(self) -> bool:
        return self.role is Role.VIEW


UNRESTRICTED = Admission()
"""What everybody has where no credential is asked for."""
