"""A model that writes down, into the file of its config, what clients send."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from reactor_runtime import (
    BufferClosed,
    Input,
    InputField,
    Output,
    ReactorModel,
    ReadMode,
    UploadedFile,
    Video,
    connected,
    disconnected,
    event,
)


class Frame(Output):
    main_video: Video


class Camera(Input):
    webcam: Video


class Live(ReactorModel):
    input: Camera
    fps = 30

    def load(self, config):
        self.log = open(config["log"], "w")  # noqa: SIM115 - as long as the process lives

    def note(self, *what):
        self.log.write(json.dumps(what) + "\n")
        self.log.flush()

    @connected
    def join(self):
        self.note("joined")

    @disconnected
    def leave(self):
        self.note("left")

    @event(name="set_level")
    def set_level(self, level: float = InputField(default=0.5, ge=0, le=1), words: dict[str, list[int]] | None = None):
        self.note("set_level", level, words)

    @event(name="pin")
    def pin(self, image: UploadedFile):
        self.note("pin", image.name, image.mime_type, hashlib.sha256(image.data).hexdigest())

    async def run(self):
        while True:
            await self.connected.wait()
            try:
                frame = (await self.input.webcam.read(mode=ReadMode.FIFO))[0]
            except BufferClosed:
                continue
            self.note(
                "frame", frame.shape, [round(float(part.mean())) for part in np.array_split(frame.data, 4, axis=1)]
            )
            await self.emit(Frame(main_video=frame.data))
