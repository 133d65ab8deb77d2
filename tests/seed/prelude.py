"""The names the page's snippets leave out."""

from __future__ import annotations

import io  # noqa: F401 - a snippet uses it
from dataclasses import dataclass

import numpy as np

from reactor_runtime.interface import (  # noqa: F401 - the snippets use them
    InputField,
    ModelMessage,
    Output,
    ReactorModel,
    UploadedFile,
    Video,
    connected,
    disconnected,
    event,
    file_uploaded,
)


@dataclass
class MyOutput(Output):
    main_video: Video


class Image:
    """As much of PIL.Image as the page uses."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @classmethod
    def open(cls, stream) -> Image:
        return cls(stream.read())

    def convert(self, mode: str) -> Image:
        assert mode == "RGB"
        return self


class Encoder:
    """Encodes by wrapping, and remembers what it encoded."""

    def __init__(self) -> None:
        self.encoded = []

    def encode(self, value):
        self.encoded.append(value)
        return ("encoded", value)


class Pipe:
    """Draws a frame whose level is the step."""

    def __init__(self) -> None:
        self.prompts = []

    def forward(self, *, prompt: str, step: int):
        self.prompts.append(prompt)
        return np.full((4, 6, 3), step % 256, np.uint8)


def load_checkpoint(path: str) -> Pipe:
    assert path == "weights.bin"
    return Pipe()
