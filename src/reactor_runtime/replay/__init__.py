"""Sessions that are written down, and played again: scripts of events, what renders them, and what records them."""

from .events import Call, Connect, Deed, End, Event, Leave, Pause, Resume, Script, StopStream, Stream, Upload
from .film import Film
from .order import check_order, with_webcam
from .player import Refused
from .reading import read_script
from .rendering import Outcome, Rendering
from .source import MediaFile
from .trace import Tracer

__all__ = [
    "Call",
    "Connect",
    "Deed",
    "End",
    "Event",
    "Film",
    "Leave",
    "MediaFile",
    "Outcome",
    "Pause",
    "Refused",
    "Rendering",
    "Resume",
    "Script",
    "StopStream",
    "Stream",
    "Tracer",
    "Upload",
    "check_order",
    "read_script",
    "with_webcam",
]
