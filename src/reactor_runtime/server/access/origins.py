"""Which pages may call a server that asks for no token, and by which names it answers.

Any page in a browser can send requests to a server on the same machine, and one that has its own name point there
(DNS rebinding) can read the answers. So pages of other sites are refused, and so are requests for a name that is not
this server's. A server that asks for a token needs neither: such a page does not have it.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ...clock import Clock
from ...complaints import Complaints
from ...counters import Counters
from ..errors import refusal

logger = logging.getLogger("reactor.http")

ANY = "*"
LOOPBACK_SOURCES = ("http://localhost:*", "https://localhost:*", "http://127.0.0.1:*", "https://127.0.0.1:*")
"""Pages of this machine, as a content security policy writes them."""
_OPAQUE = "null"
"""The origin of a page that is a local file."""
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?\Z")
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?\])(?::\d{0,5})?\Z")


def check_origin(origin: str) -> None:
    """Raise a ValueError where `origin` is none."""
    if origin not in (ANY, _OPAQUE) and not _ORIGIN.match(origin):
        raise ValueError(f"{origin!r} is no origin; it is written like https://app.example.org, without a path")


class OriginCheck:
    """Middleware, around everything else.

    Args:
        origins: pages that may call it, beside those of this machine and its own.
        host: the name or address it is bound to.
    """

    def __init__(self, app: ASGIApp, origins: tuple[str, ...], host: str, clock: Clock, counters: Counters) -> None:
        self._app = app
        self._origins = frozenset(origins)
        named = (urlsplit(origin).hostname for origin in origins if "://" in origin)
        own = socket.gethostname().lower()
        self._names = {host.lower(), own, f"{own}.local", *(name for name in named if name)}
        self._counters = counters
        # Each has a budget of its own: many of one are not to hide the other.
        self._foreign_hosts = Complaints(logger, clock.now)
        self._foreign_origins = Complaints(logger, clock.now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        problem = self._problem(scope) if scope["type"] == "http" and ANY not in self._origins else None
        if problem is None:
            await self._app(scope, receive, send)
        else:
            await refusal(HTTPStatus.FORBIDDEN, problem)(scope, receive, send)

    def _problem(self, scope: Scope) -> str | None:
        """Why a request is refused; it is logged, and counted."""
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_own(host):
            self._counters.add("access.foreign_host")
            problem = (
                f"Host {host[:120]!r}: without a token this server answers to its own name only; name the page that "
                "calls it with --allow-origin, or start it with --token"
            )
            self._foreign_hosts.warn(problem)
            return problem
        if origin is None or origin in self._origins or _is_loopback(origin) or origin.partition("://")[2] == host:
            return None
        self._counters.add("access.foreign_origin")
        problem = (
            f"Origin {origin[:120]!r}: without a token only pages of this machine may call this server; allow this one "
            f"with --allow-origin {origin[:120]}, or start the server with --token"
        )
        self._foreign_origins.warn(problem)
        return problem

    def _is_own(self, host: str) -> bool:
        """Whether a Host is one by which no page of somebody else's can reach this server."""
        if not host:
            return True  # a browser always says
        name = _hostname(f"//{host}") if _HOST.match(host) else None
        if name is None:
            return False
        # A name without a dot is nobody's to register: localhost, a container's or a service's.
        return _is_address(name) or "." not in name or name.endswith(".localhost") or name in self._names


def _is_loopback(origin: str) -> bool:
    name = _hostname(origin) if _ORIGIN.match(origin) else None
    if name is None:
        return False
    if _is_address(name):
        return ipaddress.ip_address(name).is_loopback
    return name == "localhost" or name.endswith(".localhost")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _hostname(url: str) -> str | None:
    """The host of an address, in lower case; None where it has none."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
