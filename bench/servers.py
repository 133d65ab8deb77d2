"""Either server, started and stopped alike: ours from this environment, the official runtime from a venv of its own."""

from __future__ import annotations

import compileall
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OURS, OFFICIAL = ROOT / "bench" / "model", ROOT / "bench" / "official_model"
START_SECONDS = 60.0
STOP_SECONDS = 20.0
LOG_LINES = 40


@dataclass(frozen=True)
class Case:
    """What the model of either server is told, and the STUN server that either is given."""

    width: int = 640
    height: int = 360
    step_ms: float = 0
    fps: float = 30
    batch: int = 1
    """How many frames a step makes."""
    natural: bool = False
    """A picture with texture on it, not flat bars."""
    idle: bool = False
    stun: str | None = None
    """None: ours has none, the official runtime one on loopback."""

    def told(self) -> dict[str, float]:
        """What the model is told, as numbers."""
        picture = {"width": self.width, "height": self.height, "natural": int(self.natural)}
        steps = {"step_ms": self.step_ms, "fps": self.fps, "batch": self.batch}
        return picture | steps | {"idle": int(self.idle)}


@dataclass(frozen=True)
class Side:
    """One of those compared: ours, or the official runtime, as it comes or with what makes it quicker."""

    name: str
    python: str
    official: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    def command(self, case: Case, port: int) -> list[str]:
        if self.official:
            return [self.python, "-m", "reactor_runtime.serve"]
        options = [f"--model.{key}={value}" for key, value in case.told().items()]
        stun = ["--ice-server", case.stun] if case.stun else []
        return [self.python, "-m", "reactor_runtime", "run", str(OURS), "--port", str(port), *options, *stun]

    def surroundings(self, case: Case, port: int, stun: str) -> dict[str, str]:
        """The whole environment of the process."""
        inherited = {**os.environ, "PYTHONUNBUFFERED": "1"}
        if not self.official:
            paths = [inherited.get("PYTHONPATH", ""), str(ROOT)]
            return inherited | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
        model = {f"BENCH_{key.upper()}": str(value) for key, value in case.told().items()}
        wire = {"HOST": "127.0.0.1", "PORT": str(port), "STUN_SERVERS": case.stun or stun}
        return inherited | {"PYTHONPATH": str(ROOT)} | wire | model | dict(self.environment)


def ours() -> Side:
    # Compiled, as pip leaves what it installs: the official runtime is, and a new file here would not be.
    compileall.compile_dir(ROOT / "src", quiet=1)
    return Side("ours", sys.executable)


def official(python: str) -> Side:
    """At its defaults."""
    return Side("official", python, official=True)


def official_tuned(python: str) -> Side:
    """Like for like: our codec, and the shortest queue it has."""
    return Side("official_tuned", python, True, {"WEBRTC_VIDEO_CODECS": "VP8", "BENCH_BUFFER_SIZE": "1"})


class ServerFault(RuntimeError):
    """A server did not start or end; the message holds the end of its log."""


class Server:
    """A process that serves the bench's model.

    Attributes:
        url: where it listens, without a slash at the end.
        ready_seconds: from the start of the process until its model was loaded.
        ready_cpu_seconds: what it used of the CPU until then, which other load does not lengthen.
    """

    def __init__(self, side: Side, case: Case, stun: str) -> None:
        self.side = side
        self.case = case
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.ready_seconds = self.ready_cpu_seconds = 0.0
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._started = time.perf_counter()
        self._process = subprocess.Popen(
            side.command(case, port),
            cwd=OFFICIAL if side.official else ROOT,
            env=side.surroundings(case, port, stun),
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
        return "".join(tuple(self._log))

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until its model is loaded.

        Raises:
            ServerFault: it ended, or took longer than `seconds`.
        """
        while self._state() != "available":
            if self._process.poll() is not None:
                self._reader.join(5)
                raise self._fault(f"ended with status {self._process.returncode} before it was ready")
            if time.perf_counter() - self._started > seconds:
                raise self._fault(f"is not ready {seconds:g} s after its start")
            time.sleep(0.005)
        self.ready_seconds = time.perf_counter() - self._started
        self.ready_cpu_seconds = self.cpu_seconds()

    def cpu_seconds(self) -> float:
        """What all its threads have used, those that have ended among them."""
        # Linux's number of a process's clock: to the nanosecond, where /proc counts in hundredths of a second.
        return time.clock_gettime((~self._process.pid << 3) | 2)

    def page_faults(self) -> int:
        """How often it was given memory anew: buffers that are not used again show here."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text()
        return int(stat.rpartition(")")[2].split()[7])

    def rss_mib(self) -> float:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self._process.pid}/task"))

    def threads_of_python(self) -> int:
        """Those that bear the process's name, as all do that Python before 3.14 starts; those of the media engine have
        names of their own, but for a few of each factory."""
        tasks = Path(f"/proc/{self._process.pid}/task")
        names = []
        for task in tasks.iterdir():
            with suppress(OSError):  # it has ended meanwhile
                names.append((task / "comm").read_text())
        return names.count((tasks / str(self._process.pid) / "comm").read_text())

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask it to end; one that does not within `seconds` is killed."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._reader.join(10)

    def _state(self) -> str:
        try:
            return str(get(f"{self.url}/health").get("state"))
        except (OSError, ValueError):
            return "absent"

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        with stream:
            for line in stream:
                # What a traceback quotes of the official runtime is not ours to show: only what it says is kept.
                if not (self.side.official and line[:1].isspace()):
                    self._log.append(line)

    def _fault(self, problem: str) -> ServerFault:
        return ServerFault(f"the server {self.side.name!r} {problem}. The end of its log:\n{self.log}")


@contextmanager
def serve(side: Side, case: Case, stun: str = "stun:127.0.0.1:9") -> Iterator[Server]:
    """A server whose model is loaded, for the length of the block.

    Raises:
        ServerFault: it did not start.
    """
    server = Server(side, case, stun)
    try:
        server.wait_ready()
        yield server
    finally:
        server.stop()


def get(url: str) -> dict[str, Any]:
    """The JSON object at `url`, whatever the status."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            document: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as refusal:
        document = json.load(refusal)
    return document


def post(url: str, body: Mapping[str, Any] | None = None) -> None:
    """Post a JSON object.

    Raises:
        urllib.error.HTTPError: it was refused.
    """
    data = json.dumps(body or {}).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"}, method="POST")
    with urllib.request.urlopen(request, timeout=10):
        pass


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
    return port
