"""What the environment says to a server, beside what stands for an option of the same meaning."""

from __future__ import annotations

import ipaddress
import logging
from os import environ

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


def given_by(ctx: click.Context, parameter: click.Parameter | str) -> str:
    """What an error about a parameter is to name: the variable that its value came by, else its option."""
    if isinstance(parameter, str):
        parameter = next(each for each in ctx.command.params if each.name == parameter)
    if ctx.get_parameter_source(parameter.name or "") is ParameterSource.ENVIRONMENT:
        variables = [parameter.envvar] if isinstance(parameter.envvar, str) else list(parameter.envvar or ())
        return next((variable for variable in variables if environ.get(variable)), variables[0])
    return parameter.human_readable_name if isinstance(parameter, click.Argument) else max(parameter.opts, key=len)
