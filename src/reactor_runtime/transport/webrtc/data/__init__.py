"""Data channels: messages both ways, as many and as fast as is allowed."""

from .bulk import NETWORK_CALLBACKS
from .channels import CONTROL, Channels
from .talk import Talk

__all__ = ["CONTROL", "NETWORK_CALLBACKS", "Channels", "Talk"]
