"""The real server, in a process of its own."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_LISTENING = re.compile(r"listening on (https?://\S+)")
_LOG_LINES = 2000


class ServerFault(AssertionError):
    """The server did not do what every test needs of it; the message ends with its log."""


class Server:
    """`reactor run` on the loopback interface.

    Attributes:
        url: where it listens, without a slash at the end.
    """

    def __init__(
        self,
        model: Path,
        options: Sequence[str] = (),
        *,
        port: int = 0,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Start it on the model in the folder or file `model`, on a free port unless one is given; `serve` also waits
        and stops it. `variables` are added to the environment."""
        self.url = ""
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self._addresses: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "reactor_runtime", "run", str(model), "--port", str(port), *options],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, name="server log", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has printed so far: the last lines, at most."""
        return "".join(tuple(self._log))

    def wait_available(self, seconds: float = 60.0) -> None:
        """Wait until it listens and its model is loaded.

        Raises:
            ServerFault: it ended, or took longer than `seconds`.
        """
        deadline = time.monotonic() + seconds
        try:
            address = self._addresses.get(timeout=seconds)
        except queue.Empty:
            raise self._fault(f"did not say within {seconds:g} s where it listens") from None
        if address is None:
            raise self._fault(f"ended with status {self._process.wait(30)} before it listened")
        self.url = address.rstrip("/")
        self.wait_state("available", deadline - time.monotonic())

    def wait_state(self, wanted: str, seconds: float = 20.0) -> None:
        """Wait until `state()` is `wanted`.

        Raises:
            ServerFault: it ended, or took longer than `seconds`.
        """
        deadline = time.monotonic() + seconds
        while (state := self.state()) != wanted:
            if self._process.poll() is not None:
                raise self._fault(f"ended with status {self._process.returncode} while it was {state!r}")
            if time.monotonic() > deadline:
                raise self._fault(f"is {state!r} after {seconds:g} s, not {wanted!r}")
            time.sleep(0.05)

    def state(self) -> str:
        """The state `/health` tells: loading, available, serving or terminated."""
        return str(self.get("/health").get("state"))

    def get(self, path: str) -> dict[str, Any]:
        """The JSON object at `path`, whatever the status."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=30) as answer:
                body = answer.read()
        except urllib.error.HTTPError as refusal:
            body = refusal.read()
        document = json.loads(body)
        if not isinstance(document, dict):
            raise self._fault(f"answered {path} with {document!r}, which is no object")
        return document

    def stop(self, seconds: float = 20.0) -> int:
        """Ask it to end (SIGTERM) and wait for that.

        Returns:
            Its exit status.

        Raises:
            ServerFault: it did not end within `seconds`; it is killed.
        """
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(30)
            raise self._fault(f"did not end within {seconds:g} s of SIGTERM, and was killed") from None
        finally:
            self._reader.join(30)
        return status

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        with stream:
            for line in stream:
                self._log.append(line)
                if told := _LISTENING.search(line):
                    self._addresses.put(told[1])
        self._addresses.put(None)

    def _fault(self, problem: str) -> ServerFault:
        return ServerFault(f"the server {problem}. Its log:\n{self.log}")


@contextmanager
def serve(model: Path, options: Sequence[str] = (), *, variables: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server whose model is loaded, for the length of the block.

    Raises:
        ServerFault: it did not start, or did not end when asked to.
    """
    server = Server(model, options, variables=variables)
    try:
        server.wait_available()
        yield server
    finally:
        server.stop()
