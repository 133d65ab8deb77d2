"""A link of so many bits a second with a queue before it: a bucket of tokens. Without sockets, and told the time."""

from __future__ import annotations

from collections import deque

DEPTH_SECONDS = 0.2
"""How long what fills the queue takes to leave: what comes then is dropped."""
BURST_BYTES = 3000
"""What a link that was idle lets through at once."""
ROUNDING = 1e-6
"""Bytes: a sum of floats may fall just short of a packet, for ever."""


class Link:
    """Packets in the order they came, at the link's rate.

    Attributes:
        rate: bits a second.
        passed_bytes: what has left, so far.
        dropped: how many packets found the queue full.
    """

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self.passed_bytes = self.dropped = 0
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._credit = float(BURST_BYTES)
        self._at = now

    def set_rate(self, rate: float, now: float) -> None:
        """From now on; what waits already is kept, however long it takes."""
        self._earn(now)
        self.rate = rate

    def put(self, packet: bytes) -> bool:
        """Let it wait for its turn; False if it was dropped."""
        room = self.rate / 8 * DEPTH_SECONDS
        if self._waiting and self._waiting_bytes + len(packet) > room:
            self.dropped += 1
            return False
        self._waiting.append(packet)
        self._waiting_bytes += len(packet)
        return True

    def take(self, now: float) -> list[bytes]:
        """What leaves by now."""
        self._earn(now)
        leaving = []
        while self._waiting and self._credit >= self._price() - ROUNDING:
            packet = self._waiting.popleft()
            self._waiting_bytes -= len(packet)
            self._credit -= len(packet)
            self.passed_bytes += len(packet)
            leaving.append(packet)
        return leaving

    def wait(self) -> float | None:
        """How many seconds after the last `take` the next packet leaves; None if there is none."""
        return max(0.0, (self._price() - self._credit) * 8 / self.rate) if self._waiting else None

    def _price(self) -> float:
        # A packet larger than the burst has to leave sometime, too.
        return min(len(self._waiting[0]), BURST_BYTES)

    def _earn(self, now: float) -> None:
        self._credit = min(BURST_BYTES, self._credit + (now - self._at) * self.rate / 8)
        self._at = now
