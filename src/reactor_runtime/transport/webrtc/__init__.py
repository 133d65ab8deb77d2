"""Clients over WebRTC: the only place that knows the media engine."""

from .ice import IceServer, IceSettings, parse_ports
from .offers import Candidate, MappedTrack, Offer
from .peers import Peers

__all__ = ["Candidate", "IceServer", "IceSettings", "MappedTrack", "Offer", "Peers", "parse_ports"]
