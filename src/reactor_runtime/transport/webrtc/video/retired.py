"""Tracks of viewers who have gone.

The media engine writes a line on the process's standard error whenever a pre-encoded track is let go of while there are
others, on which nothing is to be done about. So they are kept, which costs some 7 KiB each, and let go of many at a
time, with that line taken out of what is written meanwhile.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

MOST = 64
"""They go in 3 ms, in which the server's loop does nothing else; a thousand would take 40."""
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
        if len(self._tracks) >= self._most:
            self.clear()
        self._tracks.append(track)  # last: whoever brings it may still refer to it, so that it would go later

    def clear(self) -> None:
        """Let go of all."""
        if self._tracks:
            with without_complaint():
                self._tracks.clear()

    def __len__(self) -> int:
        return len(self._tracks)


def without_complaint() -> AbstractContextManager[None]:
    """A block in which tracks are let go of, and the media engine's line on that is taken out."""
    return _without(_LINE)


@contextmanager
def _without(start: bytes) -> Iterator[None]:
    """Write what goes to standard error meanwhile afterwards, without the lines with this start."""
    with ExitStack() as closing:
        try:
            own = os.dup(_STDERR)
            closing.callback(os.close, own)
            kept = closing.enter_context(tempfile.TemporaryFile())
        except OSError:  # there is none, or no room for what is written: the line is seen
            yield
            return
        os.dup2(kept.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(own, _STDERR)
        kept.seek(0)
        rest = b"".join(line for line in kept if not line.startswith(start))
        with suppress(OSError):  # nobody reads it any more
            os.write(_STDERR, rest)
