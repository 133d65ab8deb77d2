"""The model's audio tracks: on time, and together with the pictures."""

from .cushion import RATE
from .feeder import Feeder
from .sound import SoundTrack

__all__ = ["RATE", "Feeder", "SoundTrack"]
