"""What a client sends on an input track."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
import reactor_webrtc as rw

from ...counters import Counters
from ...engine.connection import Client
from ...media.frames import Picture
from ...media.sound import Sound

logger = logging.getLogger("reactor.webrtc")


class InboundTrack:
    """Hands the frames of a client's track to the session, straight from the engine's thread."""

    def __init__(self, name: str, track: rw.Track, counters: Counters) -> None:
        self._name = name
        self._counters = counters
        self._client: Client | None = None
        self._track: rw.Track | None = track
        if track.kind() == rw.MediaKind.Audio:
            track.on_audio_frame(self._sound)
        else:
            track.on_video_frame(self._frame)

    def open(self, client: Client) -> None:
        """The client has joined: its frames count from now on."""
        self._client = client

    def close(self) -> None:
        """Hand over no more."""
        self._client = None
        self._track = None

    def _frame(self, bgra: bytes, width: int, height: int, metadata: rw.FrameMetadata | None) -> None:
        picture = Picture(width, height, bgra, b"" if metadata is None else metadata.user_data)
        self._hand_over(lambda client: client.frame(self._name, picture))

    def _sound(self, pcm: bytes, rate: int, channels: int, frames: int) -> None:
        samples = np.frombuffer(pcm, np.int16, frames * channels).reshape(frames, channels).T
        self._hand_over(lambda client: client.sound(self._name, Sound(samples, rate)))

    def _hand_over(self, to: Callable[[Client], None]) -> None:
        client = self._client
        if client is None:
            return
        try:
            to(client)
        except Exception:
            self._counters.add("transport.faults")
            logger.exception("taking a frame of %s failed", self._name)
