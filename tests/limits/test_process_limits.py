"""Limits of how a process ends."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from reactor_runtime.cli import process
from reactor_runtime.cli.listener import bind
from reactor_runtime.clock import SystemClock
from reactor_runtime.counters import Counters
from reactor_runtime.limits import Limits
from reactor_runtime.manifest import read_manifest
from reactor_runtime.media.recording import BoundedTap
from tests.media.films import RED, frames, plain

WAIT = 15.0


class StuckDisk:
    """A sink whose end waits for the test."""

    wake_at = None

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def begin(self, session: str) -> None: ...

    def frame(self, taken: object, at: float) -> None: ...

    def end(self, at: float) -> None:
        self.go_on.wait(WAIT)

    def failed(self, error: Exception) -> None: ...

    def idle(self, now: float) -> None: ...

    def close(self) -> None: ...


@pytest.mark.limit("tap_close")
def test_a_recording_that_is_not_written_in_time_is_left_behind(caplog: pytest.LogCaptureFixture) -> None:
    sink = StuckDisk()
    tap = BoundedTap(sink, "the recorder", clock=SystemClock(), limits=Limits(tap_close=0.05), counters=Counters())
    tap.begin("a session")
    tap.take(frames({"main": plain(RED)}), 0.0)
    try:
        assert tap.close() is False
        assert "the recorder has not finished within 0.05 s; what it holds is lost" in caplog.text
    finally:
        sink.go_on.set()


class Asked(Exception):
    """With how long a stop by SIGTERM may take."""


@pytest.mark.limit("stop_grace")
def test_a_stop_by_sigterm_takes_so_long_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What that comes to in a process: `tests/e2e/test_sigterm.py`."""

    def signals(seconds: float) -> None:
        raise Asked(seconds)

    monkeypatch.setattr(process, "StopSignals", signals)
    (tmp_path / "mine.py").write_text("from reactor_runtime import ReactorModel\nclass Mine(ReactorModel): ...\n")
    manifest = replace(read_manifest(str(tmp_path / "mine.py")), limits=Limits(stop_grace=4.5))
    listener = bind("127.0.0.1", 0, insecure=False)
    with pytest.raises(Asked) as asked:
        process.run_model(manifest, listener, process.Options())
    assert asked.value.args == (4.5,)
    with pytest.raises(Asked) as asked:
        process.run_model(manifest, listener, process.Options(grace=30.0))
    assert asked.value.args == (30.0,)
    listener.socket.close()
