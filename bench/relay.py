"""A network with a settable rate and settable faults between a client and a server: a process that signalling and media
both go through.

The client is given this process's URL. What is asked over HTTP is passed on, and the addresses in it are replaced: the
server learns none of the client's, the client only the relay's. So the server's media comes here, and goes on as a
`Link` lets it; what the client sends is not held up by that. A `Fault` is for both directions.

Prints its URL, then reads lines on stdin and answers each with a JSON object on stdout:

    rate N      from now on N bits a second     {"at": seconds of time.perf_counter()}
    fault ..    as `Fault.write` writes it; its `delay` is that of a round trip      {"at": ..}
    count       {"passed_bytes": .., "dropped": .., "faulted": packets lost by the fault, "at": ..}
"""

from __future__ import annotations

import asyncio
import http.client
import json
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from .candidates import address, with_address, without_candidates
from .children import answer_lines
from .impairment import Fault, Impairment
from .link import Link

PASSED_ON = ("content-type", "accept", "reactor-api-version", "reactor-api-accept-version", "reactor-webrtc-version")
HTTP_SECONDS = 30.0


class Way:
    """The way of one connection's media: the relay's address for the client, and its address for the server."""

    def __init__(self, link: Link, there: Impairment, back: Impairment, server: tuple[str, int]) -> None:
        self._link = link
        self._to_server = there
        self._to_client = back
        self._server = server
        self._client: tuple[str, int] | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}

    async def open(self) -> tuple[str, int]:
        """Begin; returns where the client is to send to."""
        loop = asyncio.get_running_loop()
        # The interface that the server named: what the client has an address on, too, where both are on one machine.
        local = (self._server[0], 0)
        self._back, _ = await loop.create_datagram_endpoint(lambda: _Door(self._from_server), local_addr=local)
        self._front, _ = await loop.create_datagram_endpoint(lambda: _Door(self._from_client), local_addr=local)
        host, port = self._front.get_extra_info("sockname")
        return host, port

    def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._front.close()
        self._back.close()

    def _from_client(self, packet: bytes, sender: tuple[str, int]) -> None:
        self._client = sender
        self._to_server.put(packet, time.perf_counter())
        self._at_server()

    def _at_server(self) -> None:
        now = time.perf_counter()
        for packet in self._to_server.take(now):
            self._back.sendto(packet, self._server)
        self._again("at server", self._to_server.wait(now), self._at_server)

    def _from_server(self, packet: bytes, _: tuple[str, int]) -> None:
        if self._link.put(packet):
            self._over_link()

    def _over_link(self) -> None:
        now = time.perf_counter()
        for packet in self._link.take(now):
            self._to_client.put(packet, now)
        self._again("over link", self._link.wait(), self._over_link)
        self._at_client()

    def _at_client(self) -> None:
        now = time.perf_counter()
        for packet in self._to_client.take(now):
            if self._client is not None:
                self._front.sendto(packet, self._client)
        self._again("at client", self._to_client.wait(now), self._at_client)

    def _again(self, name: str, wait: float | None, work: Callable[[], None]) -> None:
        """Do it again in `wait` seconds, in the place of when it was to be done."""
        if timer := self._timers.pop(name, None):
            timer.cancel()
        if wait is not None:
            self._timers[name] = asyncio.get_running_loop().call_later(wait, work)


class _Door(asyncio.DatagramProtocol):
    def __init__(self, received: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._received(data, addr)


class Relay:
    """One link, and the newest connection's way over it."""

    def __init__(self, server: str, rate: float) -> None:
        self.link = Link(rate, time.perf_counter())
        self.there, self.back = Impairment(1), Impairment(2)
        self.server = urlsplit(server)
        self.loop = asyncio.get_running_loop()
        self._way: Way | None = None

    def answer_order(self, order: list[str]) -> dict[str, Any]:
        now = time.perf_counter()
        if order[0] == "rate":
            self.link.set_rate(float(order[1]), now)
            return {"at": now}
        if order[0] == "fault":
            self.there.fault = self.back.fault = Fault.read(order[1:]).one_way()
            return {"at": now}
        faulted = self.there.dropped + self.back.dropped
        return {
            "passed_bytes": self.link.passed_bytes,
            "dropped": self.link.dropped,
            "faulted": faulted,
            "at": now,
        }

    def request(self, path: str, body: bytes) -> bytes:
        """What the server is told, in place of what the client said."""
        if not path.endswith(("/sdp_params", "/ice_candidates")) or not body:
            return body
        said = json.loads(body)
        if "sdp_offer" in said:
            said["sdp_offer"] = without_candidates(said["sdp_offer"])
        if "candidates" in said:
            said["candidates"] = []
        return json.dumps(said).encode()

    def response(self, path: str, body: bytes) -> bytes:
        """What the client is told, in place of what the server said. Called on a thread of the HTTP server."""
        if not path.endswith("/sdp_params") or b"sdp_answer" not in body:
            return body
        said = json.loads(body)
        opened = asyncio.run_coroutine_threadsafe(self._open(address(said["sdp_answer"])), self.loop)
        said["sdp_answer"] = with_address(said["sdp_answer"], *opened.result(HTTP_SECONDS))
        return json.dumps(said).encode()

    async def _open(self, server: tuple[str, int]) -> tuple[str, int]:
        if self._way is not None:
            self._way.close()
        self._way = Way(self.link, self.there, self.back, server)
        return await self._way.open()


def handler(relay: Relay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() in PASSED_ON}
            onward = http.client.HTTPConnection(relay.server.hostname or "", relay.server.port, timeout=HTTP_SECONDS)
            try:
                onward.request(self.command, self.path, relay.request(self.path, body) or None, headers)
                answer = onward.getresponse()
                told = relay.response(self.path, answer.read())
            finally:
                onward.close()
            self.send_response(answer.status)
            for name in ("content-type", "retry-after"):
                if value := answer.getheader(name):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_POST = do_PUT = do_GET  # noqa: N815 - the names that the base class looks for

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


async def main(server: str, rate: float) -> None:
    relay = Relay(server, rate)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(relay)) as http_server:
        http_server.daemon_threads = True
        threading.Thread(target=http_server.serve_forever, name="http", daemon=True).start()
        print(json.dumps({"url": f"http://127.0.0.1:{http_server.server_port}"}), flush=True)

        async def answer(order: list[str]) -> dict[str, Any]:
            return relay.answer_order(order)

        await answer_lines(answer)
        http_server.shutdown()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
