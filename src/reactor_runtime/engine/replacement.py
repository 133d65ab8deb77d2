"""New code for a model that runs: what takes the place of what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..interface.model import ReactorModel


@dataclass(frozen=True, slots=True)
class FreshLoad:
    """That the model is to be made and loaded anew, and with what."""

    config: Mapping[str, Any]
    config_path: Path | None = None


@dataclass(frozen=True, slots=True)
class Replacement:
    """New code for the model's class.

    Attributes:
        model: the class, as the new code has it.
        adopt: moves other objects of the author's old classes over; called on the model's loop.
        rerun: the hooks to run again for the session and the clients there are, as their code has changed:
            `session_started`, `connected`.
        load: makes a fresh instance and loads it; where it is None, the instance stays and its class is replaced.
    """

    model: type[ReactorModel]
    adopt: Callable[[], None] = lambda: None
    rerun: frozenset[str] = field(default_factory=frozenset)
    load: FreshLoad | None = None
