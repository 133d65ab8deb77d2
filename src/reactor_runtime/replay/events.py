"""What can happen in a script, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Connect:
    """The client comes."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The client goes."""


@dataclass(frozen=True, slots=True)
class Call:
    """The client sends a command. `uploads` are files by id, for parameters by name, beside the `arguments`."""

    command: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    uploads: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Upload:
    """The bytes of a file are there, for whoever names its `id`."""

    name: str
    path: Path
    mime_type: str
    id: str


@dataclass(frozen=True, slots=True)
class Stream:
    """The client begins to send a media file on an input track, in place of what it sends there."""

    track: str
    path: Path
    loop: bool = False


@dataclass(frozen=True, slots=True)
class StopStream:
    """The client sends no more on an input track."""

    track: str


@dataclass(frozen=True, slots=True)
class Pause:
    """The client takes no more of an output track."""

    track: str


@dataclass(frozen=True, slots=True)
class Resume:
    """The client takes an output track again."""

    track: str


@dataclass(frozen=True, slots=True)
class End:
    """The session ends."""

    reason: str = ""


Deed: TypeAlias = Connect | Leave | Call | Upload | Stream | StopStream | Pause | Resume | End


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens.

    Attributes:
        at: seconds from the session's start.
        deed: what.
        client: the number of the client that does it, in the script's own count.
        line: where it stands in the script, from 1 on; 0 for one that no line says.
    """

    at: float
    deed: Deed
    client: int = 1
    line: int = 0


@dataclass(frozen=True, slots=True)
class Script:
    """Events in the order of their times.

    Attributes:
        name: what an error calls it: its path.
        events: what happens.
    """

    name: str
    events: tuple[Event, ...]

    def where(self, event: Event) -> str:
        """The place of an event, for an error: `drive.jsonl:3`."""
        return f"{self.name}:{event.line}" if event.line else self.name

    @property
    def end(self) -> float | None:
        """When the session ends, where the script says so."""
        return next((event.at for event in self.events if isinstance(event.deed, End)), None)
