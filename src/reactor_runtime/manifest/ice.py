"""What a manifest says of the way to clients: STUN and TURN servers, ports, addresses."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ..errors import ManifestError
from ..transport.webrtc import IceServer, IceSettings, parse_ports
from .document import Section
from .keys import expected, known

TURN_SECRET = "TURN_SECRET"
"""The variable that holds what credentials for TURN servers are made from. It stands before the manifest's key."""

Value = TypeVar("Value")


def turn_secret(runtime: Section | None = None) -> str:
    """The secret that the environment has, or else the manifest; empty where there is none.

    Raises:
        ManifestError: the manifest's is no text.
    """
    from_environment = os.environ.get(TURN_SECRET, "").strip()
    return from_environment or (_secret(runtime, "turn_secret") if runtime else "")


def read_ice(runtime: Section) -> IceSettings:
    """What the keys of `runtime` say.

    Raises:
        ManifestError: one is wrong; names it, and tells no secret.
    """
    secret = turn_secret(runtime)
    items = runtime.items("ice_servers", expected("runtime.ice_servers"))
    addresses = runtime.values.get("advertise_ip")
    addresses = [addresses] if isinstance(addresses, str) else addresses or []
    if not isinstance(addresses, list) or not all(isinstance(address, str) for address in addresses):
        runtime.fail("advertise_ip", expected("runtime.advertise_ip"), addresses)
    ports = runtime.text("udp_ports", expected("runtime.udp_ports"))
    policy = runtime.text("ice_policy", expected("runtime.ice_policy"))
    _named(runtime, "advertise_ip", lambda: IceSettings(advertise=tuple(addresses)))
    _named(runtime, "ice_policy", lambda: IceSettings(policy=policy or "all"))
    return IceSettings(
        servers=tuple(_server(runtime, index, item, secret) for index, item in enumerate(items)),
        port_range=_named(runtime, "udp_ports", lambda: parse_ports(ports)) if ports else None,
        tcp=runtime.flag("ice_tcp", expected("runtime.ice_tcp")) or False,
        policy=policy or "all",
        advertise=tuple(addresses),
    )


def _server(runtime: Section, index: int, item: Any, secret: str) -> IceServer:
    key = f"ice_servers[{index}]"
    if isinstance(item, str):
        item = {"urls": item}
    if not isinstance(item, dict):
        runtime.fail(key, "a URL, or the keys urls, username and credential", item)
    server = Section(runtime.file, runtime.path(key), item)
    server.warn_unknown(known("runtime.ice_servers[]"))
    urls_key = "uris" if "uris" in item else "urls"
    urls = item.get(urls_key)
    urls = [urls] if isinstance(urls, str) else urls
    if not isinstance(urls, list) or not urls or not all(isinstance(url, str) for url in urls):
        server.fail(urls_key, expected("runtime.ice_servers[].urls"), urls)
    username = server.text("username", expected("runtime.ice_servers[].username")) or ""
    credential = _secret(server, "credential")
    return _named(runtime, key, lambda: ice_server(urls, username, credential, secret))


def ice_server(uris: str | Sequence[str], username: str, credential: str, secret: str) -> IceServer:
    """A server; it has the secret only where it needs one, for it relays and has no credentials of its own.

    Raises:
        ValueError: a URI is none, or a TURN server has neither.
    """
    uris = (uris,) if isinstance(uris, str) else tuple(uris)
    needed = not (username or credential) and any(uri.startswith(("turn:", "turns:")) for uri in uris)
    return IceServer(uris, username, credential, secret if needed else "")


def _secret(section: Section, key: str) -> str:
    """A text that no error tells."""
    value = section.values.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or not value.strip():
        raise ManifestError(f"{section.file}: {section.path(key)}: expected a text, in quotes")
    return value


def _named(section: Section, key: str, make: Callable[[], Value]) -> Value:
    """What `make` makes; its ValueError as one of the manifest, which names the key."""
    try:
        return make()
    except ValueError as error:
        raise ManifestError(f"{section.file}: {section.path(key)}: {error}") from error
