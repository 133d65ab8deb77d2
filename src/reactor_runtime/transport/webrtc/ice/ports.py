"""Which UDP port of a range the next connection begins with."""

from __future__ import annotations

import logging
import socket

from ....clock import Clock
from ....complaints import Complaints
from ....counters import Counters

logger = logging.getLogger("reactor.webrtc")

_ANY = (0, 0)


class Ports:
    """Goes round a range of ports, so that one that was given back rests for as long as it can.

    The media engine takes the first free port of the range it is given. A TURN server knows its clients by their ports,
    and refuses for a second or so the one of a connection that has just ended: with the whole range each time, a page
    that is loaded again would get no relayed address.

    Args:
        given: the first and the last port; None where there is no range.
    """

    def __init__(self, given: tuple[int, int] | None, clock: Clock, counters: Counters) -> None:
        self._range = given
        self._counters = counters
        self._complaints = Complaints(logger, clock.now)
        self._next = given[0] if given else 0

    def next(self) -> tuple[int, int]:
        """The first and the last port for the next connection to look through; two zeros for any. The first was free
        a moment ago, where one is; where none is, the log says so, since the engine does not."""
        if self._range is None:
            return _ANY
        first, last = self._range
        count = last - first + 1
        for step in range(count):
            port = first + (self._next - first + step) % count
            if _is_free(port):
                self._next = port + 1
                return port, last
        self._counters.add("transport.udp_ports_used_up")
        self._complaints.warn(
            f"none of the UDP ports {first}-{last} is free: who connects now gets here by TCP or a TURN server, or not"
            " at all; give --udp-ports more of them"
        )
        return first, last


def _is_free(port: int) -> bool:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("", port))
    except OSError:  # also where there are no sockets left
        return False
    return True
