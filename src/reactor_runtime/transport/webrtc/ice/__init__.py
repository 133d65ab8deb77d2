"""How a client and this server find each other: addresses, ports, STUN and TURN."""

from .advertised import with_advertised
from .candidates import EarlyCandidates, is_reachable, read_candidate
from .gathering import Gathering
from .ports import Ports
from .settings import IceServer, IceSettings, parse_ports
from .turn import fresh

__all__ = [
    "EarlyCandidates",
    "Gathering",
    "IceServer",
    "IceSettings",
    "Ports",
    "fresh",
    "is_reachable",
    "parse_ports",
    "read_candidate",
    "with_advertised",
]
