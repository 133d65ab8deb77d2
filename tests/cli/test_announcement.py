"""Where `reactor run` says that it listens: to a program, to a terminal, and to a telephone's camera."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from reactor_runtime.cli.addresses import own_addresses

from .process import WAIT, Served, call, environment

pytestmark = pytest.mark.e2e

_LINK = "\x1b]8;;{0}\x1b\\{0}\x1b]8;;\x1b\\"
_SHADES = {" ": (0, 0), "▀": (255, 0), "▄": (0, 255), "█": (255, 255)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text("from reactor_runtime import ReactorModel\nclass Mine(ReactorModel): ...\n")
    return tmp_path


def addresses(family: socket.AddressFamily, everywhere: str) -> list[str]:
    """What is to be found on this machine; the test is skipped where that is nothing."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as listening:
            listening.bind((everywhere, 0))
            found = own_addresses(listening)
    except OSError:
        found = []
    if not found:
        pytest.skip(f"this machine has no address beside its loopback for {everywhere}")
    return found


@contextmanager
def on_terminal(folder: Path, *arguments: str, term: str = "xterm", columns: int = 80) -> Iterator[str]:
    """All that `reactor run` writes to a terminal until it is ready."""
    ours, its = os.openpty()
    termios.tcsetwinsize(its, (40, columns))
    process = subprocess.Popen(
        [sys.executable, "-m", "reactor_runtime", "run", "mine.py", "--port", "0", *arguments],
        cwd=folder,
        env={**environment(), "TERM": term, "COLUMNS": "0", "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    deadline = threading.Timer(WAIT, process.kill)
    deadline.start()
    text = b""
    try:
        while b"is ready" not in text:
            text += os.read(ours, 65536)
        yield text.decode().replace("\r\n", "\n")
    finally:
        deadline.cancel()
        process.kill()
        process.wait()
        os.close(ours)


def read_code(text: str) -> str:
    """What the QR code in a terminal's text says."""
    rows = re.findall("^\x1b\\[38;5;231;48;5;16m([ ▀▄█]+)\x1b\\[0m$", text, re.MULTILINE)
    assert rows
    shades = np.array([[_SHADES[sign] for sign in row] for row in rows], np.uint8)
    picture = shades.transpose(0, 2, 1).reshape(2 * len(rows), -1).repeat(8, 0).repeat(8, 1)
    return str(cv2.QRCodeDetector().detectAndDecode(cv2.copyMakeBorder(picture, 32, 32, 32, 32, 0, value=255))[0])


def test_a_terminal_gets_a_link(folder: Path) -> None:
    with on_terminal(folder) as text:
        url = re.search(r"http://127\.0\.0\.1:\d+", text)[0]  # type: ignore[index]
        assert f"listening on {_LINK.format(url)}\n" in text
        assert "from other machines" not in text
        assert "█" not in text


def test_a_terminal_without_links_gets_the_address(folder: Path) -> None:
    with on_terminal(folder, "--host", "0.0.0.0", "--insecure", term="dumb") as text:
        assert re.search(r"^listening on http://0\.0\.0\.0:\d+$", text, re.MULTILINE)
        assert "]8;;" not in text
        assert "█" not in text


def test_a_program_gets_the_addresses_of_this_machine_and_they_work(folder: Path) -> None:
    found = addresses(socket.AF_INET, "0.0.0.0")
    with Served(folder, "mine.py", "--host", "0.0.0.0", "--insecure") as served:
        port = served.listening().rpartition(":")[2]
        told = served.until("^from other machines: (.+)$")[1].split(", ")
        assert told == [f"http://{address}:{port}" for address in found]
        assert call(f"{told[0]}/health")[0] == 200
        served.until(f"mine is ready: open http://127.0.0.1:{port} ")
        served.signal(signal.SIGTERM)
        assert served.status() == 0
        assert "\x1b" not in served.text


@pytest.mark.parametrize(
    ("family", "everywhere"), [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")], ids=["v4", "v6"]
)
def test_a_camera_reads_the_address(folder: Path, family: socket.AddressFamily, everywhere: str) -> None:
    first = addresses(family, everywhere)[0]
    with on_terminal(folder, "--host", everywhere, "--insecure") as text:
        port = re.search(r"listening on \S+:(\d+)\x1b", text)[1]  # type: ignore[index]
        url = f"http://[{first}]:{port}" if ":" in first else f"http://{first}:{port}"
        assert f"from other machines: {_LINK.format(url)}" in text
        assert read_code(text) == url


def test_one_address_of_the_network_is_not_told_twice(folder: Path) -> None:
    first = addresses(socket.AF_INET, "0.0.0.0")[0]
    with on_terminal(folder, "--host", first, "--insecure") as text:
        assert "from other machines" not in text
        assert read_code(text).startswith(f"http://{first}:")


def test_a_narrow_terminal_gets_no_torn_picture(folder: Path) -> None:
    addresses(socket.AF_INET, "0.0.0.0")
    with on_terminal(folder, "--host", "0.0.0.0", "--insecure", columns=25) as text:
        assert "from other machines" in text
        assert "█" not in text


def test_a_loopback_socket_has_no_addresses_for_others() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert own_addresses(listening) == []
