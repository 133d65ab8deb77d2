"""What a model is written with. Pure Python and numpy: importing it starts nothing."""

from ..errors import BufferClosed, CommandError
from .clients import ClientInfo
from .constraints import InputField
from .handlers import connected, disconnected, event, file_uploaded, session_ended, session_started
from .host import OutputBuffer
from .inference import Idle
from .inputs import InputBuffer, InputFrame, ReadMode
from .log import get_logger
from .messages import MessageField, ModelMessage
from .model import ReactorModel
from .pipeline import ReactorPipeline
from .state import InputState
from .tracks import Audio, Input, Metadata, Output, Video
from .uploads import UploadedFile

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
