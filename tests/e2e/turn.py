"""A TURN server of one test's own: coturn on this machine, with a secret that nobody else has."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.browser_tools import ToolMissing
from scripts.turn_tools import turnserver

_READY = "UDP listener opened on"
_START_SECONDS = 20.0
RELAY_PORTS = (21_100, 21_199)
"""Below those that systems hand out by themselves."""


@dataclass(frozen=True)
class TurnServer:
    """Where it is, and the secret it shares."""

    url: str
    secret: str
    log: list[str]

    def carried(self, label: str) -> int:
        """How many bytes whoever has credentials of this label has sent to others, over connections that have ended."""
        said = [line for line in tuple(self.log) if " peer usage:" in line and f":{label}>" in line]
        return sum(int(line.rpartition("sb=")[2].strip()) for line in said)

    def users(self) -> set[str]:
        """Whom it has relayed for: the labels of their credentials."""
        names = [line.partition("username=<")[2].partition(">")[0] for line in tuple(self.log) if "new, realm" in line]
        return {name.partition(":")[2] for name in names}


def own_address() -> str:
    """The address of this machine that others reach: media engines leave loopback alone. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(("192.0.2.1", 9))
        return str(asking.getsockname()[0])


@contextmanager
def coturn(folder: Path) -> Iterator[TurnServer]:
    """coturn, until the end of the block.

    Raises:
        AssertionError: it does not start.
    """
    try:
        program = turnserver()
    except ToolMissing as problem:
        if os.environ.get("REQUIRE_COTURN"):
            pytest.fail(str(problem), pytrace=False)
        pytest.skip(str(problem))
    address, secret = own_address(), secrets.token_hex(16)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((address, 0))
        port = probe.getsockname()[1]
    options = {
        "listening-ip": address,
        "relay-ip": address,
        "listening-port": port,
        "min-port": RELAY_PORTS[0],
        "max-port": RELAY_PORTS[1],
        "static-auth-secret": secret,
        "realm": "tests",
        "userdb": folder / "users",
        "pidfile": folder / "pid",
        "log-file": "stdout",
    }
    flags = ["-n", "--no-cli", "--no-tls", "--no-dtls", "--use-auth-secret", "--verbose"]
    command = [str(program), *flags, *(f"--{name}={value}" for name, value in options.items())]
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    log: list[str] = []
    ready = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            log.append(line)
            if _READY in line:
                ready.set()

    reader = threading.Thread(target=read, name="coturn log", daemon=True)
    reader.start()
    try:
        assert ready.wait(_START_SECONDS), "coturn did not start:\n" + "".join(log)
        yield TurnServer(f"turn:{address}:{port}", secret, log)
    finally:
        process.kill()
        process.wait(30)
        reader.join(30)
        assert process.stdout is not None
        process.stdout.close()
