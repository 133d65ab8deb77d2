"""Candidates for the addresses this machine has at the other side of a NAT that keeps ports as they are."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence

from ..offers import Candidate

_HOST = re.compile(
    r"candidate:(?P<foundation>\S+) (?P<component>\d+) (?P<protocol>\S+) (?P<priority>\d+) (?P<address>\S+)"
    r" (?P<port>\d+) typ host(?P<rest>.*)",
    re.ASCII | re.IGNORECASE,
)
_REFLEXIVE = 100 << 24
"""The preference of a server reflexive candidate (RFC 8445, 5.1.2.2): after the host's own, before a relayed one."""
_BELOW_TYPE = (1 << 24) - 1


def with_advertised(candidates: Sequence[Candidate], addresses: Iterable[str]) -> list[Candidate]:
    """The candidates, and for each of the host's own one more with each of `addresses` of its kind (IPv4 or IPv6).

    The media engine does not know of them, and need not: what comes from there arrives at the port it listens on.
    """
    found = list(candidates)
    said: set[tuple[str, str, str]] = set()
    for candidate in candidates:
        if (host := _HOST.fullmatch(candidate.candidate)) is None:
            continue
        for number, address in enumerate(addresses):
            way = (host["protocol"].lower(), address, host["port"])
            if way in said or _version(address) != _version(host["address"]):
                continue
            said.add(way)
            priority = _REFLEXIVE | int(host["priority"]) & _BELOW_TYPE
            line = (
                f"candidate:{host['foundation']}{number} {host['component']} {host['protocol']} {priority} {address} "
                f"{host['port']} typ srflx raddr {host['address']} rport {host['port']}{host['rest']}"
            )
            found.append(Candidate(line, candidate.sdp_mid, candidate.sdp_mline_index))
    return found


def _version(address: str) -> int:
    try:
        return ipaddress.ip_address(address).version
    except ValueError:  # a name
        return 0
