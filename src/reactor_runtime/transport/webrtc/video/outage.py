"""Whether the network to a client was away for a while, and is back.

A client that has lost many pictures asks for each packet of them ten times before it asks for a key frame, or waits
until it has had no picture for 3 s: both take longer than the network did to come back. So it is given one at once.
"""

from __future__ import annotations

import math

_AWAY = 0.5
"""Seconds. A client that gets pictures says which packets came, 10 to 20 times a second."""
_PICTURES = 3
"""So many it was given meanwhile: one that is given none says nothing either."""


class Outage:
    """Tells an outage by the packets that come from a client; looked at every so often."""

    def __init__(self) -> None:
        self._packets = -1
        self._pictures = 0
        self._since = math.inf
        self.away = False
        """Whether nothing comes of it now, for longer than it would."""

    def over(self, packets: int, pictures: int, now: float) -> bool:
        """Whether one is over since the last look.

        Args:
            packets: how many have come from the client, so far.
            pictures: how many it was given, so far.
            now: the time in seconds.
        """
        if packets != self._packets:
            back, self.away = self.away, False
            self._packets, self._pictures, self._since = packets, pictures, now
            return back
        self.away = now - self._since >= _AWAY and pictures - self._pictures >= _PICTURES
        return False
