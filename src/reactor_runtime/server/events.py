"""`/events`: the journal as server-sent events, from its beginning or after a number, and on as it grows.

A listener has no queue of its own: it has a place in the journal, and what it costs is one task.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ..counters import Counters
from ..engine.journal import Entry, Journal
from ..engine.runtime import Runtime
from ..limits import Limits
from .body import problem
from .errors import RequestError

logger = logging.getLogger("reactor.http")

_BATCH = 256
"""So many entries are written at once."""
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy is to pass on each entry as it comes
]


class EventRoutes:
    """Tells the journal to whoever listens."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._listeners = 0

    @property
    def listeners(self) -> int:
        """How many listen."""
        return self._listeners

    def routes(self) -> list[Route]:
        """The routes."""
        return [Route("/events", self._events, methods=["GET"])]

    async def _events(self, request: Request) -> Response:
        since = _since(request)
        limits = self._runtime.limits
        if self._listeners >= limits.event_listeners:
            raise RequestError(503, f"{limits.event_listeners} listen to /events already, the most there may be")
        return _Stream(self, self._runtime.journal, since, limits, self._runtime.counters)

    def joined(self, by: int) -> None:
        """One more listens, or one less."""
        self._listeners += by


class _Stream(Response):
    """Writes until the journal ends, the client goes, or it takes nothing for too long."""

    def __init__(self, room: EventRoutes, journal: Journal, since: int, limits: Limits, counters: Counters) -> None:
        super().__init__()
        self._room = room
        self._journal = journal
        self._since = since
        self._limits = limits
        self._counters = counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._room.joined(1)
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            if scope["method"] == "HEAD":
                await self._put(send, b"", last=True)
            else:
                await self._write(gone, send)
        except TimeoutError as error:
            why = str(error) or f"took nothing for {self._limits.events_send:g} s"
            self._counters.add("events.slow_listeners")
            logger.warning("a listener to /events %s; it is dropped", why)
        finally:
            self._room.joined(-1)
            gone.cancel()

    async def _write(self, gone: asyncio.Future[None], send: Send) -> None:
        place, gap = self._place()
        if gap is not None:
            await self._put(send, gap)
        while not gone.done():
            entries = self._journal.since(place)[:_BATCH]
            if entries and entries[0].seq > place + 1:
                raise TimeoutError("has not read what is no longer kept")
            if entries:
                place = entries[-1].seq
                await self._put(send, b"".join(map(_event, entries)))
            elif self._journal.closed:
                await self._put(send, b"", last=True)
                return
            else:
                await self._until_more(gone, send)

    async def _until_more(self, gone: asyncio.Future[None], send: Send) -> None:
        changed = self._journal.changed()
        try:
            ends: set[asyncio.Future[None]] = {changed, gone}
            timeout = self._limits.events_keep_alive
            done, _ = await asyncio.wait(ends, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
        if not done:
            await self._put(send, b": still here\n\n")

    def _place(self) -> tuple[int, bytes | None]:
        """After which entry to begin, and what says that some before it are missing."""
        oldest, newest = self._journal.oldest, self._journal.newest
        if self._since > newest:  # a number of another process: this one began anew
            return oldest - 1, _gap("the journal began anew", 1, newest)
        if self._since + 1 < oldest:
            return oldest - 1, _gap("the journal keeps no more", self._since + 1, oldest - 1)
        return self._since, None

    async def _put(self, send: Send, body: bytes, *, last: bool = False) -> None:
        async with asyncio.timeout(self._limits.events_send):
            await send({"type": "http.response.body", "body": body, "more_body": not last})


def _event(entry: Entry) -> bytes:
    told = {
        "type": "transition",
        "event": entry.event,
        "from": str(entry.before),
        "to": str(entry.after),
        "ts": round(entry.at * 1000),
        "seq": entry.seq,
        "session_id": entry.session or None,
        "detail": entry.detail,
    }
    return b"id: %d\ndata: %s\n\n" % (entry.seq, msgspec.json.encode(told))


def _gap(reason: str, first: int, last: int) -> bytes:
    """Without a number: who comes back goes on from the last entry it has read."""
    told: dict[str, Any] = {"type": "gap", "reason": reason, "first_missed": first, "last_missed": last}
    return b"data: %s\n\n" % msgspec.json.encode(told)


async def _gone(receive: Receive) -> None:
    """Wait until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _since(request: Request) -> int:
    """The number in the query, or else in the header that browsers send when they come back; 0 for all there is.

    Raises:
        RequestError: 422, it is no number.
    """
    where, key = ("query", "since") if "since" in request.query_params else ("header", "last-event-id")
    text = request.query_params.get("since", request.headers.get("last-event-id", "0"))
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        message = f"{key}: expected the number of an event"
        raise RequestError(422, [problem("int_parsing", [key], message, text, where=where)])
    return int(text)
