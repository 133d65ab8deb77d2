"""Who may use the server, as the command line says it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..errors import ManifestError
from ..server import Access, new_token
from .environment import given_by
from .redaction import redaction

Command = TypeVar("Command", bound=Callable[..., Any])

_AUTO = "auto"
_VARIABLE = "REACTOR_TOKEN"
_ORIGINS_VARIABLE = "REACTOR_ALLOW_ORIGIN"


def access_options(command: Command) -> Command:
    """`--token`, `--allow-origin` and `--insecure`."""
    for option in (
        click.option("--insecure", is_flag=True, help="Allow a --host that others can reach without a --token."),
        click.option(
            "--allow-origin",
            "origins",
            metavar="ORIGIN",
            multiple=True,
            envvar=_ORIGINS_VARIABLE,
            show_envvar=True,
            help="A page that may call the server though it asks for no token, such as https://app.example.org, or "
            "'*' for any. May be given again. Pages of this machine always may; with a token, all may.",
        ),
        click.option(
            "--token",
            metavar="TOKEN",
            envvar=_VARIABLE,
            show_envvar=True,
            help="Let in only who knows TOKEN: as 'Authorization: Bearer TOKEN', or in the address, as "
            "http://HOST:PORT/t/TOKEN/. 'auto' makes one and prints the address. Better set by the variable: other "
            "users of the machine can read a command line.",
        ),
    ):
        command = option(command)
    return command


def read_access(token: str | None, origins: tuple[str, ...], host: str, *, anew: bool) -> Access:
    """What the options come to.

    Args:
        anew: the process took the place of one that ran before, whose token stays.

    Raises:
        ManifestError: a token or an origin cannot work; names the option or the variable it came by.
    """
    told = token == _AUTO
    if told:
        token = os.environ.get(_VARIABLE, _AUTO) if anew else _AUTO
        if token == _AUTO:
            token = os.environ[_VARIABLE] = new_token()
    elif token == "":
        token = None  # a variable that is set to nothing
    if token is not None:
        redaction.hide(token)
    origins = tuple(origin.rstrip("/") for origin in origins)
    try:
        return Access(token=token, origins=origins, host=host, told=told)
    except ValueError as error:
        ctx = click.get_current_context()
        if "origin" not in str(error):
            raise ManifestError(f"{given_by(ctx, 'token')}: {error}") from error
        named = given_by(ctx, "origins")
        more = "; several have spaces between them" if named == _ORIGINS_VARIABLE else ""
        raise ManifestError(f"{named}: {error}{more}") from error
