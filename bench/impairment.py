"""What a network does to packets beside its rate: it loses some, holds each up, takes none above a length, or is away
for a while. Without sockets, and told the time."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, replace

IP_AND_UDP_BYTES = 28
"""What IPv4 and UDP put in front of a packet, and an MTU counts."""
MOST_WAITING = 20_000
"""Packets; a network holds no more than that either."""


@dataclass(frozen=True)
class Fault:
    """What the network does.

    Attributes:
        loss: the share of packets that it loses, from 0 to 1.
        delay: how long each takes, in seconds.
        mtu: the longest it takes, in bytes of IP; 0 for any.
        out: whether it is away: nothing passes.
    """

    loss: float = 0.0
    delay: float = 0.0
    mtu: int = 0
    out: bool = False

    @classmethod
    def read(cls, words: list[str]) -> Fault:
        """As `write` wrote it."""
        told = dict(word.split("=") for word in words)
        return cls(float(told["loss"]), float(told["delay"]), int(told["mtu"]), told["out"] == "True")

    def write(self) -> str:
        """In words, such as `loss=0.05 delay=0.0 mtu=0 out=False`."""
        return f"loss={self.loss} delay={self.delay} mtu={self.mtu} out={self.out}"

    def one_way(self) -> Fault:
        """Of a round trip that takes `delay`, one half."""
        return replace(self, delay=self.delay / 2)


class Impairment:
    """One direction of a network with a fault.

    Attributes:
        fault: what it does from now on; what is on its way already arrives.
        dropped: how many packets it has lost, for whatever reason.
    """

    def __init__(self, seed: int) -> None:
        self.fault = Fault()
        self.dropped = 0
        self._random = random.Random(seed)
        self._waiting: deque[tuple[float, bytes]] = deque()

    def put(self, packet: bytes, now: float) -> None:
        """A packet comes in at `now`, in seconds."""
        fault = self.fault
        too_long = fault.mtu and len(packet) + IP_AND_UDP_BYTES > fault.mtu
        if fault.out or too_long or len(self._waiting) >= MOST_WAITING or self._random.random() < fault.loss:
            self.dropped += 1
            return
        # Never before one that came earlier: a delay that gets shorter does not change the order.
        due = max(now + fault.delay, self._waiting[-1][0] if self._waiting else 0.0)
        self._waiting.append((due, packet))

    def take(self, now: float) -> list[bytes]:
        """What has arrived by now."""
        arrived = []
        while self._waiting and self._waiting[0][0] <= now:
            arrived.append(self._waiting.popleft()[1])
        return arrived

    def wait(self, now: float) -> float | None:
        """How many seconds after `now` the next arrives; None if there is none."""
        return max(0.0, self._waiting[0][0] - now) if self._waiting else None
