"""Reactor runtime: one class becomes an interactive real-time stream.

The public names are those of `reactor_runtime.interface`.
"""

from .interface import (
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

__version__ = "0.1.0"

__all__ = [
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
