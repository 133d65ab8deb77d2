"""TCP connections that ask for nothing, or for ever: a real HTTP server in this process, and sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from reactor_runtime.counters import Counters
from reactor_runtime.limits import MIB, Limits
from reactor_runtime.server import http_protocol

WAIT = 10.0
"""No wait of a test is longer, in seconds."""
SOON = 0.2
LARGE = 16 * MIB
"""More than the kernel keeps of an answer for a reader that takes its time."""
REQUEST = b"GET /{} HTTP/1.1\r\nHost: here\r\n\r\n"


class Door(uvicorn.Server):
    """Leaves the signals alone, and says when it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepting = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.accepting.set()


@dataclass
class House:
    port: int
    counters: Counters
    held: asyncio.Event
    """Set by the test: until then the answer to `/held` does not end."""

    async def connect(self, sends: bytes = b"") -> Caller:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sends)
        return Caller(reader, writer)


@dataclass
class Caller:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def answer(self) -> bytes:
        """The body of the next answer, `ok`."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK"), head
        return await self.reader.readexactly(2)

    async def hung_up(self) -> bool:
        """Wait until the server has closed it; whether nothing came before."""
        try:
            return await self.reader.read() == b""
        except ConnectionResetError:
            return True


@asynccontextmanager
async def serve(limits: Limits) -> AsyncIterator[House]:
    held = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        length = str(LARGE if scope["path"] == "/large" else 2).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        if scope["path"] == "/large":
            await send({"type": "http.response.body", "body": bytes(LARGE)})
        elif scope["path"] == "/held":
            await send({"type": "http.response.body", "body": b"o", "more_body": True})
            await held.wait()
            await send({"type": "http.response.body", "body": b"k"})
        else:
            await send({"type": "http.response.body", "body": b"ok"})

    counters = Counters()
    config = uvicorn.Config(
        app, http=http_protocol(limits, counters), lifespan="off", log_config=None, timeout_graceful_shutdown=1
    )
    server = Door(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        async with asyncio.timeout(WAIT):
            try:
                await server.accepting.wait()
                yield House(listening.getsockname()[1], counters, held)
            finally:
                held.set()
                server.should_exit = True
        await serving


def get(path: str) -> bytes:
    return REQUEST.replace(b"{}", path.encode())


@pytest.mark.limit("request_wait", counted="tcp.no_request")
@pytest.mark.parametrize(
    "sends",
    [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: here\r\nX-Slow: " + b"a" * 100],
    ids=["nothing", "a line", "half a head"],
)
async def test_a_connection_that_asks_for_nothing_is_closed(sends: bytes) -> None:
    async with serve(Limits(request_wait=SOON)) as house:
        assert await (await house.connect(sends)).hung_up()
        assert await (await house.connect(get("again"))).answer() == b"ok"


@pytest.mark.limit("request_wait", counted="tcp.no_request")
async def test_a_head_that_drips_is_closed_too() -> None:
    async with serve(Limits(request_wait=SOON)) as house:
        dripping = await house.connect(b"GET / HTTP/1.1\r\nX: ")
        ended = asyncio.create_task(dripping.hung_up())
        while not ended.done():  # each byte is heard of, and gives it no more time
            dripping.writer.write(b"a")
            await asyncio.wait({ended}, timeout=SOON / 20)
        assert ended.result()


@pytest.mark.limit("request_wait", counted="tcp.no_request")
async def test_nor_may_the_second_request_drip() -> None:
    async with serve(Limits(request_wait=SOON)) as house:
        caller = await house.connect(get("first"))
        assert await caller.answer() == b"ok"
        caller.writer.write(b"GET /second HTTP/1.1\r\n")
        assert await caller.hung_up()


async def test_an_answer_may_take_as_long_as_it_does() -> None:
    async with serve(Limits(request_wait=SOON)) as house:
        caller = await house.connect(get("held") + get("second") + get("third"))
        await caller.reader.readuntil(b"\r\n\r\no")
        idle = await house.connect()
        assert await idle.hung_up()  # more than `request_wait` has passed
        house.held.set()
        assert await caller.reader.readexactly(1) == b"k"
        assert [await caller.answer(), await caller.answer()] == [b"ok", b"ok"]


async def test_who_takes_a_long_answer_slowly_is_given_all_of_it() -> None:
    async with serve(Limits(request_wait=SOON)) as house:
        caller = await house.connect(get("large"))
        await caller.reader.readuntil(b"\r\n\r\n")
        left = LARGE
        while left > LARGE // 4:  # in more than three times `request_wait`
            left -= len(await caller.reader.readexactly(LARGE // 64))
            idle = await house.connect()
            assert left % (LARGE // 4) or await idle.hung_up()
        assert len(await caller.reader.readexactly(left)) == left
        assert house.counters["tcp.not_read"] == 0


@pytest.mark.limit("request_wait", counted="tcp.not_read")
async def test_who_takes_nothing_of_an_answer_is_closed() -> None:
    async with serve(Limits(request_wait=SOON)) as house:
        caller = await house.connect(get("large"))
        caller.writer.transport.pause_reading()
        while not house.counters["tcp.not_read"]:
            await asyncio.sleep(0.01)
        caller.writer.transport.resume_reading()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await caller.reader.readexactly(LARGE)


@pytest.mark.limit("http_connections", counted="tcp.crowded_out")
async def test_of_too_many_the_one_that_has_waited_longest_goes() -> None:
    async with serve(Limits(http_connections=3)) as house:
        served = await house.connect(get("held"))
        await served.reader.readuntil(b"\r\n\r\no")
        first, second = await house.connect(), await house.connect()
        third = await house.connect(get("third"))
        assert await third.answer() == b"ok"
        assert await first.hung_up()
        second.writer.write(get("second"))
        assert await second.answer() == b"ok"
        house.held.set()
        assert await served.reader.readexactly(1) == b"k"


@pytest.mark.limit("http_connections", counted="tcp.crowded_out")
async def test_where_all_are_served_the_new_one_goes() -> None:
    async with serve(Limits(http_connections=2)) as house:
        served = [await house.connect(get("held")) for _ in range(2)]
        for caller in served:
            await caller.reader.readuntil(b"\r\n\r\no")
        assert await (await house.connect()).hung_up()
        house.held.set()
        for caller in served:
            assert await caller.reader.readexactly(1) == b"k"
