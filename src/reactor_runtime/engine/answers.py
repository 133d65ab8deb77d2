"""One answer per command: its reply, an empty acknowledgement or an error, and never a second one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ..complaints import Complaints
from ..counters import Counters
from ..wire.messages import Command, Message, Refusal, Reply, ServerMessage
from .measures import CommandMeasures

logger = logging.getLogger("reactor.commands")


class Ticket:
    """The one answer a command will get. On the server's loop only; the first answer counts, later ones are dropped.

    Attributes:
        client: the id of the client that it is owed to.
        opened: when the command came, in seconds of the loop's clock.
        queued: when it was queued for the model, likewise; None where it has not been.
        began: when its handler began.
        ended: when that ended.
    """

    def __init__(
        self, command: Command, send: Callable[[ServerMessage], None], answers: Answers, opened: float, client: int
    ) -> None:
        self.client = client
        self.command = command
        self._send = send
        self._answers = answers
        self.opened = opened
        self.queued: float | None = None
        self.began: float | None = None
        self.ended: float | None = None

    def reply(self, message: Message | None, handled: float | None = None) -> None:
        """The handler returned `message`, or nothing, at `handled` seconds of the clock."""
        if self._answers.close(self):
            self._send(Reply(self.command.name, message, self.command.request_id, handled))
            self._answers.answered(self, "ok")

    def refuse(self, code: str, text: str) -> None:
        """The command was not carried out."""
        if self._answers.close(self):
            self._answers.count(f"commands.refused.{code}")
            self._send(Refusal(self.command.name, code, text, self.command.request_id))
            self._answers.answered(self, code)


class Answers:
    """The open tickets of one session.

    Args:
        loop: the server's loop.
        timeout: after so many seconds without an answer the caller is told `timeout`.
        counters: counts answers, refusals by code, and answers that came too late.
        measures: told of each answer.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        timeout: float,
        counters: Counters,
        measures: CommandMeasures | None = None,
    ) -> None:
        self._measures = measures or CommandMeasures()
        self._loop = loop
        self._timeout = timeout
        self._counters = counters
        self._open: dict[int, Ticket] = {}
        """In the order they were opened, which is also that in which they expire."""
        self._timer: asyncio.TimerHandle | None = None
        """Goes off no later than the first of them expires."""
        self._complaints = Complaints(logger, loop.time)

    def open(self, command: Command, send: Callable[[ServerMessage], None], client: int = 0) -> Ticket:
        """A ticket for `command`; `send` takes the answer to its client, whose id is `client`."""
        ticket = Ticket(command, send, self, self._loop.time(), client)
        self._open[id(ticket)] = ticket
        if self._timer is None:
            self._watch(ticket)
        return ticket

    def close(self, ticket: Ticket) -> bool:
        """Whether `ticket` was open; it is closed now."""
        if self._open.pop(id(ticket), None) is None:
            self._counters.add("answers.late")
            return False
        return True

    def answered(self, ticket: Ticket, code: str) -> None:
        """The answer to `ticket` is on its way: `ok`, or the code of a refusal."""
        self._measures.answered(ticket, code, self._loop.time())

    def count(self, name: str) -> None:
        self._counters.add(name)

    def close_all(self, code: str, text: str) -> None:
        """Refuse whatever is still open."""
        for ticket in list(self._open.values()):
            ticket.refuse(code, text)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _watch(self, oldest: Ticket) -> None:
        self._timer = self._loop.call_at(oldest.opened + self._timeout, self._expire)

    def _expire(self) -> None:
        """Refuse those that are due. Most often none is: the one that the timer was for has had its answer."""
        now, self._timer = self._loop.time(), None
        for ticket in list(self._open.values()):
            if ticket.opened + self._timeout > now:
                self._watch(ticket)
                return
            self._complaints.warn(
                f"{ticket.command.name}: no answer from its handler in {self._timeout:g} s; the caller is told so, and "
                "the handler goes on"
            )
            ticket.refuse(
                "timeout", f"{ticket.command.name}: no answer within {self._timeout:g} s; it may still happen"
            )
