"""`reactor render`: the film, what is said of it, and the exit status; `reactor run --trace`."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import av
import pytest

from tests.replay.models import grey_film

from .process import WAIT, Served, environment, reactor

MODEL = """
import asyncio
import time

import numpy as np
from reactor_runtime import BufferClosed, Input, InputField, Output, ReactorModel, Video, connected, event


class Frame(Output):
    main_video: Video


class Camera(Input):
    webcam: Video


class Glow(ReactorModel):
    fps = 20

    def load(self, config):
        self.level = config.get("level", 40)

    @event(name="set_level")
    def set_level(self, level: int = InputField(ge=0, le=255)):
        self.level = level

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                await self.emit(Frame(main_video=np.full((32, 48, 3), self.level, np.uint8)))


class Slow(Glow):
    async def run(self):
        await self.connected.wait()
        while True:
            time.sleep(0.05)
            await self.emit(Frame(main_video=np.zeros((32, 48, 3), np.uint8)))


class Breaks(Glow):
    async def run(self):
        await self.connected.wait()
        for _ in range(20):
            await self.emit(Frame(main_video=np.zeros((32, 48, 3), np.uint8)))
        raise RuntimeError("no such weights")


class Heavy(Glow):
    def load(self, config):
        raise FileNotFoundError("weights.pt")


class Silent(Glow):
    async def run(self):
        await asyncio.Event().wait()


class Hooked(Glow):
    @connected
    def welcome(self):
        raise ValueError("no welcome")


class Mirror(ReactorModel):
    input: Camera

    async def run(self):
        while True:
            await self.connected.wait()
            try:
                frame = (await self.input.webcam.read())[0]
            except BufferClosed:
                continue
            await self.emit(Frame(main_video=frame.data))
"""

BLIND = """
from reactor_runtime import ReactorModel, event


class Blind(ReactorModel):
    @event(name="go")
    def go(self): ...
"""

SCRIPT = """
{"at": 0.98, "command": "set_level", "arguments": {"level": 200}}
{"at": 1.5, "command": "set_level", "arguments": {"level": 300}}
{"at": 1.5, "command": "set_levle"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "glow.py").write_text(MODEL)
    (tmp_path / "blind.py").write_text(BLIND)
    (tmp_path / "drive.jsonl").write_text(SCRIPT)
    return tmp_path


def levels(film: Path) -> list[tuple[float, int]]:
    """When each frame of a film is shown, and how bright it is."""
    with av.open(str(film)) as container:
        frames = [(frame.time, frame.to_ndarray(format="rgb24").mean()) for frame in container.decode(video=0)]
    return [(round(time, 3), round(mean)) for time, mean in frames]


def test_a_script_becomes_a_film(folder):
    done = reactor("render", "glow.py:Glow", "--events", "drive.jsonl", "--out", "glow.mp4", folder=folder)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(
        r"wrote glow\.mp4: 2\.5 s, 50 frames of 48x32, in [\d.]+ s \([\d.]+x\); 3 commands, 2 refused\n", done.stdout
    )
    assert done.stderr.splitlines() == [
        "drive.jsonl:3: invalid_command: set_level: level: 300 is above the maximum 255",
        "drive.jsonl:4: invalid_command: set_levle: no such command; did you mean set_level?",
    ]
    shown = levels(folder / "glow.mp4")
    assert [time for time, _ in shown] == pytest.approx([n / 20 for n in range(50)], abs=0.001)
    assert [mean for _, mean in shown] == pytest.approx([40] * 20 + [200] * 30, abs=3)
    strict = reactor("render", "glow.py:Glow", "--events", "drive.jsonl", "--out", "2.mp4", "--strict", folder=folder)
    assert strict.returncode == 1 and levels(folder / "2.mp4") == shown


def test_a_model_alone_with_its_config_for_so_many_seconds(folder):
    arguments = ["--seconds", "0.5", "--model.level=90", "--track", "main_video"]
    done = reactor("render", "glow.py:Glow", "--out", "glow.mp4", *arguments, folder=folder)
    assert done.returncode == 0, done.stderr
    assert [mean for _, mean in levels(folder / "glow.mp4")] == pytest.approx([90] * 10, abs=3)


