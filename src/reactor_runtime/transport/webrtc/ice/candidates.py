"""A client's candidates: what one says, and keeping those that come before their offer."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Hashable, Set
from dataclasses import dataclass

from ....counters import Counters
from ....errors import SignallingError
from ....limits import Limits
from ..offers import Candidate

_CANDIDATE = re.compile(
    r"(?:a=)?candidate:[\w+/.-]{1,64} \d{1,5} (?:udp|tcp|ssltcp) \d{1,10} (?P<address>\S{1,255}) \d{1,5}"
    r" typ (?:host|srflx|prflx|relay)(?P<rest>(?: \S+)*)\s*",
    re.IGNORECASE | re.ASCII,
)
_UFRAG = re.compile(r" ufrag (\S+)")
_LONGEST = 1024
"""Characters; real ones have about 200, and those that come before their offer are kept."""


@dataclass(frozen=True, slots=True)
class Address:
    """What a candidate line says. `ufrag` is None where it does not say which description it belongs to."""

    host: str
    ufrag: str | None

    @property
    def reachable(self) -> bool:
        """Whether it is an IP address.

        A name (browsers hide their addresses behind `*.local` ones) is left alone: resolving it takes seconds or
        forever, and the browser's own checks reveal the address anyway.
        """
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return True


def read_candidate(line: str) -> Address:
    """Read a candidate line.

    Raises:
        SignallingError: 422, it is none.
    """
    match = _CANDIDATE.fullmatch(line) if len(line) <= _LONGEST else None
    if match is None:
        shown = line if len(line) <= 120 else line[:117] + "..."
        raise SignallingError(f"candidate: {shown!r} is no ICE candidate", status=422)
    ufrag = _UFRAG.search(match["rest"])
    return Address(match["address"], ufrag[1] if ufrag else None)


def is_reachable(line: str) -> bool:
    """Whether a line is a candidate with an IP address."""
    try:
        return read_candidate(line).reachable
    except SignallingError:
        return False


class EarlyCandidates:
    """Candidates that came before their offer, by connection id, or whatever else tells whose they are; bounded."""

    def __init__(self, limits: Limits, counters: Counters) -> None:
        self._limits = limits
        self._counters = counters
        self._kept: dict[Hashable, list[tuple[Candidate, str | None]]] = {}

    def keep(self, cid: Hashable, candidate: Candidate, ufrag: str | None) -> None:
        """Keep one; above the limits it, or the id that waits longest, is dropped and counted."""
        kept = self._kept.get(cid)
        if kept is None:
            if len(self._kept) >= self._limits.early_connections:
                del self._kept[next(iter(self._kept))]
                self._counters.add("transport.early_connections_dropped")
            kept = self._kept[cid] = []
        if len(kept) >= self._limits.early_candidates:
            self._counters.add("transport.early_candidates_dropped")
            return
        kept.append((candidate, ufrag))

    def take(self, cid: Hashable, ufrags: Set[str]) -> list[Candidate]:
        """Take those of `cid` which belong to a description with `ufrags`; the others are of no more use."""
        kept = self._kept.pop(cid, [])
        return [candidate for candidate, ufrag in kept if ufrag is None or ufrag in ufrags]

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
