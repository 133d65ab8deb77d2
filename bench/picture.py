"""What a decoded picture of `drawing.Bars` says, and what was seen of a stream of them."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .drawing import BITS, block_size


def read_row(rgb: NDArray[np.uint8], row: int, width: int | None = None) -> int:
    """The 32-bit number drawn as 32 blocks in block row `row`. `width` is what it was drawn with: a sender may make a
    picture smaller that it has no bandwidth for."""
    width = width or rgb.shape[1]
    block = block_size(width) * rgb.shape[1] / width
    y = int((row + 0.5) * block)
    xs = ((np.arange(BITS) + 0.5) * block).astype(int)
    light = rgb[y - 2 : y + 3][:, xs].mean(axis=(0, 2)) > 127
    return int("".join("1" if bit else "0" for bit in light), 2)


@dataclass
class Seen:
    """The decoded frames of one connection; written on the client's media thread."""

    loop: asyncio.AbstractEventLoop
    arrived: list[float] = field(default_factory=list)
    """When each frame was decoded, in seconds of `time.perf_counter()`."""
    numbers: list[int] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    """How long ago each frame was made, in ms."""
    width: int | None = None
    """What pictures are drawn with; None where they arrive so."""
    least_height: int = 0
    first: asyncio.Event = field(default_factory=asyncio.Event)
    marks: dict[int, float] = field(default_factory=dict)
    marked: asyncio.Event = field(default_factory=asyncio.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def frame(self, rgb: NDArray[np.uint8], frame_id: int, timestamp_us: int, user_data: bytes) -> None:
        now, wall = time.perf_counter(), int(time.time() * 1000)
        self.least_height = min(self.least_height or rgb.shape[0], rgb.shape[0])
        number, made, mark = (read_row(rgb, row, self.width) for row in range(3))
        with self.lock:
            self.arrived.append(now)
            self.numbers.append(number)
            self.latencies.append(float((wall - made) & 0xFFFFFFFF))
            new = mark not in self.marks
            if new:
                self.marks[mark] = now
        if len(self.arrived) == 1:
            self.loop.call_soon_threadsafe(self.first.set)
        if new:
            self.loop.call_soon_threadsafe(self.marked.set)

    def forget(self) -> None:
        """Begin the statistics anew."""
        with self.lock:
            self.arrived.clear()
            self.numbers.clear()
            self.least_height = 0
            self.latencies.clear()

    def so_far(self) -> tuple[list[float], list[int], list[float]]:
        """When frames arrived, their numbers, and how old they were, since `forget`."""
        with self.lock:
            return list(self.arrived), list(self.numbers), list(self.latencies)

    async def mark(self, number: int, seconds: float) -> float | None:
        """When the first picture with mark `number` was decoded; None if none was within `seconds`."""
        deadline = time.monotonic() + seconds
        while number not in self.marks:
            self.marked.clear()
            if number in self.marks:
                break
            try:
                await asyncio.wait_for(self.marked.wait(), deadline - time.monotonic())
            except TimeoutError:
                return None
        return self.marks[number]