def test_a_film_as_webcam(folder):
    grey_film(folder / "me.mp4", [0, 50, 100, 150, 200], fps=10)
    done = reactor("render", "glow.py:Mirror", "--webcam", "me.mp4", "--out", "again.mp4", folder=folder)
    assert done.returncode == 0, done.stderr
    shown = [mean for _, mean in levels(folder / "again.mp4")]
    assert shown[:5] == pytest.approx([0, 50, 100, 150, 200], abs=4)
    assert shown[5:] == [shown[4]]  # it stands until the end, which the model's rate does not reach
    arguments = ["--webcam", "me.mp4", "--out", "again.mp4", "--seconds", "0.8"]
    assert reactor("render", "glow.py:Mirror", *arguments, folder=folder).returncode == 0
    looped = [mean for _, mean in levels(folder / "again.mp4")]
    assert looped[:8] == pytest.approx([0, 50, 100, 150, 200, 0, 50, 100], abs=4)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["nowhere.py", "--out", "a.mp4"], "no such file: nowhere.py"),
        (["glow.py:Glow", "--out", "a.mov"], "--out: a.mov: the film is an MP4 file; name it a.mp4"),
        (["glow.py:Glow", "--out", "there/a.mp4"], "--out: no such folder: there"),
        (["glow.py:Glow", "--out", "a.mp4", "--events", "none.jsonl"], "none.jsonl: No such file or directory"),
        (["glow.py:Heavy", "--out", "a.mp4", "--events", "wrong.jsonl"], "wrong.jsonl:1: comand: no such key; did you"),
        (
            ["glow.py:Glow", "--out", "a.mp4", "--track", "man_video"],
            "--track: no output track 'man_video'; did you mean",
        ),
        (["glow.py:Glow", "--out", "a.mp4", "--webcam", "me.mp4"], "--webcam: Glow has no video input"),
        (
            ["glow.py:Mirror", "--out", "a.mp4", "--webcam", "glow.py"],
            "--webcam: glow.py: cannot be read as picture or",
        ),
        (["glow.py:Mirror", "--out", "me.mp4", "--webcam", "me.mp4"], "--out: me.mp4 is what the script reads"),
        (["blind.py", "--out", "a.mp4"], "the model has no output track"),
        (["glow.py:Glow"], "reactor: --out: needed, and not given; see "),
        (
            ["glow.py:Glow", "--out", "a.mp4", "--seconds", "0"],
            "reactor: --seconds: expected a number above 0, at most 86400, got 0.0\n",
        ),
    ],
)
def test_what_is_wrong_is_said_before_the_model_loads(folder, arguments, problem):
    (folder / "wrong.jsonl").write_text('{"at": 0, "comand": "x"}')
    grey_film(folder / "me.mp4", [0, 50])
    done = reactor("render", *arguments, folder=folder)
    assert done.returncode == 2
    assert problem in done.stderr and "Traceback" not in done.stderr
    assert not (folder / "a.mp4").exists()
    assert levels(folder / "me.mp4")


def test_a_run_that_fails_keeps_what_came_before(folder):
    done = reactor("render", "glow.py:Breaks", "--out", "glow.mp4", folder=folder)
    line = next(number for number, text in enumerate(MODEL.splitlines(), 1) if "no such weights" in text)
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 1 and last == (
        f"reactor: run() failed with RuntimeError: no such weights at {folder}/glow.py:{line}; "
        "glow.mp4 has what came before: 1.0 s, 20 frames"
    )
    assert len(levels(folder / "glow.mp4")) >= 20


def test_a_model_that_does_not_load_and_one_that_shows_nothing(folder):
    heavy = reactor("render", "glow.py:Heavy", "--out", "glow.mp4", folder=folder)
    line = next(number for number, text in enumerate(MODEL.splitlines(), 1) if "FileNotFoundError" in text)
    assert heavy.returncode == 1
    assert heavy.stderr.splitlines()[-1] == (
        f"reactor: Heavy.load() failed with FileNotFoundError: weights.pt at {folder}/glow.py:{line}"
    )
    silent = reactor("render", "glow.py:Silent", "--out", "glow.mp4", folder=folder)
    assert silent.returncode == 1 and "the model has shown nothing in 10.0 s, so there is no film" in silent.stderr
    assert not (folder / "glow.mp4").exists()


def test_a_hook_that_fails_is_told(folder):
    arguments = ["render", "glow.py:Hooked", "--out", "glow.mp4", "--seconds", "0.5"]
    done = reactor(*arguments, folder=folder)
    assert done.returncode == 0 and "@connected welcome failed with ValueError: no welcome at " in done.stderr
    assert reactor(*arguments, "--strict", folder=folder).returncode == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_film_where_it_is(folder, number):
    command = [sys.executable, "-m", "reactor_runtime", "render", "glow.py:Slow", "--out", "glow.mp4"]
    process = subprocess.Popen(
        [*command, "--seconds", "86400"], cwd=folder, env=environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stderr is not None and "rendered " in process.stderr.readline()
        process.send_signal(number)
        out, error = process.communicate(timeout=WAIT)
    finally:
        process.kill()
    assert process.returncode == 128 + number
    assert "stopping when the step under way is over" in error
    frames = int(re.search(r"wrote glow.mp4: [\d.]+ s, (\d+) frames", out)[1])
    assert frames > 10 and len(levels(folder / "glow.mp4")) == frames


def test_a_disk_that_is_full(folder):
    (folder / "full.mp4").symlink_to("/dev/full")
    done = reactor("render", "glow.py:Glow", "--out", "full.mp4", "--seconds", "20", folder=folder)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "reactor: full.mp4: cannot be written: No space left on device"


def test_where_a_trace_cannot_be(folder):
    for path, problem in (
        ("none/drive.jsonl", "--trace: no such folder: none"),
        (".", "--trace: '.' is a folder; name a file in it, such as drive.jsonl"),
        ("drive.files", "--trace: 'drive.files' would be the folder of its own files; name it drive.jsonl"),
    ):
        done = reactor("run", "glow.py:Glow", "--port", "0", "--trace", path, folder=folder)
        assert done.returncode == 2 and problem in done.stderr


def test_a_trace_of_a_server_that_ends_with_a_session(folder):
    from .process import call

    with Served(folder, "glow.py:Glow", "--trace", "live.jsonl") as served:
        url = served.listening()
        served.until("is ready")
        assert call(f"{url}/start_session", "POST", {})[0] == 200
        served.until("is written to live.jsonl")
        served.signal(signal.SIGINT)
        assert served.status() == 0
    assert '"end":true,"reason":"server is shutting down"' in (folder / "live.jsonl").read_text()
