"""Under which addresses other machines reach this one."""

from __future__ import annotations

import ipaddress
import socket

_V4 = ("192.0.2.1", "10.255.255.254", "100.100.100.100")
"""One on the way out, then one each in ranges that private networks often have a way of their own to."""
_V6 = ("2001:db8::1", "fdff::1")
_PORT = 9


def own_addresses(listening: socket.socket) -> list[str]:
    """The addresses of this machine at which others reach a socket; IPv4 first. Nothing is sent to find them: an UDP
    socket that is connected has only asked its own system for the way."""
    bound = ipaddress.ip_address(str(listening.getsockname()[0]).partition("%")[0])
    if not bound.is_unspecified:
        return [] if bound.is_loopback else [str(bound)]
    v6 = listening.family == socket.AF_INET6
    v4 = not v6 or not listening.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    found = [*_sources(socket.AF_INET, _V4 if v4 else ()), *_sources(socket.AF_INET6, _V6 if v6 else ())]
    return list(dict.fromkeys(found))


def _sources(family: socket.AddressFamily, targets: tuple[str, ...]) -> list[str]:
    """From which addresses this machine would send to the targets."""
    found = []
    for target in targets:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as asking:
                asking.connect((target, _PORT))
                source = ipaddress.ip_address(asking.getsockname()[0].partition("%")[0])
        except OSError:  # there is no way there
            continue
        if not (source.is_loopback or source.is_link_local or source.is_unspecified):
            found.append(str(source))
    return found
