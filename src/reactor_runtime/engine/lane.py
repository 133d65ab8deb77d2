"""The commands of one client, validated and queued in the order they came, also when one waits for its files."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import asdict
from typing import Any

from ..errors import CommandError, FieldError
from ..interface.commands import CommandDeclaration, suggestion
from ..interface.uploads import UploadedFile
from ..limits import Limits
from .answers import Ticket
from .uploads import UploadStore

logger = logging.getLogger("reactor.commands")

Submit = Callable[[CommandDeclaration, dict[str, Any], Ticket], bool]


class Lane:
    """Takes a client's commands to the dispatcher. On the server's loop.

    Args:
        commands: the model's commands, by name.
        uploads: the session's files.
        limits: how many commands may wait behind a file, and for how long.
        submit: queues a validated command; False where there is no room.
        spawn: runs a coroutine in a task that the client's session owns.
        now: the time in seconds.
    """

    def __init__(
        self,
        commands: Mapping[str, CommandDeclaration],
        uploads: UploadStore,
        limits: Limits,
        submit: Submit,
        spawn: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[Any]],
        now: Callable[[], float],
    ) -> None:
        self._now = now
        self._commands = commands
        self._uploads = uploads
        self._limits = limits
        self._submit = submit
        self._spawn = spawn
        self._behind: deque[Ticket] | None = None
        self._waiter: asyncio.Task[Any] | None = None
        self._held: Ticket | None = None

    def take(self, ticket: Ticket) -> None:
        """Validate a command and queue it; it is refused by its ticket if it is wrong."""
        if self._behind is not None:
            if len(self._behind) >= self._limits.client_commands:
                ticket.refuse("busy", f"{ticket.command.name}: {len(self._behind)} commands wait for an upload already")
            else:
                self._behind.append(ticket)
            return
        waiting = self._begin(ticket)
        if waiting is not None:
            self._behind = deque()
            self._waiter = self._spawn(self._wait(waiting), f"{ticket.command.name} waits for its files")

    def close(self) -> None:
        """The client has left: what still waits for its files is not run."""
        waiting = [ticket for ticket in (self._held, *(self._behind or ())) if ticket is not None]
        if self._waiter is not None:
            self._waiter.cancel()
        for ticket in waiting:
            ticket.refuse("session_ended", f"{ticket.command.name}: the client left while it waited for its files")

    def _begin(self, ticket: Ticket) -> _Waiting | None:
        """Validate and queue; what it still waits for, if it does."""
        name = ticket.command.name
        resolver = _Resolver(self._uploads)
        try:
            declaration = self._commands.get(name)
            if declaration is None:
                raise CommandError("invalid_command", f"no such command{suggestion(name, list(self._commands))}")
            given = dict(ticket.command.arguments)
            given.update((parameter, asdict(ref)) for parameter, ref in ticket.command.uploads.items())
            arguments = declaration.arguments(given, resolver)
        except CommandError as refusal:
            ticket.refuse(refusal.code, f"{name}: {refusal.message}")
        except FieldError as error:
            ticket.refuse("invalid_command", f"{name}: {error}")
        except Exception:
            logger.exception("the arguments of %s could not be made", name)
            ticket.refuse("internal_error", f"{name}: its arguments could not be made; the server's log has the reason")
        else:
            if resolver.pending:
                return _Waiting(ticket, declaration, arguments, resolver.pending)
            self._queue(declaration, arguments, ticket)
        return None

    def _queue(self, declaration: CommandDeclaration, arguments: dict[str, Any], ticket: Ticket) -> None:
        ticket.queued = self._now()
        if not self._submit(declaration, arguments, ticket):
            ticket.queued = None
            limits = self._limits
            ticket.refuse(
                "busy",
                f"{declaration.name}: {limits.commands} commands wait for the model already"
                + (f", or {limits.commands_each} of this client" if limits.commands_each < limits.commands else ""),
            )

    async def _wait(self, waiting: _Waiting | None) -> None:
        try:
            while waiting is not None:
                self._held = waiting.ticket
                await self._finish(waiting)
                self._held = waiting = None
                while self._behind and waiting is None:
                    waiting = self._begin(self._behind.popleft())
        finally:
            self._behind = self._held = self._waiter = None

    async def _finish(self, waiting: _Waiting) -> None:
        try:
            async with asyncio.timeout_at(waiting.ticket.opened + self._limits.upload_wait):
                for complete in waiting.pending.values():
                    await complete.wait()
        except TimeoutError:
            missing = [name for name, complete in waiting.pending.items() if not complete.is_set()]
            waiting.ticket.refuse(
                "unresolved_upload",
                f"{waiting.ticket.command.name}: {', '.join(missing)}: the bytes did not arrive within "
                f"{self._limits.upload_wait:g} s",
            )
        else:
            self._queue(waiting.declaration, waiting.arguments, waiting.ticket)


class _Waiting:
    def __init__(
        self,
        ticket: Ticket,
        declaration: CommandDeclaration,
        arguments: dict[str, Any],
        pending: dict[str, asyncio.Event],
    ) -> None:
        self.ticket = ticket
        self.declaration = declaration
        self.arguments = arguments
        self.pending = pending


class _Resolver:
    """Finds the files a command names, and notes whose bytes are still to come."""

    def __init__(self, uploads: UploadStore) -> None:
        self._uploads = uploads
        self.pending: dict[str, asyncio.Event] = {}

    def __call__(self, reference: Mapping[str, Any], path: str) -> UploadedFile:
        found = self._uploads.find(reference["upload_id"])
        if found is None:
            raise CommandError(
                "unresolved_upload", f"{path}: no upload {reference['upload_id']!r} in this session; upload it first"
            )
        file, complete = found
        if not complete.is_set():
            self.pending[path] = complete
        return file
