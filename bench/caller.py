"""A client that does nothing but send commands and count their answers: a bare peer, in a process of its own.

Reads lines on stdin and answers each with a JSON object on stdout:

    connect                 join the session, and watch
    rest SECONDS            do nothing
    flood AT_ONCE SECONDS   as many commands as are answered        answered, seconds, refused
    pace RATE SECONDS       so many a second, whatever is answered  answer_ms and late_ms: [p50, p99], refused, fps

Each answer tells what the process used of the CPU meanwhile, as `cpu_seconds`. The official SDK's client takes several
times as long for a command as a server does. Here each command is put into bytes before the clock runs, in the wire of
that SDK, and of an answer only the size is looked at: an empty acknowledgement is short, a refusal says why.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import reactor_webrtc as rw

from reactor_runtime.wire import reactor_wire_v1_pb2 as pb

from .children import answer_lines
from .crowd import TRACK, Peer

SHORT = 32
"""Bytes: an acknowledgement has at most so many."""
ANSWER_SECONDS = 15.0


class Caller(Peer):
    """One connection. Its channel's callback runs on the engine's network thread, which may send from there."""

    def __init__(self, url: str) -> None:
        builder = rw.PeerConnectionFactoryBuilder()
        builder.with_dc_chunking()
        builder.with_dc_callbacks_on_network_thread(True)
        super().__init__(builder.build(), url)
        self._take: Callable[[bytes], None] = lambda answer: None

    async def connect(self) -> None:
        await super().connect()
        self._data.on_message(lambda data, binary: self._take(data))

    def _say(self, message: dict[str, Any], channel: rw.DataChannel) -> None:
        """Resume the track, in this wire: the first message that a server gets shows it which one."""
        resume = pb.ControlClientMessage(kind=pb.MESSAGE_KIND_NOTIFICATION)
        resume.resume_track.name = TRACK
        self._control.send(resume.SerializeToString())

    async def flood(self, at_once: int, seconds: float) -> dict[str, Any]:
        """Each answer is followed by the next command, until the time is over and all are answered."""
        commands = [command(number) for number in range(5000)]
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        sent = answered = refused = 0

        def take(answer: bytes) -> None:
            nonlocal sent, answered, refused
            answered += 1
            refused += len(answer) > SHORT
            if time.perf_counter() < until:
                sent += 1
                self._data.send(commands[sent % len(commands)])
            elif answered == sent:
                loop.call_soon_threadsafe(over.set)

        self._take = take
        sent = at_once
        began = time.perf_counter()
        until = began + seconds
        for number in range(at_once):
            self._data.send(commands[number])
        await asyncio.wait_for(over.wait(), seconds + ANSWER_SECONDS)
        return {"answered": answered, "seconds": time.perf_counter() - began, "refused": refused}

    async def pace(self, rate: int, seconds: float) -> dict[str, Any]:
        """Each command at its time: how long its answer took, and how late it was sent."""
        commands = [command(number) for number in range(int(rate * seconds))]
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        sent: list[float] = []
        answered: list[tuple[float, bytes]] = []

        def take(answer: bytes) -> None:
            answered.append((time.perf_counter(), answer))
            if len(answered) == len(commands):
                loop.call_soon_threadsafe(over.set)

        def send() -> None:
            for number, packed in enumerate(commands):
                if (early := began + number / rate - time.perf_counter()) > 0:
                    time.sleep(early)
                sent.append(time.perf_counter())
                self._data.send(packed)

        self._take = take
        frames, began = await self.decoded(), time.perf_counter()
        await asyncio.to_thread(send)
        await asyncio.wait_for(over.wait(), ANSWER_SECONDS)
        fps = (await self.decoded() - frames) / (time.perf_counter() - began)
        arrived = {pb.DataServerMessage.FromString(answer).request_id: at for at, answer in answered}
        took = [(arrived[f"data_{number}"] - at) * 1000 for number, at in enumerate(sent)]
        late = [(at - began - number / rate) * 1000 for number, at in enumerate(sent)]
        refused = sum(len(answer) > SHORT for _, answer in answered)
        return {"answer_ms": _spread(took), "late_ms": _spread(late), "refused": refused, "fps": fps}


def _spread(values: list[float]) -> list[float]:
    return [float(np.percentile(values, part)) for part in (50, 99)]


def command(number: int) -> bytes:
    """`set_mark`, with a request id of its own."""
    message = pb.DataClientMessage(request_id=f"data_{number}", kind=pb.MESSAGE_KIND_REQUEST)
    message.command.type = "set_mark"
    message.command.data["mark"] = number
    return message.SerializeToString()


async def main(url: str) -> None:
    caller = Caller(url)

    async def answer(order: list[str]) -> dict[str, Any]:
        used, told = time.process_time(), dict[str, Any]()
        match order:
            case ["connect"]:
                await caller.connect()
            case ["rest", seconds]:
                await asyncio.sleep(float(seconds))
            case ["flood", at_once, seconds]:
                told = await caller.flood(int(at_once), float(seconds))
            case ["pace", rate, seconds]:
                told = await caller.pace(int(rate), float(seconds))
        return told | {"cpu_seconds": time.process_time() - used}

    await answer_lines(answer)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
