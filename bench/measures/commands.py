"""How many commands a second a server answers one client, and how long an answer takes at a given rate."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ..children import Child, child
from ..servers import Server, ServerFault, post

AT_ONCE = 200
WARM_UP_SECONDS = 1.0


async def throughput(server: Server, seconds: float = 3.0) -> dict[str, float]:
    """As many as are answered, with `AT_ONCE` under way. The client takes part of the machine, and may be what bounds
    it: what either process uses for a command is beside it, that which the pictures cost left out.

    Raises:
        ServerFault: a command was refused.
    """
    async with _caller(server) as caller:
        await caller.ask(f"flood {AT_ONCE} {WARM_UP_SECONDS}")
        used = server.cpu_seconds()
        resting = await caller.ask(f"rest {seconds}")
        pictures, watching = (server.cpu_seconds() - used) / seconds, resting["cpu_seconds"] / seconds
        used = server.cpu_seconds()
        told = await caller.ask(f"flood {AT_ONCE} {seconds}")
        count, took = told["answered"], told["seconds"]
        used = server.cpu_seconds() - used - pictures * took
    _check(told)
    return {
        "commands_per_second": count / took,
        "server_us_per_command": used * 1e6 / count,
        "client_us_per_command": (told["cpu_seconds"] - watching * took) * 1e6 / count,
    }


async def at_rate(server: Server, rate: int = 1000, seconds: float = 4.0) -> dict[str, float]:
    """Answers at `rate` commands a second while pictures stream. None waits for those before it; how late the client
    itself sends them is beside it.

    Raises:
        ServerFault: a command was refused.
    """
    async with _caller(server) as caller:
        await caller.ask(f"pace {rate} {WARM_UP_SECONDS}")
        told = await caller.ask(f"pace {rate} {seconds}")
    _check(told)
    median, p99 = told["answer_ms"]
    return {
        "answer_at_rate_ms": median,
        "answer_at_rate_p99_ms": p99,
        "sent_late_p99_ms": told["late_ms"][1],
        "fps_at_rate": told["fps"],
    }


@asynccontextmanager
async def _caller(server: Server) -> AsyncIterator[Child]:
    """A client that watches and calls, in a session of its own."""
    await asyncio.to_thread(post, f"{server.url}/start_session")
    async with child("bench.caller", server.url) as caller:
        await caller.ask("connect")
        yield caller


def _check(told: dict[str, Any]) -> None:
    if told["refused"]:
        raise ServerFault(f"{told['refused']} commands were refused")
