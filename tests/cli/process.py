"""`python -m reactor_runtime` as a process of its own."""

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
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import reactor_runtime

WAIT = 60.0
"""No wait of a test is longer, in seconds."""

_SOURCE = str(Path(reactor_runtime.__file__).parents[1])


def environment() -> dict[str, str]:
    """The tests' environment, where the runtime under test is found first."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([_SOURCE, os.environ.get("PYTHONPATH", "")]),
        "PYTHONFAULTHANDLER": "1",
    }


def reactor(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    command = [sys.executable, "-m", "reactor_runtime", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=WAIT, check=False
    )


class Served:
    """`reactor run` in the background, until the end of the `with`."""

    def __init__(self, folder: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> None:
        command = [sys.executable, "-m", "reactor_runtime", "run", "--port", "0", *arguments]
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env={**environment(), **(variables or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.text = ""
        """All that was read so far, of both streams."""
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._kept: list[str] = []
        """Lines that were passed over, and are to be read again."""
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def __enter__(self) -> Served:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def _read(self, stream: IO[str]) -> None:
        try:
            for line in stream:
                self._lines.put(line)
        except ValueError:  # closed at the end of the test
            pass
        self._lines.put(None)

    def _more(self) -> Iterator[str]:
        while self._kept:
            yield self._kept.pop(0)
        ends = 0
        while ends < 2:
            try:
                line = self._lines.get(timeout=WAIT)
            except queue.Empty:
                raise AssertionError(f"nothing for {WAIT} s after:\n{self.text}\n{self._stacks()}") from None
            if line is None:
                ends += 1
                continue
            self.text += line
            yield line

    def _stacks(self) -> str:
        """End it, and say what each of its threads was doing."""
        self.process.send_signal(signal.SIGABRT)
        return "".join(iter(lambda: self._lines.get(timeout=WAIT) or "", ""))

    def until(self, pattern: str) -> re.Match[str]:
        """Read on until a line matches."""
        for line in self._more():
            if match := re.search(pattern, line):
                return match
        raise AssertionError(f"{pattern!r} never came:\n{self.text}")

    def until_all(self, *patterns: str) -> None:
        """Read on until each pattern has matched a line. The two streams come in no certain order."""
        missing = set(patterns)
        for line in self._more():
            missing = {pattern for pattern in missing if not re.search(pattern, line)}
            if not missing:
                return
        raise AssertionError(f"{sorted(missing)} never came:\n{self.text}")

    def listening(self) -> str:
        """Read on until it listens; returns its URL. What came before is read again: it may be of the other stream."""
        passed = []
        for line in self._more():
            if match := re.search(r"^listening on (http://\S+:\d+(?:/t/\S+/)?)$", line):
                self._kept[:0] = passed
                return match[1]
            passed.append(line)
        raise AssertionError(f"it never listened:\n{self.text}")

    def type(self, text: str) -> None:
        """Type at its terminal."""
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def status(self) -> int:
        """Wait for its end; returns the exit status."""
        for _ in self._more():
            pass
        return self.process.wait(WAIT)


def shows(url: str, *paths: str) -> None:
    """Wait until the schema has these commands and no others: the log tells of new code before any of it runs, the
    schema after."""
    deadline = time.monotonic() + WAIT
    while (found := set(call(f"{url}/schema")[1]["paths"])) != set(paths):
        assert time.monotonic() < deadline, found


def call(url: str, method: str = "GET", body: Any = None) -> tuple[int, Any]:
    """One HTTP request; returns status and JSON, None for an empty body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)
    try:
        with urllib.request.urlopen(request, timeout=WAIT) as reply:
            status, content = reply.status, reply.read()
    except urllib.error.HTTPError as error:
        with error:
            status, content = error.code, error.read()
    return status, json.loads(content) if content else None
