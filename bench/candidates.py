"""The addresses in a session description, so that media can be made to go another way."""

from __future__ import annotations

PREFIXES = "a=candidate:", "a=end-of-candidates"


def without_candidates(sdp: str) -> str:
    """Nothing can be sent to whoever made it, until it has sent something itself."""
    return "".join(line for line in sdp.splitlines(keepends=True) if not line.startswith(PREFIXES))


def address(sdp: str) -> tuple[str, int]:
    """Where it wants UDP over IPv4 to be sent most.

    Raises:
        LookupError: nowhere.
    """
    found = []
    for line in sdp.splitlines():
        if line.startswith(PREFIXES[0]):
            _, component, protocol, priority, host, port, *_ = line.split()
            if component == "1" and protocol.lower() == "udp" and ":" not in host:
                found.append((int(priority), host, int(port)))
    if not found:
        raise LookupError("the answer has no address of UDP over IPv4")
    return max(found)[1:]


def with_address(sdp: str, host: str, port: int) -> str:
    """With this address alone, in each section that had one."""
    own = f"a=candidate:1 1 udp 2122260223 {host} {port} typ host\r\n"
    lines: list[str] = []
    placed = False
    for line in sdp.splitlines(keepends=True):
        if line.startswith("m="):
            placed = False
        if not line.startswith(PREFIXES):
            lines.append(line)
        elif line.startswith(PREFIXES[0]) and not placed:
            lines.append(own)
            placed = True
    return "".join(lines)
