"""The media engine's tracks as far as viewers use them, and what was given to them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import av
import numpy as np
import reactor_webrtc as rw
from numpy.typing import NDArray

from reactor_runtime.transport.webrtc.video.viewer import EncodedViewer, RawViewer

DEADLINE = 40.0


@dataclass(frozen=True)
class KeyFrameRequest:
    """As the engine has it, which lets nobody make one."""


@dataclass(frozen=True)
class RateUpdate:
    bitrate_bps: int


class Engine:
    """Stands for the module `reactor_webrtc` where what the engine says is looked at."""

    KeyFrameRequest = KeyFrameRequest
    RateUpdate = RateUpdate


@dataclass(frozen=True)
class Pushed:
    data: bytes
    key: bool
    width: int
    height: int


@dataclass(frozen=True)
class Raw:
    bgra: bytes
    width: int
    height: int
    user_data: bytes
    captured: int


class FakeTrack:
    """A track that is pre-encoded, or one that is not."""

    def __init__(self) -> None:
        self.pushed: list[Pushed] = []
        self.raw: list[Raw] = []
        self.changed = threading.Condition()
        self.say: Callable[[Any], None] = lambda said: None

    def on_encoder_feedback(self, callback: Callable[[Any], None]) -> None:
        self.say = callback

    def push_encoded_frame(self, data: bytes, key: bool, width: int, height: int) -> None:
        with self.changed:
            self.pushed.append(Pushed(data, key, width, height))
            self.changed.notify_all()

    def push_video_frame(
        self, bgra: bytes, width: int, height: int, user_data: bytes | None = None, *, capture_time_us: int
    ) -> None:
        with self.changed:
            self.raw.append(Raw(bgra, width, height, user_data or b"", capture_time_us))
            self.changed.notify_all()

    def wait(self, count: int) -> None:
        """Until so many pictures were given to it."""
        with self.changed:
            arrived = self.changed.wait_for(lambda: len(self.pushed) + len(self.raw) >= count, DEADLINE)
            assert arrived, f"{len(self.pushed) + len(self.raw)} of {count} pictures came"


class Watching:
    """A viewer of encoded pictures, and its track."""

    def __init__(
        self, now: Callable[[], float], on_change: Callable[[], None] = lambda: None, *, tagged: bool = False
    ) -> None:
        self.track = FakeTrack()
        self.viewer = EncodedViewer(cast(rw.EncodedVideoTrack, self.track), tagged=tagged, on_change=on_change, now=now)

    @property
    def pushed(self) -> list[Pushed]:
        return self.track.pushed

    @property
    def keys(self) -> list[bool]:
        return [one.key for one in self.pushed]

    def wait(self, count: int) -> None:
        self.track.wait(count)

    def say(self, said: KeyFrameRequest | RateUpdate) -> None:
        self.track.say(said)

    def colours(self) -> list[tuple[int, int, int]]:
        """The colour in the middle of each picture it could show: BGR."""
        return [colour(one) for one in decode(self.pushed)]


class RawWatching:
    """A viewer of pictures as they are, and its track."""

    def __init__(self) -> None:
        self.track = FakeTrack()
        self.viewer = RawViewer(cast(rw.Track, self.track))

    @property
    def pushed(self) -> list[Raw]:
        return self.track.raw

    def wait(self, count: int) -> None:
        self.track.wait(count)


def decode(pushed: list[Pushed]) -> list[NDArray[np.uint8]]:
    """What a decoder makes of it, which keeps to VP8 and takes nothing before a key frame: RGB."""
    decoder = av.CodecContext.create("vp8", "r")
    return [
        frame.to_ndarray(format="rgb24", src_colorspace="ITU601")
        for one in pushed
        for frame in decoder.decode(av.Packet(one.data))
    ]


def colour(rgb: NDArray[np.uint8]) -> tuple[int, int, int]:
    """The one in the middle: BGR."""
    red, green, blue = (int(level) for level in rgb[rgb.shape[0] // 2, rgb.shape[1] // 2])
    return blue, green, red


def near(seen: tuple[int, int, int], meant: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 40 for one, other in zip(seen, meant, strict=True))
