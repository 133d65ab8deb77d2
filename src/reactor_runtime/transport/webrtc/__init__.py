"""Clients over WebRTC: the only place that knows the media engine."""

from .offers import Candidate, MappedTrack, Offer
from .peers import Peers
from .settings import IceServer, IceSettings, parse_ports

__all__ = ["Candidate", "IceServer", "IceSettings", "MappedTrack", "Offer", "Peers", "parse_ports"]
