"""What goes over connections that come and go, added up: sums that only grow, and what there is now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...transport.webrtc.traffic import Traffic

_SUMS = ("bytes", "packets", "lost", "repeated", "keyframes_asked", "frames", "encode_seconds")

Key = tuple[str, str]
"""A sum and a track."""

_SILENT = 60
"""A connection that is in none of so many looks is forgotten. One that was only too slow to say goes on until then from
what it said last."""


@dataclass(slots=True)
class _Known:
    """The most that a connection has said, by direction and track, and for how many looks it has said nothing."""

    most: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    silent: int = 0


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
        self._known: dict[int, _Known] = {}

    def add(self, looked: Sequence[Traffic]) -> None:
        """What the connections say now."""
        self.now = looked
        for known in self._known.values():
            known.silent += 1
        for one in looked:
            known = self._known.setdefault(one.connection, _Known())
            known.silent = 0
            for direction, flows, sums in (("out", one.sent, self.sent), ("in", one.received, self.received)):
                for track, flow in flows.items():
                    most = known.most.setdefault((direction, track), dict.fromkeys(_SUMS, 0.0))
                    for name in _SUMS:
                        # Not less than before: what was told as lost may come late, and is taken back.
                        value = max(most[name], getattr(flow, name))
                        sums[name, track] = sums.get((name, track), 0) + value - most[name]
                        most[name] = value
        self._known = {number: known for number, known in self._known.items() if known.silent < _SILENT}

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
