"""The way to clients, as the command line and the environment say it: STUN and TURN servers, ports, addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from ..errors import ManifestError
from ..manifest import Manifest
from ..transport.webrtc import IceSettings, parse_ports
from .environment import given_by
from .ice_servers import TURN_SERVERS, from_environment, from_options, named, words
from .redaction import redaction

Command = TypeVar("Command", bound=Callable[..., Any])

_GUESSED = 8
"""A password with fewer characters is no secret."""


def ice_options(command: Command) -> Command:
    """The options. What is given for them stays in the context, for `ice_settings`."""
    options = (
        _option(
            "--ice-server",
            "ice_servers",
            metavar="URL",
            multiple=True,
            help="A STUN or TURN server, beside those of the manifest: stun:HOST:PORT or "
            "turn:USER:PASSWORD@HOST:PORT. May be given again. Without one, no server is contacted.",
        ),
        _option(
            "--udp-ports",
            metavar="FIRST-LAST",
            envvar="WEBRTC_PORT_RANGE",
            help="The UDP ports for pictures, sound and commands, such as 50000-50199: one for each client.  "
            "[default: any]",
        ),
        _option(
            "--ice-tcp/--no-ice-tcp",
            default=None,
            envvar="ICE_TCP",
            help="Let clients connect by TCP too, at ports of the same numbers, where UDP does not pass.",
        ),
        _option(
            "--ice-policy",
            metavar="all|relay",
            envvar="ICE_TRANSPORT_POLICY",
            help="relay: clients reach the server by its TURN server alone.  [default: all]",
        ),
        _option(
            "--advertise-ip",
            metavar="IP",
            multiple=True,
            envvar="ADVERTISE_IP",
            help="The address at which clients reach this machine behind a NAT that keeps ports as they are, such as "
            "that of a cloud. May be given again.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def ice_settings(ctx: click.Context, manifest: Manifest) -> IceSettings:
    """What holds. Of each setting it is what the command line says, else the environment, else the manifest; servers
    of all three.

    Raises:
        ManifestError: something cannot work; names the option, the variable or the key, and tells no secret.
    """
    given = _Given(ctx, manifest)
    own = manifest.ice
    secret = manifest.turn_secret
    servers = (*own.servers, *from_environment(secret), *from_options(given.value("ice_servers") or (), secret))
    for hidden in (secret, *(server.credential for server in servers)):
        if len(hidden) >= _GUESSED:  # or it would take ordinary words out of the log
            redaction.hide(hidden)
    ports, tcp = given.value("udp_ports"), given.value("ice_tcp")
    with named(given.name("udp_ports")):
        port_range = parse_ports(ports) if ports else own.port_range
    with named(given.name("ice_policy")):
        policy = IceSettings(policy=(given.value("ice_policy") or own.policy).strip().lower()).policy
    with named(given.name("advertise_ip")):
        addresses = [address for text in given.value("advertise_ip") or () for address in words(text)]
        advertise = IceSettings(advertise=tuple(addresses)).advertise or own.advertise
    if policy == "relay" and not any(server.relays for server in servers):
        problem = f"relay needs a TURN server; name one with --ice-server, {TURN_SERVERS} or runtime.ice_servers"
        raise ManifestError(f"{given.name('ice_policy')}: {problem}")
    return IceSettings(servers, port_range, own.tcp if tcp is None else tcp, policy, advertise)


class _Given:
    """What was given for the options, and by what."""

    def __init__(self, ctx: click.Context, manifest: Manifest) -> None:
        self._ctx = ctx
        self._manifest = manifest

    def value(self, name: str) -> Any:
        """What the command line says, else the environment; None, or nothing, where both are silent."""
        return self._ctx.meta.get(_key(name))

    def name(self, name: str) -> str:
        """What an error is to name: the option, the variable, or the manifest and its key."""
        if self._ctx.get_parameter_source(name) in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT):
            return given_by(self._ctx, name)
        return f"{self._manifest.file}: runtime.{name}"


def _option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    def keep(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
        ctx.meta[_key(parameter.name)] = value

    return click.option(*names, expose_value=False, callback=keep, show_envvar="envvar" in settings, **settings)


def _key(name: str | None) -> str:
    return f"{__name__}.{name}"
