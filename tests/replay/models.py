"""Models to be driven by scripts, what they say, and films to be sent to them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from reactor_runtime.interface import (
    BufferClosed,
    ClientInfo,
    Input,
    InputField,
    ModelMessage,
    Output,
    ReactorModel,
    UploadedFile,
    Video,
    connected,
    disconnected,
    event,
    session_ended,
    session_started,
)
from reactor_runtime.manifest import Manifest
from reactor_runtime.media.frames import Picture
from reactor_runtime.media.frameset import FrameSet
from reactor_runtime.media.movie import MovieWriter
from reactor_runtime.replay import Outcome, Rendering, Script, check_order, read_script


class Frame(Output):
    main_video: Video


class Camera(Input):
    webcam: Video


class Told(ModelMessage):
    level: int


class Diary(ReactorModel):
    """Shows a level, and writes down all that happens to it: into `log`, of the class, since a rendering makes the
    instance."""

    fps = 20
    log: list[tuple[Any, ...]]

    def load(self, config):
        type(self).log = []
        self.level = config.get("level", 10)

    @session_started
    def begin(self):
        self.log.append(("started",))

    @session_ended
    def end(self):
        self.log.append(("ended",))

    @connected
    def join(self, client: ClientInfo):
        self.log.append(("joined", client.id))

    @disconnected
    def leave(self, client: ClientInfo):
        self.log.append(("left", client.id))

    @event(name="set_level")
    def set_level(self, client: ClientInfo, level: int = InputField(default=128, ge=0, le=255)) -> Told:
        self.log.append(("set_level", client.id, level))
        self.level = level
        return Told(level=level)

    @event(name="pin")
    def pin(self, image: UploadedFile, words: list[str] | None = None):
        self.log.append(("pin", image.name, image.mime_type, image.data, words))

    @event(name="fail")
    def fail(self):
        raise ValueError("not today")

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                await self.emit(Frame(main_video=np.full((16, 24, 3), self.level, np.uint8)))


class Mirror(ReactorModel):
    """Shows what its camera sees."""

    fps = 20
    input: Camera
    log: list[tuple[float, int, tuple[int, ...]]]

    def load(self, config):
        type(self).log = []

    async def run(self):
        while True:
            await self.connected.wait()
            try:
                frame = (await self.input.webcam.read())[0]
            except BufferClosed:
                continue
            self.log.append((round(frame.pts - 1000, 3), int(frame.data.mean()), frame.shape))
            await self.emit(Frame(main_video=frame.data))


class Hashes:
    """A tap that keeps, of each frame, when it left and a hash of its pixels."""

    def __init__(self) -> None:
        self.frames: list[tuple[float, str]] = []
        self.levels: list[tuple[float, int]] = []
        self._origin: float | None = None

    def begin(self, session: str) -> None:
        pass

    def take(self, frames: FrameSet, at: float) -> None:
        for picture in frames.pictures.values():
            self.frames.append((at, hashlib.sha256(picture.bgra).hexdigest()))
            self.levels.append((round(at - 1000, 3), picture.bgra[0]))

    def end(self, session: str) -> None:
        pass


def script(folder: Path, *lines: str, name: str = "script.jsonl") -> Script:
    """The script of these lines."""
    (folder / name).write_text("\n".join(lines))
    return read_script(folder / name)


NOTHING = check_order(Script("", ()))


def render(
    model: type[ReactorModel], events: Script = NOTHING, seconds: float | None = None, **config: Any
) -> tuple[Outcome, Hashes]:
    """Render without a film."""
    hashes = Hashes()
    manifest = Manifest("", Path(), config=config)  # type: ignore[arg-type]
    return Rendering(model, manifest, events, seconds).run(lambda: hashes), hashes


def grey_film(path: Path, levels: list[int], *, fps: float = 10.0, size: tuple[int, int] = (64, 48)) -> Path:
    """A film of one grey picture for each level."""
    writer = MovieWriter(path, video=["v"], fps=fps)
    for number, level in enumerate(levels):
        pixels = bytes([level, level, level, 255]) * (size[0] * size[1])
        writer.add(FrameSet({"v": Picture(*size, pixels)}), number / fps)
    writer.close()
    return path
