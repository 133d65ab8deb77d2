"""`/events`: from the beginning, after a number, on as it grows, and to listeners that do not listen."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from reactor_runtime.limits import Limits
from reactor_runtime.transport.memory import MemoryTransport

from .house import WAIT, House, serve


class Listener:
    """Calls the application as a server does, and reads as it comes."""

    def __init__(self, house: House, query: str = "", headers: dict[str, str] | None = None) -> None:
        self.status: int | None = None
        self.headers: dict[bytes, bytes] = {}
        self.data = b""
        self.reading = asyncio.Event()
        self.reading.set()
        self._gone = asyncio.Event()
        self._more = asyncio.Event()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "method": "GET",
            "path": "/events",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
            "scheme": "http",
            "http_version": "1.1",
            "root_path": "",
        }
        self.task = asyncio.create_task(house.app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self.reading.wait()
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        self.data += message.get("body", b"")
        self._more.set()

    def go(self) -> None:
        self._gone.set()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [
            json.loads(line.removeprefix("data: "))
            for block in self.data.decode().split("\n\n")
            for line in block.splitlines()
            if line.startswith("data: ")
        ]

    @property
    def names(self) -> list[str]:
        return [event.get("event", event["type"]) for event in self.events]

    async def until(self, text: str) -> None:
        async with asyncio.timeout(WAIT):
            while text not in self.data.decode():
                self._more.clear()
                await self._more.wait()


async def test_all_there_is_and_what_comes() -> None:
    async with serve() as house:
        listener = Listener(house)
        await listener.until("initialization_success")
        assert listener.status == 200
        assert listener.headers[b"content-type"].startswith(b"text/event-stream")
        session_id = await house.start()
        await listener.until("start_session")
        first, second, third = listener.events
        assert (first["seq"], first["event"], first["detail"]) == (1, "initializing", {"model": "painter"})
        assert set(third) == {"type", "event", "from", "to", "ts", "seq", "session_id", "detail"}
        assert (third["type"], third["from"], third["to"]) == ("transition", "ready", "waiting")
        assert third["session_id"] == session_id and second["session_id"] is None
        assert third["ts"] >= first["ts"] > 1_600_000_000_000
        for block in listener.data.decode().split("\n\n")[:-1]:
            number, data = block.split("\n")
            assert number == f"id: {json.loads(data.removeprefix('data: '))['seq']}"
        listener.go()
        await asyncio.wait_for(listener.task, WAIT)


@pytest.mark.parametrize(
    ("query", "headers"), [("since=1", {}), ("", {"Last-Event-ID": "1"}), ("since=1", {"Last-Event-ID": "7"})]
)
async def test_after_a_number(query: str, headers: dict[str, str]) -> None:
    async with serve() as house:
        listener = Listener(house, query, {name.lower(): value for name, value in headers.items()})
        await house.start()
        await listener.until("start_session")
        assert listener.names == ["initialization_success", "start_session"]
        listener.go()
        await asyncio.wait_for(listener.task, WAIT)


@pytest.mark.parametrize("query", ["since=x", "since=-1", "since=1.5", "since=" + "9" * 30])
async def test_what_is_no_number_is_refused(query: str) -> None:
    async with serve() as house:
        reply = await house.http.get(f"/events?{query}")
        assert reply.status_code == 422
        assert reply.json()["detail"][0]["loc"] == ["query", "since"]


@pytest.mark.limit("journal_events")
async def test_what_is_kept_no_more_is_told_of_first() -> None:
    async with serve(limits=Limits(journal_events=2)) as house:
        await house.start()
        await house.http.post("/stop_session")
        listener = Listener(house, "since=1")
        await listener.until("stop_session")
        assert listener.events[0] == {
            "type": "gap",
            "reason": "the journal keeps no more",
            "first_missed": 2,
            "last_missed": listener.events[1]["seq"] - 1,
        }
        listener.go()
        await asyncio.wait_for(listener.task, WAIT)


async def test_who_asks_for_the_head_alone_gets_it() -> None:
    async with serve() as house:
        reply = await house.http.head("/events")
        assert (reply.status_code, reply.content) == (200, b"")
        assert reply.headers["content-type"].startswith("text/event-stream")


async def test_a_number_of_a_process_that_is_gone() -> None:
    async with serve() as house:
        listener = Listener(house, "since=4000")
        await listener.until("initialization_success")
        assert listener.names == ["gap", "initializing", "initialization_success"]
        listener.go()
        await asyncio.wait_for(listener.task, WAIT)


async def test_clients_that_come_and_go_and_connections_that_are_refused() -> None:
    async with serve(limits=Limits(connections=1)) as house:
        transport = MemoryTransport(house.runtime, house.runtime.clock)
        house.runtime.add_transport(transport)
        url = await house.transport_url()
        transport.connect().leave("it went")
        assert (await house.http.post(f"{url}/connections")).status_code == 201
        for _ in range(3):
            assert (await house.http.post(f"{url}/connections")).status_code == 503
        listener = Listener(house)
        await listener.until("connection_refused")
        assert listener.names[2:] == ["start_session", "connection_opened", "connection_closed", "connection_refused"]
        assert listener.events[-2]["detail"]["reason"] == "it went"
        assert listener.events[-1]["detail"]["status"] == 503
        assert house.runtime.counters["events.left_out"] == 2
        listener.go()
        await asyncio.wait_for(listener.task, WAIT)


async def test_the_end_of_the_runtime_ends_it() -> None:
    async with serve() as house:
        listener = Listener(house)
        await listener.until("initialization_success")
    await asyncio.wait_for(listener.task, WAIT)
    assert listener.names[-1] == "terminated"
    late = Listener(house)
    await asyncio.wait_for(late.task, WAIT)
    assert late.names == listener.names


@pytest.mark.limit("events_keep_alive")
async def test_it_says_now_and_then_that_it_is_there() -> None:
    async with serve(limits=Limits(events_keep_alive=0.01)) as house:
        listener = Listener(house)
        await listener.until(": still here\n\n: still here\n\n")
        listener.go()
        await asyncio.wait_for(listener.task, WAIT)


@pytest.mark.limit("event_listeners", counted="http.503")
async def test_there_are_only_so_many_listeners() -> None:
    async with serve(limits=Limits(event_listeners=1)) as house:
        listener = Listener(house)
        await listener.until("initializing")
        assert (await house.http.get("/events")).status_code == 503
        listener.go()
        await asyncio.wait_for(listener.task, WAIT)
        again = Listener(house)
        await again.until("initializing")
        again.go()
        await asyncio.wait_for(again.task, WAIT)


@pytest.mark.limit("events_send", counted="events.slow_listeners")
async def test_a_listener_that_takes_nothing_is_dropped() -> None:
    async with serve(limits=Limits(events_send=0.01)) as house:
        listener = Listener(house)
        await listener.until("initialization_success")
        listener.reading.clear()
        await house.start()
        await asyncio.wait_for(listener.task, WAIT)
        assert house.runtime.counters["events.slow_listeners"] == 1


@pytest.mark.limit("journal_events", counted="events.slow_listeners")
async def test_a_listener_that_falls_behind_the_journal_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    async with serve(limits=Limits(journal_events=2)) as house:
        listener = Listener(house)
        await listener.until("initialization_success")
        listener.reading.clear()
        house.runtime.journal.note("one")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for number in range(5):
            house.runtime.journal.note("more", number=number)
        listener.reading.set()
        await asyncio.wait_for(listener.task, WAIT)
        assert house.runtime.counters["events.slow_listeners"] == 1
        assert "a listener to /events has not read what is no longer kept" in caplog.text
