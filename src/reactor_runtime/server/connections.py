"""TCP connections: how many there may be, and how long each may go without a request.

The HTTP server bounds how long a connection may be idle between two requests, but neither how long one may take to send
the first byte or the end of a request's head, or to take an answer, nor how many there are. What a body may take is
bounded where it is read (`body`, `uploads`).
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from ..counters import Counters
from ..limits import Limits


def http_protocol(limits: Limits, counters: Counters) -> type[asyncio.Protocol]:
    """What uvicorn is to serve each connection of one server with: its own protocol, bounded."""
    return type("BoundedProtocol", (_Bounded,), {"crowd": _Crowd(limits, counters)})


class _Crowd:
    """All connections of a server, and which of them it waits for, the one that has waited longest first."""

    def __init__(self, limits: Limits, counters: Counters) -> None:
        self._limits = limits
        self._counters = counters
        self._open: set[_Bounded] = set()
        self._waiting: dict[_Bounded, asyncio.TimerHandle] = {}

    def opened(self, connection: _Bounded) -> None:
        """There is one more, which has yet to ask for something."""
        self._open.add(connection)
        self.waits(connection)
        if len(self._open) > self._limits.http_connections:
            # It may be this one itself, where all others are being served, or take what they were answered.
            self._close(next(one for one in self._waiting if not one.unsent), "tcp.crowded_out")

    def waits(self, connection: _Bounded) -> None:
        """It is to send a request, from now on."""
        if connection in self._open and connection not in self._waiting:
            self._wait(connection)

    def served(self, connection: _Bounded) -> None:
        """It has sent the head of one."""
        if timer := self._waiting.pop(connection, None):
            timer.cancel()

    def closed(self, connection: _Bounded) -> None:
        """It is no more."""
        self._open.discard(connection)
        self.served(connection)

    def _wait(self, connection: _Bounded) -> None:
        loop, unsent = asyncio.get_running_loop(), connection.unsent
        self._waiting[connection] = loop.call_later(self._limits.request_wait, self._is_late, connection, unsent)

    def _is_late(self, connection: _Bounded, before: int) -> None:
        """`request_wait` is over; `before` is what was unsent when it began."""
        if connection.unsent < before:
            self._wait(connection)  # it takes what it was answered
        else:
            self._close(connection, "tcp.not_read" if connection.unsent else "tcp.no_request")

    def _close(self, connection: _Bounded, counted: str) -> None:
        self._counters.add(counted)
        self.closed(connection)
        connection.transport.abort()  # to close it would wait until all that was sent is read


class _Bounded(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # whichever of its two uvicorn has chosen
    crowd: ClassVar[_Crowd]
    cycle: Any
    transport: asyncio.Transport

    @property
    def unsent(self) -> int:
        """How many bytes of answers wait for the client to take them."""
        return self.transport.get_write_buffer_size()

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self.crowd.opened(self)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._tell()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._tell()

    def connection_lost(self, exc: Exception | None) -> None:
        self.crowd.closed(self)
        super().connection_lost(exc)

    def _tell(self) -> None:
        """Whether a request is being served: from the end of its head to the end of the answer."""
        if self.cycle is None or self.cycle.response_complete:
            self.crowd.waits(self)
        else:
            self.crowd.served(self)
