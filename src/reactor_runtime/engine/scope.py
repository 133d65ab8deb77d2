"""A session and its clients, as the model's side knows them. What crosses a thread carries its scope."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Protocol

from ..interface.clients import ClientInfo
from ..wire.messages import Message


class Scope(Protocol):
    """A session. Once `closed`, whatever still carries it is dropped."""

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        ...

    def broadcast(self, message: Message) -> None:
        """Send to every client. On the server's loop."""
        ...


class Member(Protocol):
    """A client of a session."""

    @property
    def info(self) -> ClientInfo: ...

    @property
    def scope(self) -> Scope: ...

    def deliver(self, message: Message) -> None:
        """Send to this client alone. On the server's loop."""
        ...


handler_scope: ContextVar[Scope | None] = ContextVar("reactor_handler_scope", default=None)
"""The session whose item a handler or hook (or a task it made) runs for."""
