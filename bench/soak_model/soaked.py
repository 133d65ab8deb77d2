"""A small picture and a tone, with commands, uploads and a camera; and, to try out what looks for leaks, one that leaks
for each client."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from reactor_runtime import (
    Audio,
    ClientInfo,
    CommandError,
    Input,
    InputField,
    ModelMessage,
    Output,
    ReactorModel,
    UploadedFile,
    Video,
    connected,
    event,
    file_uploaded,
    session_ended,
)

LINES, COLUMNS = 180, 320


@dataclass
class Scene(Output):
    main_video: Video
    main_audio: Audio


@dataclass
class Camera(Input):
    camera: Video


@dataclass
class Marked(ModelMessage):
    mark: int
    seen: int


@dataclass
class Stored(ModelMessage):
    name: str
    size: int


class Soaked(ReactorModel):
    fps = 30
    input: Camera
    output: Scene

    def load(self, config: Any) -> None:
        """`leak`: `memory`, `objects`, `threads`, `files` or `tasks` to keep with each client that comes; nothing where
        it is left out. `leak_kib`: how much memory."""
        self.leak, self.leak_kib = str(config.get("leak", "")), int(config.get("leak_kib", 64))
        self.kept: list[object] = []
        self.mark = self.seen = 0
        samples = Audio.sample_rate // self.fps
        self.tone = (np.sin(2 * np.pi * 600 * np.arange(samples) / Audio.sample_rate) * 9000).astype(np.int16)
        self.picture = np.zeros((LINES, COLUMNS, 3), np.uint8)

    @connected
    async def on_join(self, client: ClientInfo) -> None:
        match self.leak:
            case "memory":
                self.kept.append(bytes([1]) * (self.leak_kib * 1024))
            case "objects":
                self.kept.append([{"client": number} for number in range(200)])
            case "threads":
                threading.Thread(target=threading.Event().wait, daemon=True).start()
            case "files":
                self.kept.append(os.open(os.devnull, os.O_RDONLY))
            case "tasks":
                self.kept.append(asyncio.get_running_loop().create_task(asyncio.Event().wait()))

    @event(name="set_mark", description="Show this number.")
    async def set_mark(self, mark: int = InputField(default=0, ge=0, le=1000)) -> Marked:
        self.mark = mark
        return Marked(mark=mark, seen=self.seen)

    @event(name="tell", description="Tell all.")
    async def tell(self, mark: int = 0) -> None:
        await self.send(Marked(mark=mark, seen=self.seen))

    @event(name="store", description="Take a file.")
    async def store(self, file: UploadedFile) -> Stored:
        return Stored(name=file.name, size=len(file.data))

    @event(name="fail", description="Always refuses.")
    async def fail(self) -> None:
        raise CommandError("nope", "this command always refuses")

    @event(name="crash", description="Always fails.")
    async def crash(self) -> None:
        raise RuntimeError("this command always fails")

    @file_uploaded
    async def on_file(self, uploaded_file: UploadedFile) -> None:
        await self.send(Stored(name=uploaded_file.name, size=uploaded_file.size))

    @session_ended
    def on_end(self) -> None:
        # Python does so by itself when there is a quarter more than before, which takes hundreds of sessions.
        gc.collect()

    async def run(self) -> None:
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                if self.input.camera.available:
                    self.seen += len(await self.input.camera.read(1))
                self.picture[:, self.mark % COLUMNS] += 1
                await self.emit(Scene(main_video=self.picture, main_audio=self.tone))
