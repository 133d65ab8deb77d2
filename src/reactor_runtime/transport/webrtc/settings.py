"""How peers are to find each other: STUN and TURN servers, UDP ports."""

from __future__ import annotations

from dataclasses import dataclass

_SCHEMES = ("stun", "stuns", "turn", "turns")


@dataclass(frozen=True, slots=True)
class IceServer:
    """One STUN or TURN server; a TURN server needs both credentials.

    Raises:
        ValueError: a URI is none, or a TURN server has no credentials.
    """

    uris: tuple[str, ...]
    username: str = ""
    credential: str = ""

    def __post_init__(self) -> None:
        if not self.uris:
            raise ValueError("an ICE server needs at least one URI, such as stun:stun.example.org:3478")
        for uri in self.uris:
            scheme, _, host = uri.partition(":")
            if scheme not in _SCHEMES or not host:
                raise ValueError(f"{uri!r} is no ICE server URI; it is written like stun:stun.example.org:3478")
            if scheme in ("turn", "turns") and not (self.username and self.credential):
                raise ValueError(f"{uri!r} is a TURN server and needs a username and a credential")


@dataclass(frozen=True, slots=True)
class IceSettings:
    """What the manifest says about the way to clients.

    Attributes:
        servers: none by default: no server is contacted unless one is named here.
        port_range: the first and the last UDP port to use; None for any.
        tcp: whether answers carry TCP candidates too, for networks that block UDP; an answer then takes 0.1 s.

    Raises:
        ValueError: the port range is none.
    """

    servers: tuple[IceServer, ...] = ()
    port_range: tuple[int, int] | None = None
    tcp: bool = False

    def __post_init__(self) -> None:
        if self.port_range is not None:
            first, last = self.port_range
            if not 1 <= first <= last <= 65535:
                raise ValueError(f"{first}-{last} is no port range; it is two ports in order, between 1 and 65535")
