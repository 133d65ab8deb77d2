"""VP8 by libvpx, with an encoder whose bit rate can be changed while it runs."""

from ..live import Encoded
from .encoder import Vp8Encoder
from .libvpx import Libvpx, find

__all__ = ["Encoded", "Libvpx", "Vp8Encoder", "find"]
