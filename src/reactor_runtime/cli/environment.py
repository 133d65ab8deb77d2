"""What the environment says to a server, beside what stands for an option of the same meaning."""

from __future__ import annotations

import ipaddress
import logging

import click
from click.core import ParameterSource

from .ice_servers import VARIABLES
from .overrides import OverridesCommand

logger = logging.getLogger("reactor.process")

LOOPBACK = "127.0.0.1"


class ServingCommand(OverridesCommand):
    """Tells in its help which variables there are that no option stands for."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        with formatter.section("Environment"):
            formatter.write_dl(list(VARIABLES))


def listening_host(ctx: click.Context, host: str) -> str:
    """Where to listen: `--host`, else the variable HOST where it is an address.

    Compilers' environments and some shells set HOST to the name of the machine or of its kind, which nobody means as
    one to listen on.
    """
    if ctx.get_parameter_source("host") is not ParameterSource.ENVIRONMENT or host == "localhost":
        return host
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        logger.info(
            "the variable HOST is no IP address, so it is not taken for one to listen on; --host names any host"
        )
        return LOOPBACK
    return host.strip("[]")


def host_source(ctx: click.Context) -> str:
    """What an error about the host is to name."""
    return "HOST" if ctx.get_parameter_source("host") is ParameterSource.ENVIRONMENT else "--host"
