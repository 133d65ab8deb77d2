"""What a manifest says of the way to clients."""

from __future__ import annotations

from pathlib import Path

import pytest

from reactor_runtime.errors import ManifestError
from reactor_runtime.manifest import Manifest, read_manifest
from reactor_runtime.transport.webrtc import IceServer, IceSettings

SECRET = "a secret of eight words"


@pytest.fixture(autouse=True)
def no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TURN_SECRET", raising=False)


def read(folder: Path, runtime: str) -> Manifest:
    (folder / "reactor.yaml").write_text(f"runtime: {{import: 'bars:Bars', {runtime}}}")
    return read_manifest(str(folder))


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    manifest = read(
        tmp_path,
        f"ice_servers: ['turn:t.org', {{urls: 'turn:u.org', username: me, credential: mine}}, 'stun:s.org'], "
        f"turn_secret: {SECRET}, udp_ports: 50000-50199, ice_tcp: true, ice_policy: relay, advertise_ip: 203.0.113.7",
    )
    servers = (
        IceServer(("turn:t.org",), secret=SECRET),
        IceServer(("turn:u.org",), "me", "mine"),
        IceServer(("stun:s.org",)),
    )
    assert manifest.ice == IceSettings(servers, (50_000, 50_199), True, "relay", ("203.0.113.7",))
    assert manifest.turn_secret == SECRET
    assert SECRET not in repr(manifest) and "mine" not in repr(manifest)


def test_nothing_said_is_nothing_set(tmp_path: Path) -> None:
    manifest = read(tmp_path, "udp_ports: , ice_tcp: , ice_policy: , advertise_ip: , turn_secret: ")
    assert manifest.ice == IceSettings() and manifest.turn_secret == ""
    assert read(tmp_path, "advertise_ip: [203.0.113.7, '2001:db8::7']").ice.advertise == ("203.0.113.7", "2001:db8::7")


def test_the_environments_secret_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURN_SECRET", "of the environment")
    for said in ("", ", turn_secret: of the file"):
        manifest = read(tmp_path, f"ice_servers: ['turn:t.org']{said}")
        assert manifest.ice.servers == (IceServer(("turn:t.org",), secret="of the environment"),)


@pytest.mark.parametrize(
    ("said", "key", "problem"),
    [
        ("udp_ports: 8080", "udp_ports", "two ports, as FIRST-LAST, got the number"),
        ("udp_ports: 9-8", "udp_ports", "two ports in order"),
        ("ice_tcp: 'on'", "ice_tcp", "true or false"),
        ("ice_policy: none", "ice_policy", "'none' is no ICE policy"),
        ("advertise_ip: example.org", "advertise_ip", "'example.org' is no IP address"),
        ("advertise_ip: 7", "advertise_ip", "an IP address or a list of them, got the number 7"),
        ("advertise_ip: [7]", "advertise_ip", "an IP address or a list of them"),
        ("turn_secret: 1234567", "turn_secret", "expected a text, in quotes"),
        ("turn_secret: [1234567]", "turn_secret", "expected a text, in quotes"),
        ("ice_servers: [{urls: 'turn:x', username: u, credential: 1234567}]", "ice_servers[0].credential", "in quotes"),
    ],
)
def test_what_is_wrong_is_named_and_no_secret_told(tmp_path: Path, said: str, key: str, problem: str) -> None:
    with pytest.raises(ManifestError) as caught:
        read(tmp_path, said)
    assert f"reactor.yaml: runtime.{key}: " in str(caught.value)
    assert problem in str(caught.value)
    assert "1234567" not in str(caught.value)
