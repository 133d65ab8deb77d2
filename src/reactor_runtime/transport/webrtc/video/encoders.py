"""One encoder for the viewers of a layer, and when it makes key frames."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ....clock import Clock
from ....counters import Counters
from ....engine.measures import Histogram
from ....media.live import Encoded, LiveEncoder, Make
from ....media.planes import smaller
from .sizing import Sizing
from .trailer import attached
from .viewer import EncodedViewer

_PAUSE = 1.0
"""Seconds from one picture to the next that say nothing of how many there are a second."""
_MADE_UP = 0.1
"""Seconds after which a picture that was left out is tried again, where no other has come."""
_FOR_DARK = 0.15
_FOR_ASKING = 0.3
"""Seconds from one key frame to the next, for who has none and for who asks for one: all that ask meanwhile get the
same."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture on its way to viewers.

    Attributes:
        planes: I420, of even size.
        width, height: of the planes.
        at: when it is sent, in seconds of the clock.
        trailer: for clients that take it off.
    """

    planes: NDArray[np.uint8]
    width: int
    height: int
    at: float
    trailer: bytes


@dataclass(frozen=True, slots=True)
class _Sent:
    encoded: Encoded
    width: int
    height: int
    trailer: bytes
    seconds: float
    encoder: str


class SharedEncoder:
    """Encodes a picture once for its viewers. On one thread.

    Args:
        make: makes what encodes.
        times: told how long each picture takes.
        codec: what is encoded, as SDP calls it.
    """

    def __init__(
        self, make: Make, clock: Clock, counters: Counters, times: Histogram | None = None, codec: str = "VP8"
    ) -> None:
        self._times = times
        self._make = make
        self._codec = codec
        self._clock = clock
        self._counters = counters
        self._encoder: LiveEncoder | None = None
        self._size = 0, 0
        self._keyed = -math.inf
        self._sizing = Sizing()
        self._interval = 1 / 30
        self._at = -math.inf
        self._last: _Sent | None = None
        self._owed = math.inf

    def send(self, shot: Shot, bits_per_second: int, viewers: Sequence[EncodedViewer], *, must: bool = False) -> None:
        """Encode, and give it to those who can use it.

        Args:
            must: it cannot be sent again, so it is not left out.

        Raises:
            EncoderError: it cannot be encoded.
        """
        now = self._clock.now()
        shot = self._sized(shot, bits_per_second)
        encoder = self._fit(shot.width, shot.height, bits_per_second)
        self._last = None
        key = self.key_due(viewers) <= now
        encoded = encoder.encode(shot.planes, shot.at, key=key)
        if encoded is None and must:
            encoded = encoder.encode(shot.planes, shot.at, key=True)  # these never are
        seconds = self._clock.now() - now
        if self._times is not None:
            self._times.observe(seconds)
        if encoded is None:
            self._counters.add("frames.left_out_for_bandwidth")
            self._owed = now + _MADE_UP
            return
        self._owed = math.inf
        if encoded.key:
            self._keyed = now
            self._counters.add("video.keyframes")
        self._last = _Sent(encoded, shot.width, shot.height, shot.trailer, seconds, encoder.name)
        self._give(self._last, viewers)

    def due(self, viewers: Sequence[EncodedViewer]) -> float:
        """When the last picture is to be sent again, in seconds of the clock: it was left out, and no other has come,
        or somebody waits for a key frame. Infinity where there is no reason to."""
        return min(self.key_due(viewers), self._owed)

    def key_due(self, viewers: Sequence[EncodedViewer]) -> float:
        """When somebody is to have a key frame, in seconds of the clock; infinity where nobody waits for one."""
        if any(viewer.dark for viewer in viewers):
            return self._keyed + _FOR_DARK if self._light is None else -math.inf
        return self._keyed + _FOR_ASKING if any(viewer.asked for viewer in viewers) else math.inf

    def light(self, viewers: Sequence[EncodedViewer]) -> bool:
        """Give the last picture to who waits for a key frame, if it was one. Whether anybody was."""
        dark = [viewer for viewer in viewers if viewer.dark]
        if not dark or self._light is None:
            return False
        self._give(self._light, dark)
        return True

    @property
    def _light(self) -> _Sent | None:
        """The last picture, if it was a key frame."""
        return self._last if self._last is not None and self._last.encoded.key else None

    def forget(self) -> None:
        """Give the last picture to nobody any more."""
        self._last = None
        self._owed = math.inf

    def close(self) -> None:
        """Free the encoder."""
        if self._encoder is not None:
            self._encoder.close()
            self._encoder = None

    def _sized(self, shot: Shot, bits_per_second: int) -> Shot:
        """The same, or smaller where bits are too few."""
        since, self._at = shot.at - self._at, shot.at
        if since < _PAUSE:
            self._interval += (max(since, 0.0) - self._interval) / 16
        divisor = self._sizing.divisor(shot.width, shot.height, bits_per_second * self._interval)
        if divisor == 1:
            return shot
        planes, width, height = smaller(shot.planes, shot.width, shot.height, divisor)
        return replace(shot, planes=planes, width=width, height=height)

    def _fit(self, width: int, height: int, bits_per_second: int) -> LiveEncoder:
        if self._encoder is None or self._size != (width, height):
            self.close()
            self._encoder = self._make(width, height, bits_per_second)
            self._size = width, height
        self._encoder.aim_at(bits_per_second)
        return self._encoder

    def _give(self, sent: _Sent, viewers: Sequence[EncodedViewer]) -> None:
        encoded = sent.encoded
        tagged = b""
        if any(viewer.tagged for viewer in viewers):
            tagged = encoded.data + attached(sent.trailer, self._codec)
        for viewer in viewers:
            data = tagged if viewer.tagged else encoded.data
            viewer.encoder = sent.encoder
            viewer.push(data, key=encoded.key, width=sent.width, height=sent.height, seconds=sent.seconds)
