"""The browser's client, `client.js`, on a page of another origin: a real server, a real browser."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scripts.browser_tools import HARNESS, node, tool_environment
from tests.e2e.checks import run_checks
from tests.e2e.server import Server

MANIFEST = """
model: {name: lab}
runtime:
  import: "lab:Lab"
  recording: {enabled: true, chunk_seconds: 1, video: {preset: ultrafast}}
"""
MODEL = """
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from reactor_runtime import (
    Audio, Input, InputField, Metadata, ModelMessage, Output, ReactorModel, UploadedFile, Video, event,
)

GATE = Path(__file__).parent / "gate"

@dataclass
class Point:
    x: Annotated[float, InputField(ge=0, le=1)]

class Senses(Input):
    webcam: Video
    voice: Audio

class Frame(Output):
    main_video: Video
    main_audio: Audio
    info: Metadata = None

class Speed(ModelMessage):
    speed: float

class Taken(ModelMessage):
    names: list[str]
    size: int

class Sees(ModelMessage):
    width: int

class Hears(ModelMessage):
    loud: bool

class Lab(ReactorModel):
    fps = 30
    input: Senses

    def load(self, config):
        while not GATE.exists():
            time.sleep(0.02)
        if GATE.read_text() == "shut":
            raise RuntimeError("the weights are not there")
        self.failing = False

    @event(name="set_speed")
    def set_speed(self, speed: float = InputField(default=1.0, ge=0, le=10)) -> Speed:
        return Speed(speed=speed)

    @event(name="draw")
    def draw(self, points: list[Point]):
        pass

    @event(name="take")
    def take(self, first: UploadedFile, more: list[UploadedFile]) -> Taken:
        return Taken(names=[first.name, *(file.name for file in more)], size=sum(len(file.data) for file in more))

    @event(name="fail")
    def fail(self):
        self.failing = True

    async def run(self):
        rate = Audio.sample_rate
        tone = (np.sin(np.arange(rate // 30) * 2 * np.pi * 600 / rate) * 12_000).astype(np.int16)
        number = width = 0
        loud = False
        while True:
            await self.connected.wait()
            self.failing = False
            while self.connected.is_set():
                if self.failing:
                    raise RuntimeError("the model was told to fail")
                seen = self.input.webcam.try_read()
                if seen and (now := seen[0].data.shape[1]) != width:
                    width = now
                    await self.send(Sees(width=width))
                heard = self.input.voice.try_read(10)
                if heard and (now := bool(max(np.abs(frame.data.astype(int)).max() for frame in heard) > 2000)) != loud:
                    loud = now
                    await self.send(Hears(loud=loud))
                picture = np.full((90, 160, 3), 40 + number % 100, np.uint8)
                await self.emit(Frame(main_video=picture, main_audio=tone, info={"number": number}))
                number += 1
"""


class Stage:
    """A server that goes and comes back on its port, as the browser's driver asks for over HTTP."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._gate = folder / "gate"
        self._set_gate("open")
        self._server = Server(folder)
        self._server.wait_available()
        self.url = self._server.url
        stage = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                try:
                    getattr(stage, self.path.removeprefix("/"))()
                    self.send_response(200)
                except Exception as error:
                    self.send_response(500, str(error).splitlines()[0])
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.control = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, name="stage", daemon=True).start()

    def stop(self) -> None:
        """End the server, as one does."""
        self._server.stop()

    def kill(self) -> None:
        """End the server without a word."""
        os.kill(self._server.pid, signal.SIGKILL)
        self._server.stop()

    def load(self) -> None:
        """Start it again; it loads until `open` or `shut`."""
        self._gate.unlink()
        self._server = Server(self._folder, port=urlsplit(self.url).port or 0)

    def open(self) -> None:
        """What loads is loaded."""
        self._set_gate("open")

    def shut(self) -> None:
        """What loads fails."""
        self._set_gate("shut")

    def start(self) -> None:
        """Start it again, and wait until it is loaded."""
        self._set_gate("open")
        self._server = Server(self._folder, port=urlsplit(self.url).port or 0)
        self._server.wait_available()

    def _set_gate(self, how: str) -> None:
        """What the model finds when it loads; it never reads half of it."""
        beside = self._gate.with_suffix(".new")
        beside.write_text(how)
        beside.replace(self._gate)

    def close(self) -> str:
        """End everything; returns the server's log."""
        self._http.shutdown()
        self._http.server_close()
        self._server.stop()
        return self._server.log


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    (tmp_path / "lab.py").write_text(MODEL)
    (tmp_path / "reactor.yaml").write_text(MANIFEST)
    stage = Stage(tmp_path)
    try:
        yield stage
    finally:
        print(stage.close())


@pytest.mark.browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        ("drive", ["connects_from_another_origin", "a_file_is_sent_in_a_loop", "a_clip_is_an_mp4"]),
        ("failures", ["an_unreachable_address_is_ice", "another_certificate_is_dtls"]),
        ("restart", ["comes_back_after_a_restart", "a_failed_load_is_told", "stop_ends_the_session"]),
    ],
)
def test_the_client_drives_a_model_from_any_page(browser: Path, stage: Stage, part: str, wanted: list[str]) -> None:
    driver: list[str | Path] = [node(), HARNESS / "browser_client.mjs", "--chromium", browser, "--part", part]
    checks = run_checks(
        [*driver, "--url", stage.url, "--control", stage.control], seconds=150, cwd=HARNESS, env=tool_environment()
    )
    checks.assert_passed(*wanted)
