"""The model's video tracks: encoded once for those who can share, and how each viewer comes to them."""

from .desk import Desk
from .outputs import MAX_BITRATE, OutputTrack
from .subscription import Subscription
from .trailer import takes_trailers
from .viewer import START_BITRATE

__all__ = ["MAX_BITRATE", "START_BITRATE", "Desk", "OutputTrack", "Subscription", "takes_trailers"]
