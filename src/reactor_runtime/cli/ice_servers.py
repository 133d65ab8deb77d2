"""STUN and TURN servers, as options and the environment name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os import environ
from urllib.parse import unquote

from ..errors import ManifestError
from ..manifest.ice import TURN_SECRET, ice_server
from ..transport.webrtc import IceServer

STUN_SERVERS = "STUN_SERVERS"
TURN_SERVERS = "TURN_SERVERS"
VARIABLES = (
    (STUN_SERVERS, "STUN servers, beside those of --ice-server: stun:HOST:PORT, with commas between several."),
    (TURN_SERVERS, f"TURN servers likewise: USER;PASSWORD;turn:HOST:PORT, or turn:HOST:PORT with a {TURN_SECRET}."),
    (
        TURN_SECRET,
        "What TURN servers without a user share (coturn: static-auth-secret). The server makes credentials from it, "
        "which last a day, for itself and for each client.",
    ),
)
"""Variables that no option stands for, and what they say."""


def from_options(urls: Iterable[str], secret: str) -> Iterator[IceServer]:
    """Those of `--ice-server`.

    Raises:
        ManifestError: one is none; tells no password.
    """
    for url in urls:
        scheme, _, rest = url.partition(":")
        login, at, host = rest.rpartition("@")
        username, _, credential = login.partition(":")
        with named("--ice-server"):
            yield ice_server(f"{scheme}:{host}" if at else url, unquote(username), unquote(credential), secret)


def from_environment(secret: str) -> Iterator[IceServer]:
    """Those of the variables.

    Raises:
        ManifestError: one is none; names the variable, and tells nothing of its value but a URL.
    """
    for url in words(environ.get(STUN_SERVERS, "")):
        if not url.startswith(("stun:", "stuns:")):
            raise ManifestError(f"{STUN_SERVERS}: expected stun:HOST:PORT, with commas between several")
        with named(STUN_SERVERS):
            yield ice_server(url, "", "", secret)
    for entry in words(environ.get(TURN_SERVERS, "")):
        *login, url = entry.split(";")
        if len(login) not in (0, 2) or not url.startswith(("turn:", "turns:")):
            raise ManifestError(
                f"{TURN_SERVERS}: expected USER;PASSWORD;turn:HOST:PORT, with commas between several; a password with "
                "a comma, a semicolon or a space in it stands in the manifest"
            )
        username, credential = login or ("", "")
        with named(TURN_SERVERS):
            yield ice_server(url, username, credential, secret)


def words(text: str) -> list[str]:
    """What stands between commas and spaces."""
    return [word for word in re.split(r"[,\s]+", text) if word]


@contextmanager
def named(name: str) -> Iterator[None]:
    """A ValueError within is one of the option, the variable or the key `name`.

    Raises:
        ManifestError: for it.
    """
    try:
        yield
    except ValueError as error:
        raise ManifestError(f"{name}: {error}") from error
