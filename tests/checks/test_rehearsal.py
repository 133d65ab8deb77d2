"""What `reactor check --run` finds: the model is driven, and what it does is told."""

from __future__ import annotations

import asyncio
import enum
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pytest

from reactor_runtime.checks.findings import Level
from reactor_runtime.checks.rehearsal import rehearse
from reactor_runtime.checks.values import example_arguments
from reactor_runtime.interface import (
    CommandError,
    Input,
    InputField,
    Output,
    ReactorModel,
    UploadedFile,
    Video,
    connected,
    event,
    session_ended,
)
from reactor_runtime.interface.config import Config
from reactor_runtime.interface.fields import no_uploads
from reactor_runtime.interface.model import handlers_of
from reactor_runtime.manifest import Manifest


class Frame(Output):
    main_video: Video


class Good(ReactorModel):
    def load(self, config):
        self.pause = config.get("pause", 0)

    @event(name="ack")
    def ack(self):
        pass

    def step(self):
        time.sleep(self.pause)  # the work of a model, which takes real time

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                self.step()
                await self.emit(Frame(main_video=np.zeros((36, 64, 3), np.uint8)))


class Camera(Input):
    webcam: Video


class Mirror(ReactorModel):
    input: Camera

    async def run(self):
        while True:
            await self.connected.wait()
            frames = await self.input.webcam.read()
            await self.emit(Frame(main_video=frames[0].data))


def found(model, seconds=0.5, **config):
    manifest = Manifest("x:X", root=None, config=Config(config))
    return [(finding.level, finding.subject, finding.text) for finding in rehearse(model, manifest, seconds)]


def test_a_good_model_is_driven():
    findings = found(Good)
    assert [finding[:2] for finding in findings] == [
        (Level.OK, "load"),
        (Level.OK, "run"),
        (Level.OK, "command"),
        (Level.OK, "run"),
    ]
    assert findings[1][2].startswith("track 'main_video': 64x36, ")
    assert findings[2][2] == "ack()"
    assert findings[3][2] == "31 frames and 0 messages in 1.0 virtual s"


def test_a_model_that_is_too_slow_is_told_so():
    slow = next(finding for finding in found(Good, pause=0.05) if finding[1] == "run")
    assert slow[0] is Level.WARNING and "of the 30 frames a second it is to show" in slow[2]


def test_a_load_that_takes_the_path_of_the_config_gets_it(tmp_path):
    class Reads(Good):
        def load(self, config: Path):
            self.pause = float(config.read_text())

    file = tmp_path / "c.yml"
    file.write_text("0")
    manifest = Manifest("x:X", root=tmp_path, config=Config({}), config_path=file)
    findings = list(rehearse(Reads, manifest, 0.5))
    assert {finding.level for finding in findings} == {Level.OK}, findings


class Title(Output):
    title: Video


def test_a_picture_that_is_long_gone_has_no_size():
    class Film(Good):
        async def run(self):
            large = np.zeros((2160, 3840, 3), np.uint8)  # of which the client of the rehearsal keeps some twenty
            await self.connected.wait()
            await self.emit(Title(title=np.zeros((36, 64, 3), np.uint8)))
            while self.connected.is_set():
                await self.emit(Frame(main_video=large))

    findings = [(level, text) for level, subject, text in found(Film, 1.0) if subject == "run"]
    assert not [text for level, text in findings if level is Level.ERROR], findings
    assert any(text.startswith("track 'title': ") and "x36" not in text for _, text in findings)
    assert any(text.startswith("track 'main_video': 3840x2160, ") for _, text in findings)


def test_a_load_that_fails():
    class Breaks(Good):
        def load(self, config):
            raise FileNotFoundError("weights.pt")

    assert [finding[:2] for finding in found(Breaks)] == [(Level.ERROR, "load")]
    assert "FileNotFoundError: weights.pt at " in found(Breaks)[0][2] and "test_rehearsal.py:" in found(Breaks)[0][2]


def test_a_run_and_a_hook_that_fail():
    class Breaks(Good):
        async def run(self):
            await self.connected.wait()
            raise ValueError("no frame")

    class Hook(Good):
        @connected
        def join(self):
            raise ValueError("no guest")

    class Last(Good):
        @session_ended
        def end(self):
            raise ValueError("no end")

    assert (Level.ERROR, "run") in [finding[:2] for finding in found(Breaks)]
    assert any("no guest" in text for level, _, text in found(Hook) if level is Level.ERROR)
    assert any(subject == "end" and "no end" in text for _, subject, text in found(Last))


def test_commands_that_fail_and_that_refuse():
    class Model(Good):
        @event(name="fail")
        def fail(self, level: int = 3):
            raise ZeroDivisionError("secret")

        @event(name="refuse")
        def refuse(self):
            raise CommandError("no", "not today")

    findings = [finding for finding in found(Model) if finding[1] == "command"]
    assert findings[1][0] is Level.ERROR
    assert findings[1][2].startswith("fail(level=3) failed: ZeroDivisionError: secret at ")
    assert findings[2] == (Level.WARNING, "command", "refuse() was refused: no: not today")


def test_a_camera_is_fed():
    assert any("640x360" in text for level, _, text in found(Mirror, 1.0) if level is Level.OK)


def test_a_track_without_a_frame_is_told():
    class Dark(Good):
        async def run(self):
            while True:
                await self.connected.wait()
                await asyncio.sleep(1)

    assert (
        Level.WARNING,
        "run",
        "track 'main_video' showed no frame; does run() emit without a command or a camera?",
    ) in found(Dark)


class Mood(enum.Enum):
    CALM = "calm"
    WILD = "wild"


@dataclass
class Point:
    x: Annotated[float, InputField(ge=2)]
    y: int = 0


class Everything(ReactorModel):
    @event(name="all")
    def all(
        self,
        whole: int,
        low: Annotated[int, InputField(ge=5)],
        high: Annotated[float, InputField(le=-5)],
        between: Annotated[int, InputField(ge=3, le=4)],
        text: str,
        long: Annotated[str, InputField(min_length=3)],
        nothing: Annotated[str, InputField(max_length=0)],
        flag: bool,
        mood: Mood,
        layer: Literal["front", "back"],
        choice: Annotated[int, InputField(choices=[7, 8])],
        maybe: float | None,
        points: list[Point],
        several: Annotated[list[int], InputField(min_length=2)],
        table: dict[str, int],
        file: UploadedFile,
        anything: object,
        default: int = 9,
    ):
        pass


def test_example_values_pass_the_commands_own_validation():
    declaration = handlers_of(Everything).commands["all"]
    values = example_arguments(declaration)
    file = values.pop("file")
    assert isinstance(file, UploadedFile) and file.data.startswith(b"\x89PNG")
    arguments = declaration.arguments({**values, "file": {"upload_id": "1"}}, lambda reference, path: file)
    assert arguments["mood"] is Mood.CALM and arguments["points"] == [Point(2.0)] and arguments["default"] == 9
    assert arguments["between"] in (3, 4) and arguments["choice"] == 7
    with pytest.raises(ValueError, match="upload"):
        declaration.arguments({**values, "file": {"upload_id": "1"}}, no_uploads)
