"""What a client sends on an input track."""

from __future__ import annotations

import logging

import reactor_webrtc as rw

from ...counters import Counters
from ...engine.connection import Client
from ...media.frames import Picture

logger = logging.getLogger("reactor.webrtc")


class InboundTrack:
    """Hands the frames of a client's track to the session, straight from the engine's thread."""

    def __init__(self, name: str, track: rw.Track, counters: Counters) -> None:
        self._name = name
        self._counters = counters
        self._client: Client | None = None
        self._track: rw.Track | None = track
        track.on_video_frame(self._frame)

    def open(self, client: Client) -> None:
        """The client has joined: its frames count from now on."""
        self._client = client

    def close(self) -> None:
        """Hand over no more."""
        self._client = None
        self._track = None

    def _frame(self, bgra: bytes, width: int, height: int, metadata: rw.FrameMetadata | None) -> None:
        client = self._client
        if client is None:
            return
        try:
            client.frame(self._name, Picture(width, height, bgra))
        except Exception:
            self._counters.add("transport.faults")
            logger.exception("taking a frame of %s failed", self._name)
