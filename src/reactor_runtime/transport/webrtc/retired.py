"""Tracks of viewers who have gone.

The media engine writes a line on the process's standard error whenever a pre-encoded track is let go of while there are
others, on which nothing is to be done about. So they are kept, which costs a few kB each, and let go of many at a time,
with that line taken out of what is written meanwhile.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 1024
_STDERR = 2
_LINE = b"[reactor-webrtc] retracting encoder slot"


class Retired:
    """Keeps what is to be let go of later. On one thread.

    Args:
        most: how many at most.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._tracks: list[object] = []

    def add(self, track: object) -> None:
        """Keep it for now."""
        self._tracks.append(track)
        if len(self._tracks) >= self._most:
            self.clear()

    def clear(self) -> None:
        """Let go of all."""
        if self._tracks:
            with _without(_LINE):
                self._tracks.clear()

    def __len__(self) -> int:
        return len(self._tracks)


@contextmanager
def _without(start: bytes) -> Iterator[None]:
    """Write what goes to standard error meanwhile afterwards, without the lines with this start."""
    try:
        own = os.dup(_STDERR)
    except OSError:  # there is none: nothing is seen of it anyway
        yield
        return
    try:
        with tempfile.TemporaryFile() as kept:
            os.dup2(kept.fileno(), _STDERR)
            try:
                yield
            finally:
                os.dup2(own, _STDERR)
            kept.seek(0)
            rest = b"".join(line for line in kept if not line.startswith(start))
        os.write(_STDERR, rest)
    finally:
        os.close(own)
