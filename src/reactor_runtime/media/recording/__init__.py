"""What is recorded of a session while it runs: the taps beside the stream, and the shelf that clips are taken from."""

from .lock import FolderLock, FolderTaken
from .movies import MovieSink
from .recorder import Recorder
from .settings import RecordingSettings
from .shelf import Shelf
from .tap import BoundedTap, Sink

__all__ = [
    "BoundedTap",
    "FolderLock",
    "FolderTaken",
    "MovieSink",
    "Recorder",
    "RecordingSettings",
    "Shelf",
    "Sink",
]
