"""One viewer of one video track: what its sender is fed with."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable

import reactor_webrtc as rw

from ....media.frames import Picture

START_BITRATE = 4_000_000
"""Where the bandwidth estimate begins, in bit/s: high enough for a good first second."""
_ANSWERED = 0.1
"""A key frame that was given so many seconds ago answers what is asked for now: the engine asks when it makes its
encoder, which it does once it has one."""


class RawViewer:
    """Its pictures are encoded by the media engine, for it alone.

    Attributes:
        track: to attach to its sender.
        playing: whether it is to have pictures.
    """

    def __init__(self, track: rw.Track) -> None:
        self.track = track
        self.playing = False

    def push(self, bgra: bytes, picture: Picture, captured: int) -> None:
        """Give it a picture."""
        # Empty user data, too: only with some does the engine say when a picture was captured, to clients that ask.
        self.track.push_video_frame(bgra, picture.width, picture.height, picture.user_data, capture_time_us=captured)


class EncodedViewer:
    """Its pictures come encoded, from an encoder it shares with others.

    Args:
        track: pre-encoded.
        tagged: whether the client takes trailers off its pictures.
        codec: what it takes, as SDP calls it.
        on_change: called on a thread of the media engine's when it asks for something; it must return at once.
        now: the time in seconds.

    Attributes:
        track: to attach to its sender.
        playing: whether it is to have pictures.
        dark: it has no key frame that what is encoded now goes on from.
        asked: it asks for a key frame.
        heard: the media engine has said something of it, so it sends what it is given.
        target: how many bit/s the way to it carries; 0 where it carries nothing now.
        pressed: how many it may be given while what waits to be sent is too much; infinity where it is not.
        held: it is given nothing, until what it was given before has left.
        worsened: the target has fallen a lot since this was last set to False.
        frames, encode_seconds: how many pictures it was given, and how long it took to encode them.
        encoder: what encoded its last picture; empty before the first.
    """

    def __init__(
        self,
        track: rw.EncodedVideoTrack,
        *,
        tagged: bool,
        codec: str = "VP8",
        on_change: Callable[[], None],
        now: Callable[[], float],
    ) -> None:
        self.track = track
        self.tagged = tagged
        self.codec = codec
        self.playing = False
        self.dark = True
        self.asked = False
        self.heard = False
        self.target = START_BITRATE
        self.pressed = math.inf
        self.held = False
        self.worsened = False
        self.frames = 0
        self.encode_seconds = 0.0
        self.encoder = ""
        self._on_change = on_change
        self._now = now
        self._keyed = 0.0
        # The engine's objects take no part in Python's garbage collection: no cycle may go through them.
        this = weakref.ref(self)

        def feedback(said: rw.KeyFrameRequest | rw.RateUpdate) -> None:
            viewer = this()
            if viewer is not None:
                viewer._feedback(said)

        track.on_encoder_feedback(feedback)

    def push(self, data: bytes, *, key: bool, width: int, height: int, seconds: float) -> None:
        """Give it an encoded picture, which took `seconds`. Without a key frame before it, it is of no use to it."""
        if key:
            self.dark = self.asked = False
            self._keyed = self._now()
        if not self.dark:
            self.frames += 1
            self.encode_seconds += seconds
            self.track.push_encoded_frame(data, key, width, height)

    @property
    def bits_per_second(self) -> int:
        """What it may be given."""
        return round(min(self.target, self.pressed))

    def hold(self, held: bool) -> None:
        """Give it nothing from now on, or all again."""
        if self.held and not held:
            self.dark = True
        self.held = held

    def _feedback(self, said: rw.KeyFrameRequest | rw.RateUpdate) -> None:
        self.heard = True
        if isinstance(said, rw.RateUpdate):
            before = self.target
            if before == 0 and said.bitrate_bps:
                self.dark = True  # before it is given anything: the engine has dropped what came meanwhile
            self.target = said.bitrate_bps
            self.worsened |= self.target < 0.7 * before
        elif self._now() - self._keyed > _ANSWERED:
            self.asked = True
        self._on_change()
