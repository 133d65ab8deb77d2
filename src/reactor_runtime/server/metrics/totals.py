"""What goes over connections that come and go, added up: sums that only grow, and what there is now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...transport.webrtc.traffic import Traffic

_SUMS = ("bytes", "packets", "lost", "repeated", "keyframes_asked", "frames", "encode_seconds")

Key = tuple[str, str]
"""A sum and a track."""


class Totals:
    """Adds up the counts of connections. What one sends between the last look and its end is not in it.

    Attributes:
        sent, received: sums by name and track.
        now: the connections at the last look.
    """

    def __init__(self) -> None:
        self.sent: dict[Key, float] = {}
        self.received: dict[Key, float] = {}
        self.now: Sequence[Traffic] = ()
        self._before: dict[tuple[int, str, str], dict[str, float]] = {}

    def add(self, looked: Sequence[Traffic]) -> None:
        """What the connections say now."""
        self.now = looked
        known = {one.connection for one in looked}
        self._before = {key: flow for key, flow in self._before.items() if key[0] in known}
        for one in looked:
            for direction, flows, sums in (("out", one.sent, self.sent), ("in", one.received, self.received)):
                for track, flow in flows.items():
                    most = self._before.setdefault((one.connection, direction, track), dict.fromkeys(_SUMS, 0.0))
                    for name in _SUMS:
                        # Not less than before: what was told as lost may come late, and is taken back.
                        value = max(most[name], getattr(flow, name))
                        sums[name, track] = sums.get((name, track), 0) + value - most[name]
                        most[name] = value

    def senders(self) -> Counter[tuple[str, str]]:
        """How many connections a track is sent to, by track and codec; those without a codec are not yet."""
        return Counter((track, flow.codec) for one in self.now for track, flow in one.sent.items() if flow.codec)

    def targets(self) -> dict[str, list[float]]:
        """The targets of a track's encoders, in bit/s."""
        found: dict[str, list[float]] = {}
        for one in self.now:
            for track, flow in one.sent.items():
                if flow.target:
                    found.setdefault(track, []).append(flow.target)
        return found

    def jitter(self) -> dict[str, float]:
        """The most of each track that is received, in seconds."""
        found: dict[str, float] = {}
        for one in self.now:
            for track, flow in one.received.items():
                found[track] = max(found.get(track, 0.0), flow.jitter)
        return found


def spread(values: Sequence[float]) -> dict[str, float]:
    """The least, the median and the most; nothing of nothing."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    # Not by `statistics`, which takes longer to import than all of this.
    median = (ordered[middle] + ordered[~middle]) / 2 if ordered else 0.0
    return {"min": ordered[0], "median": median, "max": ordered[-1]} if ordered else {}
