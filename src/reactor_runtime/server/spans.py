"""What happens as OpenTelemetry spans: the load, sessions, connections in them, and the commands of each.

They are made of the journal and of the commands that were answered, so the engine knows nothing of them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..engine.journal import Entry
from ..engine.measures import Timed
from ..engine.runtime import Runtime

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer

_LONG = 128
"""Characters of a command's name: a client may send any."""


class Spans:
    """Follows a runtime from now on. On the server's loop.

    Args:
        runtime: whose journal and commands it is told of.
        tracer: what makes the spans.
    """

    def __init__(self, runtime: Runtime, tracer: Tracer) -> None:
        self._tracer = tracer
        self._model = runtime.name
        self._load: Span | None = None
        self._session: Span | None = None
        self._session_id = ""
        self._connections: dict[int, Span] = {}
        self._steps = {
            "initializing": self._load_began,
            "initialization_success": self._load_ended,
            "initialization_fail": self._load_ended,
            "start_session": self._session_began,
            "connection_opened": self._connection_opened,
            "connection_closed": self._connection_closed,
            "cleanup_complete": self._session_ended,
        }
        runtime.journal.tell(self._noted)
        runtime.measures.commands.told = self._answered

    def close(self) -> None:
        """End what has not ended."""
        for span in (*self._connections.values(), self._session, self._load):
            if span is not None:
                span.end()
        self._connections.clear()
        self._session = self._load = None

    def _noted(self, entry: Entry) -> None:
        step = self._steps.get(entry.event)
        if step is not None:
            step(entry)
        elif self._session is not None:
            told = {name: _attribute(value) for name, value in entry.detail.items()}
            self._session.add_event(entry.event, told)

    # -- load, session, connection

    def _load_began(self, entry: Entry) -> None:
        self._load = self._tracer.start_span("load", attributes={"reactor.model": self._model})

    def _load_ended(self, entry: Entry) -> None:
        span, self._load = self._load, None
        if span is not None:
            if entry.event == "initialization_fail":
                _fail(span, str(entry.detail.get("error", "")))
            span.end()

    def _session_began(self, entry: Entry) -> None:
        self._session_id = entry.session
        self._session = self._tracer.start_span(
            "session", attributes={"reactor.model": self._model, "reactor.session": entry.session}
        )

    def _session_ended(self, entry: Entry) -> None:
        span, self._session = self._session, None
        for connection in self._connections.values():
            connection.end()
        self._connections.clear()
        if span is not None:
            span.set_attribute("reactor.reason", str(entry.detail.get("reason", "")))
            span.end()

    def _connection_opened(self, entry: Entry) -> None:
        client = int(entry.detail["conn_id"])
        self._connections[client] = self._tracer.start_span(
            "connection",
            context=_within(self._session),
            attributes={
                "reactor.session": entry.session,
                "reactor.client": client,
                "reactor.connection": str(entry.detail["connection"]),
            },
        )

    def _connection_closed(self, entry: Entry) -> None:
        span = self._connections.pop(int(entry.detail["conn_id"]), None)
        if span is not None:
            span.set_attribute("reactor.reason", str(entry.detail.get("reason", "")))
            span.end()

    # -- commands: made when they are over, with the times they had

    def _answered(self, command: Timed, code: str, now: float) -> None:
        origin = time.time_ns() - int(now * 1e9)

        def at(moment: float) -> int:
            return origin + int(moment * 1e9)

        span = self._tracer.start_span(
            "command",
            context=_within(self._connections.get(command.client, self._session)),
            start_time=at(command.opened),
            attributes={
                "reactor.command": command.command.name[:_LONG],
                "reactor.code": code,
                "reactor.session": self._session_id,
                "reactor.client": command.client,
            },
        )
        if span.is_recording():
            if code != "ok":
                _fail(span, code)
            within = _within(span)
            reached = [
                ("validate", command.queued),
                ("queue", command.began),
                ("handler", command.ended),
                ("answer", now if command.ended is not None else None),
            ]
            begin = command.opened
            for stage, end in reached:
                if end is None:
                    break
                self._tracer.start_span(stage, context=within, start_time=at(begin)).end(at(end))
                begin = end
        span.end(at(now))


def _within(parent: Span | None) -> Context | None:
    from opentelemetry.trace import set_span_in_context

    return None if parent is None else set_span_in_context(parent)


def _fail(span: Span, why: str) -> None:
    from opentelemetry.trace import Status, StatusCode

    span.set_status(Status(StatusCode.ERROR, why))


def _attribute(value: object) -> str | int | float | bool:
    return value if isinstance(value, (str, int, float, bool)) else str(value)
