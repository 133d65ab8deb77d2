"""Where the page is: an address, a link, and for another machine its address and a picture of it."""

from __future__ import annotations

import io
import ipaddress
import logging
import os
import shutil
import sys

import click

from ..server import Access
from .addresses import own_addresses
from .listener import Listener

logger = logging.getLogger("reactor.process")

_BORDER = 2
_INK = "\x1b[38;5;231;48;5;16m"
"""White on black whatever the terminal's own colours are: many a camera reads it only so."""
_PLAIN = "\x1b[0m"


def announce(listener: Listener, access: Access, *, anew: bool = False) -> None:
    """Say where it listens.

    Args:
        listener: the socket.
        access: who may use it. A token is part of the addresses on a terminal, and where it was made here: else
            nobody would know it.
        anew: it has been said before, by the process that this one took the place of.
    """
    base = access.base if access.told or sys.stdout.isatty() else access.told_base
    base = base and f"{base}/"
    click.echo(f"listening on {link(listener.url + base)}")
    if listener.loopback:
        return
    others = [_url(address, listener) + base for address in own_addresses(listener.socket)]
    if not anew and others:
        if _is_everywhere(listener):
            click.echo(f"from other machines: {', '.join(map(link, others))}")
        if code := _picture(others[0]):
            click.echo(code)
    if access.token is None:
        logger.warning("anyone who can reach %s can use the model: there is no token, and no encryption", listener.url)
    else:
        logger.warning("%s is not encrypted: who listens on the way reads the token; put TLS in front", listener.url)


def page_url(listener: Listener) -> str:
    """The page as this machine has it. A browser gives a camera to a loopback address, and not to 0.0.0.0."""
    if not _is_everywhere(listener):
        return listener.url
    return _url("::1" if ":" in _bound_to(listener) else "127.0.0.1", listener)


def link(url: str) -> str:
    """`url` as a link, where standard output is a terminal that has links."""
    return f"\x1b]8;;{url}\x1b\\{url}\x1b]8;;\x1b\\" if _on_terminal() else url


def _url(address: str, listener: Listener) -> str:
    shown = f"[{address}]" if ":" in address else address
    return f"http://{shown}:{listener.socket.getsockname()[1]}"


def _is_everywhere(listener: Listener) -> bool:
    return ipaddress.ip_address(_bound_to(listener)).is_unspecified


def _bound_to(listener: Listener) -> str:
    return str(listener.socket.getsockname()[0]).partition("%")[0]


def _on_terminal() -> bool:
    if not sys.stdout.isatty():
        return False
    if os.name == "nt":
        return "WT_SESSION" in os.environ
    return os.environ.get("TERM", "dumb") != "dumb"


def _picture(url: str) -> str:
    """A QR code of `url`, two of its rows in a line; empty where it cannot be shown."""
    if not _on_terminal():
        return ""
    import segno  # here: most servers have no use for it

    text = io.StringIO()
    segno.make(url, error="l", micro=False).terminal(text, border=_BORDER, compact=True)
    lines = text.getvalue().splitlines()
    if len(lines[0]) > shutil.get_terminal_size().columns:
        return ""
    try:
        lines[0].encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return ""
    return "\n".join(f"{_INK}{line}{_PLAIN}" for line in lines)
