"""A network that loses packets, is slow, takes none above a length, or goes away: how the stream fares, and how
soon it is as before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import numpy as np
from reactor_sdk import Reactor, ReactorError

from ..children import Child, child
from ..impairment import Fault
from ..servers import Server
from ..smoothness import longest_gap, smooth_after
from ..viewer import CONNECT_SECONDS, Viewer, viewer

WIDE = 20_000_000
"""Bits a second: the rate is not what is in the way."""
BEFORE_SECONDS, AFTER_SECONDS = 8.0, 12.0
FAULTY_SECONDS = 15.0
_AGAIN_SECONDS = 0.2
LOOK_SECONDS = 5.0
"""The end of a phase, in which the sender has found what there is to find."""


def while_it_streams(fault: Fault, seconds: float = FAULTY_SECONDS) -> Callable[[Server], Awaitable[dict[str, float]]]:
    """The fault comes to a stream that runs, and goes after `seconds`."""

    async def measure(server: Server) -> dict[str, float]:
        return await _measure(server, fault, seconds, from_the_start=False)

    return measure


def from_the_start(fault: Fault, seconds: float = FAULTY_SECONDS) -> Callable[[Server], Awaitable[dict[str, float]]]:
    """The fault is there when the client connects, and goes `seconds` after its first frame."""

    async def measure(server: Server) -> dict[str, float]:
        return await _measure(server, fault, seconds, from_the_start=True)

    return measure


async def _measure(server: Server, fault: Fault, seconds: float, *, from_the_start: bool) -> dict[str, float]:
    async with child("bench.relay", server.url, str(WIDE)) as relay:
        url = (await relay.answer())["url"]
        if from_the_start:
            await set_fault(relay, fault)
        async with viewer(url, width=server.case.width) as connected, Reconnecting(connected.reactor) as reconnecting:
            connected.seen.forget()
            began = time.perf_counter()
            if not from_the_start:
                await asyncio.sleep(BEFORE_SECONDS)
                began = await set_fault(relay, fault)
            await asyncio.sleep(seconds)
            answer = float("nan") if fault.out else await connected.send_mark(1)
            ended = await set_fault(relay, Fault())
            restored = time.perf_counter()
            answer_after = await first_answer(connected, restored)
            await asyncio.sleep(AFTER_SECONDS)
            end = time.perf_counter()
            faulted = (await relay.ask("count"))["faulted"]
            arrived, numbers, latencies = connected.seen.so_far()
            first = connected.first_frame_ms
    made = [number for at, number in zip(arrived, numbers, strict=False) if began < at <= ended]

    def latency(since: float, until: float) -> float:
        between = [late for at, late in zip(arrived, latencies, strict=False) if since < at <= until]
        return float(np.median(between)) if between else float("nan")

    after = latency(end - LOOK_SECONDS, end)
    # What it may be after, as for a link that was narrow: a fifth more than before, and 5 ms. Where the fault was there
    # from the start, the last seconds are held against the first after it.
    before = latency(ended + 2, ended + 4) if from_the_start else latency(began - LOOK_SECONDS, began)
    return {
        "connect_to_first_frame_ms": first,
        "fps_meanwhile": len(made) / (ended - began),
        "longest_gap_meanwhile_ms": longest_gap(arrived, began, ended) * 1000,
        "latency_meanwhile_ms": latency(ended - LOOK_SECONDS, ended),
        "answer_meanwhile_ms": answer,
        "answer_after_ms": answer_after,
        "smooth_after_seconds": smooth_after(arrived, ended, end),
        "latency_before_ms": before,
        "latency_after_ms": after,
        "latency_after_excess_ms": after - (1.2 * before + 5),
        "fps_after": sum(end - LOOK_SECONDS < at <= end for at in arrived) / LOOK_SECONDS,
        "reconnects": reconnecting.times,
        "packets_lost": faulted,
    }


async def first_answer(connected: Viewer, since: float) -> float:
    """How long after `since` a command is answered, in ms; one that the connection is lost for is sent again."""
    while True:
        try:
            await connected.send_mark(2)
        except (ReactorError, TimeoutError):
            await asyncio.sleep(_AGAIN_SECONDS)
        else:
            return (time.perf_counter() - since) * 1000


class Reconnecting:
    """An application that connects anew when its client says that the connection is lost.

    Attributes:
        times: how often it did.
    """

    def __init__(self, reactor: Reactor) -> None:
        self.times = 0
        self._reactor = reactor
        self._lost = asyncio.Event()
        self._over = False
        loop = asyncio.get_running_loop()

        def changed(status: object) -> None:
            if str(getattr(status, "value", status)) == "disconnected" and not self._over:
                loop.call_soon_threadsafe(self._lost.set)

        reactor.on("status_changed", changed)

    async def __aenter__(self) -> Reconnecting:
        self._task = asyncio.create_task(self._run(), name="connect anew")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._over = True
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._lost.wait()
            self._lost.clear()
            self.times += 1
            try:
                await asyncio.wait_for(self._reactor.reconnect(), CONNECT_SECONDS)
            except ReactorError:
                await asyncio.sleep(_AGAIN_SECONDS)
                self._lost.set()


async def set_fault(relay: Child, fault: Fault) -> float:
    """Returns when, in seconds of `time.perf_counter()`."""
    return float((await relay.ask(f"fault {fault.write()}"))["at"])
