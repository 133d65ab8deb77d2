"""Reactor runtime: one class becomes an interactive real-time stream.

The public names are those of `reactor_runtime.interface`. They are fetched from there when first asked for, so that the
command can say how numpy is to be loaded before it is.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .interface import (
        Audio,
        BufferClosed,
        ClientInfo,
        CommandError,
        Idle,
        Input,
        InputBuffer,
        InputField,
        InputFrame,
        InputState,
        MessageField,
        Metadata,
        ModelMessage,
        Output,
        OutputBuffer,
        ReactorModel,
        ReactorPipeline,
        ReadMode,
        UploadedFile,
        Video,
        connected,
        disconnected,
        event,
        file_uploaded,
        get_logger,
        session_ended,
        session_started,
    )
else:

    def __getattr__(name: str) -> object:
        if name in ("interface", "errors"):
            return import_module(f".{name}", __name__)
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(".interface", __name__), name)

    def __dir__() -> list[str]:
        return [*globals(), *__all__]


__version__ = "0.1.0"

__all__ = [
    "Audio",
    "BufferClosed",
    "ClientInfo",
    "CommandError",
    "Idle",
    "Input",
    "InputBuffer",
    "InputField",
    "InputFrame",
    "InputState",
    "MessageField",
    "Metadata",
    "ModelMessage",
    "Output",
    "OutputBuffer",
    "ReactorModel",
    "ReactorPipeline",
    "ReadMode",
    "UploadedFile",
    "Video",
    "connected",
    "disconnected",
    "event",
    "file_uploaded",
    "get_logger",
    "session_ended",
    "session_started",
]
