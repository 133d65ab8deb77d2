"""What arrivals of frames say of a change on the way: the longest gap after it, and how long until they are smooth."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

GAP_SECONDS = 0.1
"""A longer one is seen as a halt."""
HOLD_SECONDS = 2.0
"""So long there has to be none."""

Gap = tuple[float, float]


def gaps(arrived: Sequence[float], since: float, until: float) -> list[Gap]:
    """From each frame to the next, from the newest one at `since`; from the last one there is a gap up to `until`.
    `arrived` is in order."""
    before = [at for at in arrived if at <= since]
    points = [before[-1] if before else since, *(at for at in arrived if since < at < until), until]
    return list(itertools.pairwise(points))


def longest_gap(arrived: Sequence[float], since: float, until: float) -> float:
    """In seconds."""
    return max(end - begin for begin, end in gaps(arrived, since, until))


def halts_between(arrived: Sequence[float], since: float, until: float) -> list[Gap]:
    """The gaps longer than `GAP_SECONDS`."""
    return [gap for gap in gaps(arrived, since, until) if gap[1] - gap[0] > GAP_SECONDS]


def smooth_after(arrived: Sequence[float], since: float, until: float) -> float:
    """How long after `since` the first `HOLD_SECONDS` begin in which no gap is longer than `GAP_SECONDS`; all the time
    until `until` if there are none. In seconds."""
    halts = halts_between(arrived, since, until)
    for start in (since, *(end for _, end in halts)):
        if start + HOLD_SECONDS > until:
            break
        if not any(begin < start + HOLD_SECONDS and end > start for begin, end in halts):
            return start - since
    return until - since
