"""A session and its clients, as the model's side knows them. What crosses a thread carries its scope."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from ..interface.clients import ClientInfo
from ..wire.messages import Message, ServerMessage


class Scope(Protocol):
    """A session. Once `closed`, whatever still carries it is dropped."""

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        ...

    def broadcast(self, message: ServerMessage) -> None:
        """Send to every client. On the server's loop."""
        ...


class Member(Protocol):
    """A client of a session."""

    @property
    def info(self) -> ClientInfo: ...

    @property
    def scope(self) -> Scope: ...

    @property
    def present(self) -> bool:
        """Whether it is still there."""
        ...

    admitted: bool
    """Whether its `@connected` has ended and `run()` may know of it."""

    def deliver(self, message: Message) -> None:
        """Send to this client alone. On the server's loop."""
        ...


@dataclass(slots=True)
class Stamp:
    """To what a step belongs: taken when it begins, and compared when what it made is to be shown.

    Attributes:
        scope: the session; None before the first one.
        generation: of clients; it changes when the last one leaves.
        epoch: it changes with each flush.
        began: when the step began, in seconds of the clock; None where that says nothing of its length.
    """

    scope: Scope | None = None
    generation: int = 0
    epoch: int = 0
    began: float | None = None


handler_stamp: ContextVar[Stamp | None] = ContextVar("reactor_handler_stamp", default=None)
"""The stamp of the handler or hook that runs, or of a task that one made."""
