"""The listening socket: bound before anything else, so that a port in use is known at once."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from dataclasses import dataclass

from ..errors import ReactorError


class ListenError(ReactorError):
    """The server cannot listen where it was told to. `status` is the exit status."""

    def __init__(self, problem: str, *, status: int) -> None:
        super().__init__(problem)
        self.status = status


@dataclass(frozen=True, slots=True)
class Listener:
    """A bound socket, and where it can be reached."""

    socket: socket.socket
    url: str
    loopback: bool


def bind(host: str, port: int, *, insecure: bool, named: str = "--host", port_named: str = "--port") -> Listener:
    """Bind a TCP socket.

    Args:
        host: a name or an address.
        port: 0 for a free one.
        insecure: allow an address that is no loopback address.
        named, port_named: the option or the variable that each came by, for errors.

    Raises:
        ListenError: there is no such host, others could reach it, or the port cannot be had.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ListenError(f"{named}: {host!r} is no address of this machine: {error}", status=2) from error
    # IPv4 first: a client told `localhost` tries both, one told 127.0.0.1 only that.
    family, kind, protocol, _, address = min(found, key=lambda info: info[0] != socket.AF_INET)
    loopback = ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback
    if not loopback and not insecure:
        raise ListenError(
            f"{named}: {host} can be reached from other machines, and anyone there could use the model; "
            "add --token auto to let in only who has the link, --insecure if anyone may, or "
            + (f"leave {named} out" if named.startswith("-") else f"unset {named}"),
            status=2,
        )
    listening = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        listening.close()
        raise listen_error(error, host, port, named, port_named) from error
    shown = f"[{host}]" if ":" in host else host
    return Listener(listening, f"http://{shown}:{listening.getsockname()[1]}", loopback)


def listen_error(
    error: OSError, host: str, port: int, named: str = "--host", port_named: str = "--port"
) -> ListenError:
    """What an error of `bind` or `listen` comes to."""
    if error.errno == errno.EADDRINUSE:
        problem = (
            f"port {port} of {host} is in use; stop what uses it, or choose another with {port_named} (0: a free one)"
        )
    elif error.errno == errno.EACCES:
        problem = f"port {port} of {host} needs more rights than this user has; choose one above 1023 with {port_named}"
    elif error.errno == errno.EADDRNOTAVAIL:
        problem = f"{named}: {host} is no address of this machine"
    else:
        problem = f"cannot listen on port {port} of {host}: {error.strerror or error}"
    return ListenError(problem, status=1)
