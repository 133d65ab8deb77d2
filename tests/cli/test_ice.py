"""The way to clients: the command line before the environment, that before the manifest."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from reactor_runtime.cli.commands import main
from reactor_runtime.cli.environment import ServingCommand, given_by, listening_host
from reactor_runtime.cli.ice import ice_options, ice_settings
from reactor_runtime.cli.run import run
from reactor_runtime.errors import ManifestError
from reactor_runtime.manifest import read_manifest
from reactor_runtime.transport.webrtc import IceServer, IceSettings

VARIABLES = (
    "HOST PORT STUN_SERVERS TURN_SERVERS TURN_SECRET WEBRTC_PORT_RANGE ICE_TCP ICE_TRANSPORT_POLICY ADVERTISE_IP"
)
MANIFEST = """
runtime:
  import: "bars:Bars"
  ice_servers: ["stun:manifest.org"]
  udp_ports: 1000-1009
  ice_tcp: true
  advertise_ip: 203.0.113.1
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES.split():
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    (tmp_path / "reactor.yaml").write_text(MANIFEST)
    return tmp_path


def settings(manifest: Path, *arguments: str, **variables: str) -> IceSettings:
    """What a command with the options comes to."""
    found: list[IceSettings] = []

    @click.command()
    @ice_options
    @click.pass_context
    def command(ctx: click.Context) -> None:
        found.append(ice_settings(ctx, read_manifest(str(manifest))))

    result = CliRunner().invoke(command, arguments, env=variables, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return found[0]


def test_the_manifests_hold_where_nothing_else_is_said(manifest: Path) -> None:
    assert settings(manifest) == IceSettings(
        (IceServer(("stun:manifest.org",)),), (1000, 1009), True, "all", ("203.0.113.1",)
    )
    assert settings(manifest, WEBRTC_PORT_RANGE="", ICE_TRANSPORT_POLICY="", STUN_SERVERS="") == settings(manifest)


def test_the_environment_goes_before_the_manifest_and_the_command_line_before_both(manifest: Path) -> None:
    variables = {
        "STUN_SERVERS": "stun:a.org:1, stuns:b.org",
        "TURN_SERVERS": "me;mine;turn:c.org:3478?transport=tcp,turns:d.org",
        "TURN_SECRET": "of the environment",
        "WEBRTC_PORT_RANGE": "2000:2009",
        "ICE_TCP": "0",
        "ICE_TRANSPORT_POLICY": "Relay",
        "ADVERTISE_IP": "203.0.113.2,203.0.113.3",
    }
    servers = (
        IceServer(("stun:manifest.org",)),
        IceServer(("stun:a.org:1",)),
        IceServer(("stuns:b.org",)),
        IceServer(("turn:c.org:3478?transport=tcp",), "me", "mine"),
        IceServer(("turns:d.org",), secret="of the environment"),
    )
    advertised = ("203.0.113.2", "203.0.113.3")
    assert settings(manifest, **variables) == IceSettings(servers, (2000, 2009), False, "relay", advertised)
    options = ["--udp-ports", "3000-3009", "--ice-tcp", "--ice-policy", "all", "--advertise-ip", "203.0.113.4"]
    options += ["--ice-server", "turn:u:p@e.org", "--ice-server", "turn:f.org"]
    servers += (IceServer(("turn:e.org",), "u", "p"), IceServer(("turn:f.org",), secret="of the environment"))
    given = settings(manifest, *options, **variables)
    assert given == IceSettings(servers, (3000, 3009), True, "all", ("203.0.113.4",))


@pytest.mark.parametrize(
    ("arguments", "variables", "problem"),
    [
        (["--udp-ports", "9"], {}, "--udp-ports: '9' is no port range"),
        ([], {"WEBRTC_PORT_RANGE": "9:8"}, "WEBRTC_PORT_RANGE: 9-8 is no port range"),
        (["--ice-policy", "none"], {}, "--ice-policy: 'none' is no ICE policy"),
        ([], {"ICE_TRANSPORT_POLICY": "none"}, "ICE_TRANSPORT_POLICY: 'none' is no ICE policy"),
        ([], {"ICE_TRANSPORT_POLICY": "relay"}, "ICE_TRANSPORT_POLICY: relay needs a TURN server"),
        (["--ice-policy", "relay"], {"STUN_SERVERS": "stun:a"}, "--ice-policy: relay needs a TURN server"),
        (["--advertise-ip", "me.org"], {}, "--advertise-ip: 'me.org' is no IP address"),
        ([], {"ADVERTISE_IP": "0.0.0.0"}, "ADVERTISE_IP: 0.0.0.0 is no address that clients can send to"),
        ([], {"STUN_SERVERS": "a.org:1"}, "STUN_SERVERS: expected stun:HOST:PORT"),
        ([], {"TURN_SERVERS": "me;hush,hush;turn:a.org"}, "TURN_SERVERS: expected USER;PASSWORD;turn:HOST:PORT"),
        ([], {"TURN_SERVERS": "me;hush;a.org"}, "TURN_SERVERS: expected USER;PASSWORD;turn:HOST:PORT"),
        ([], {"TURN_SERVERS": "turn:a.org"}, "TURN_SERVERS: 'turn:a.org' is a TURN server and needs a username"),
        ([], {"TURN_SERVERS": ";hush;turn:a.org", "TURN_SECRET": "hush"}, "TURN_SERVERS: 'turn:a.org' is a TURN"),
    ],
)
def test_what_is_wrong_is_named_and_no_secret_told(
    manifest: Path, arguments: list[str], variables: dict[str, str], problem: str
) -> None:
    with pytest.raises(ManifestError) as caught:
        settings(manifest, *arguments, **variables)
    assert str(caught.value).startswith(problem)
    assert "hush" not in str(caught.value)


def test_the_manifests_policy_is_named_where_it_needs_a_server(manifest: Path) -> None:
    with (manifest / "reactor.yaml").open("a") as file:
        file.write("  ice_policy: relay\n")
    with pytest.raises(ManifestError, match=r"reactor\.yaml: runtime\.ice_policy: relay needs a TURN server"):
        settings(manifest)
    assert settings(manifest, TURN_SERVERS="u;p;turn:a.org").relay_only


@pytest.mark.parametrize(
    ("arguments", "variable", "host", "source"),
    [
        ([], None, "127.0.0.1", "--host"),
        ([], "0.0.0.0", "0.0.0.0", "HOST"),
        ([], "::", "::", "HOST"),
        ([], "localhost", "localhost", "HOST"),
        ([], "x86_64-conda-linux-gnu", "127.0.0.1", "HOST"),  # set for compilers
        (["--host", "me.local"], "0.0.0.0", "me.local", "--host"),
    ],
)
def test_the_variable_host_counts_where_it_is_an_address(
    arguments: list[str], variable: str | None, host: str, source: str
) -> None:
    variables = {} if variable is None else {"HOST": variable}
    with CliRunner().isolation(env=variables):
        context = run.make_context("run", ["x.py:X", *arguments], click.Context(main, **main.context_settings))
    assert listening_host(context, context.params["host"]) == host
    assert given_by(context, "host") == source


def test_help_names_each_variable() -> None:
    assert isinstance(run, ServingCommand)
    said = CliRunner().invoke(main, ["run", "--help"]).output
    for name in VARIABLES.split():
        assert name in said
