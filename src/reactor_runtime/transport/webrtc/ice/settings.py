"""How peers are to find each other: STUN and TURN servers, UDP ports."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

_SCHEMES = ("stun", "stuns", "turn", "turns")
_RELAYS = ("turn", "turns")
POLICIES = ("all", "relay")
_PORTS = re.compile(r"\s*(\d{1,5})\s*[-:]\s*(\d{1,5})\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class IceServer:
    """One STUN or TURN server; a TURN server needs both credentials, or a secret to make them from (see `turn`).

    Raises:
        ValueError: a URI is none, or a TURN server has no credentials.
    """

    uris: tuple[str, ...]
    username: str = ""
    credential: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.uris:
            raise ValueError("an ICE server needs at least one URI, such as stun:stun.example.org:3478")
        for uri in self.uris:
            scheme, _, host = uri.partition(":")
            if scheme not in _SCHEMES or not host:
                raise ValueError(f"{uri!r} is no ICE server URI; it is written like stun:stun.example.org:3478")
            if scheme in _RELAYS and not (self.username and self.credential or self.secret):
                raise ValueError(f"{uri!r} is a TURN server and needs a username and a credential, or a TURN secret")

    @property
    def relays(self) -> bool:
        """Whether it is a TURN server, by one of its URIs at least."""
        return any(uri.partition(":")[0] in _RELAYS for uri in self.uris)


@dataclass(frozen=True, slots=True)
class IceSettings:
    """The way to clients.

    Attributes:
        servers: none by default: no server is contacted unless one is named here.
        port_range: the first and the last UDP port to use; None for any.
        tcp: whether answers carry TCP candidates too, for networks that block UDP; an answer then takes 0.1 s.
        policy: `relay` for relayed candidates of this side alone, which come from a TURN server; else `all`.
        advertise: the addresses of this machine at the other side of a NAT that keeps ports as they are.

    Raises:
        ValueError: the port range, the policy or an address is none.
    """

    servers: tuple[IceServer, ...] = ()
    port_range: tuple[int, int] | None = None
    tcp: bool = False
    policy: str = "all"
    advertise: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.port_range is not None:
            first, last = self.port_range
            if not 1 <= first <= last <= 65535:
                raise ValueError(f"{first}-{last} is no port range; it is two ports in order, between 1 and 65535")
        if self.policy not in POLICIES:
            raise ValueError(f"{self.policy!r} is no ICE policy; it is all or relay")
        for address in self.advertise:
            try:
                ip = ipaddress.ip_address(address)
            except ValueError as error:
                raise ValueError(f"{address!r} is no IP address") from error
            if ip.is_unspecified or ip.is_multicast:
                raise ValueError(f"{address} is no address that clients can send to")

    @property
    def relay_only(self) -> bool:
        """Whether clients are to reach this side by TURN servers alone."""
        return self.policy == "relay"


def parse_ports(text: str) -> tuple[int, int]:
    """The first and the last port of `FIRST-LAST` or `FIRST:LAST`.

    Raises:
        ValueError: it is no range.
    """
    match = _PORTS.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no port range; it is written like 50000-50199")
    first, last = int(match[1]), int(match[2])
    IceSettings(port_range=(first, last))
    return first, last
