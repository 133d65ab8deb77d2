"""Whether the cost of a frame grows: with the viewers of a session, with its age, and with the sessions before it.

Runs the whole engine in this process under a virtual clock, so that half an hour takes seconds, with in-process
clients: neither codec nor network is in it. Prints one JSON object: microseconds of CPU a frame, and the ratio of the
last to the first. Nothing is asserted.

    make bench-scale                        # or: python -m bench.scale --minutes 10
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import platform
import statistics
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any

import numpy as np

from reactor_runtime import ModelMessage, Output, ReactorModel, Video, event
from reactor_runtime.testing.virtual_time import VirtualClock
from reactor_runtime.testing.world import World, play
from reactor_runtime.transport.memory import MemoryConnection
from reactor_runtime.wire.messages import Ping

FPS = 30
SIZE = 36, 64
"""Lines and columns: small, as what is looked for is beside the pixels."""
VIEWERS = (1, 2, 4, 8, 16, 32, 64)
PAST_SESSIONS = (0, 10, 100)
WINDOW_SECONDS, WINDOWS = 10.0, 5
"""Virtual seconds of one figure, and of how many the median is taken: other work on the machine disturbs some."""
WARM_UP_SECONDS = 10.0
SESSION_SECONDS = 2.0
PING_SECONDS = 10
"""So often a client says that it lives, as the official ones do."""
COMMANDS_A_SECOND = 10


class Picture(Output):
    main_video: Video


class Said(ModelMessage):
    number: int


class Steady(ReactorModel):
    """The same picture at an even rate; a command is answered by a message, and told to all."""

    fps = FPS
    output: Picture

    def load(self, config: Any) -> None:
        self.picture = np.zeros((*SIZE, 3), np.uint8)

    @event(name="say")
    async def say(self, number: int) -> Said:
        await self.send(Said(number=number))
        return Said(number=number)

    async def run(self) -> None:
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                await self.emit(Picture(main_video=self.picture))


async def cost(
    clients: list[MemoryConnection], seconds: float, windows: int = 1, commands: int = COMMANDS_A_SECOND
) -> float:
    """Microseconds of this process's CPU a frame while virtual `seconds` pass and the first client sends so many
    `commands` a second: the median of `windows` such times."""
    found = []
    for _ in range(windows):
        for client in clients:  # the stand-ins for clients keep all, and would grow
            client.frames.clear()
            client.received.clear()
        gc.collect()
        began = time.process_time()
        for second in range(round(seconds)):
            if second % PING_SECONDS == 0:
                for client in clients:
                    client.client.receive(Ping())
            for number in range(commands):
                clients[0].post("say", {"number": second + number})
                await asyncio.sleep(1 / commands)
            if not commands:
                await asyncio.sleep(1)
        used = time.process_time() - began
        if not all(client.frames for client in clients):
            raise RuntimeError("a client got no frames: what was measured is less than it says")
        found.append(used * 1e6 / len(clients[0].frames))
    return statistics.median(found)


async def by_viewers(world: World) -> dict[int, float]:
    """In one session, which more and more join; frames alone, as each message would go to all of them, too."""
    clients = [await world.connect()]
    await cost(clients, WARM_UP_SECONDS)
    found = {}
    for count in VIEWERS:
        while len(clients) < count:
            clients.append(await world.connect())
        found[count] = await cost(clients, WINDOW_SECONDS, WINDOWS, 0)
    return found


def by_minutes(minutes: int) -> Callable[[World], Awaitable[dict[int, float]]]:
    """In one session, in its first minutes and its last, and in some between."""

    async def measured(world: World) -> dict[int, float]:
        clients = [await world.connect()]
        await cost(clients, WARM_UP_SECONDS)
        windows = round(60 / WINDOW_SECONDS)
        each = [await cost(clients, WINDOW_SECONDS, windows) for _ in range(minutes)]
        looked = sorted({1, 2, 5, 10, 20, minutes} & set(range(1, minutes + 1)))
        return {minute: each[minute - 1] for minute in looked}

    return measured


async def by_past_sessions(world: World) -> dict[int, float]:
    """In a new session each time, when so many are over."""
    past, found = 0, {}
    for count in PAST_SESSIONS:
        while past < count:
            await cost([await world.connect()], SESSION_SECONDS)
            await world.runtime.stop_session("enough")
            past += 1
        clients = [await world.connect()]
        await cost(clients, WARM_UP_SECONDS)
        found[count] = await cost(clients, WINDOW_SECONDS, WINDOWS)
        await world.runtime.stop_session("enough")
        past += 1
    return found


def measure(scenario: Callable[[World], Awaitable[dict[int, float]]]) -> dict[str, Any]:
    """The figures of `scenario`, on a runtime of its own."""
    found: dict[int, float] = {}

    async def kept(world: World) -> None:
        found.update(await scenario(world))

    play(Steady, kept, clock=VirtualClock())
    return summary(found)


def summary(found: dict[int, float]) -> dict[str, Any]:
    """The figures, what the last is to the first, and by how much one more adds to it."""
    first, *_, last = found
    return {
        "us_per_frame": {str(number): round(value, 1) for number, value in found.items()},
        "last_over_first": round(found[last] / found[first], 3),
        "us_for_each_more": round((found[last] - found[first]) / (last - first), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description="Whether a frame's cost grows, as JSON.")
    parser.add_argument("--minutes", type=int, default=30, help="how old a session is to get, virtually (default 30)")
    options = parser.parse_args()
    report = {
        "bench": "scale",
        "picture": f"{SIZE[1]}x{SIZE[0]}@{FPS}",
        "commands_a_second": {"viewers": 0, "minutes": COMMANDS_A_SECOND, "past_sessions": COMMANDS_A_SECOND},
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "openreactor": version("openreactor"),
        "viewers": measure(by_viewers),
        "minutes": measure(by_minutes(options.minutes)),
        "past_sessions": measure(by_past_sessions),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
