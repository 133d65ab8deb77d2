"""Pictures and sounds that can be recognised in an encoded film, and a strict reader of such films."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from reactor_runtime.media.frames import Picture
from reactor_runtime.media.frameset import FrameSet
from reactor_runtime.media.sound import Sound

RED, GREEN, BLUE, GREY = (220, 30, 30), (30, 200, 40), (30, 40, 210), (128, 128, 128)


def plain(colour: tuple[int, int, int], width: int = 64, height: int = 48) -> Picture:
    """A picture of one colour."""
    red, green, blue = colour
    return Picture(width, height, bytes((blue, green, red, 255)) * (width * height))


def tone(seconds: float, rate: int = 48_000, frequency: float = 440.0, channels: int = 1, begin: float = 0.0) -> Sound:
    """A loud tone; `begin` is where in it the sound begins, in seconds."""
    times = begin + np.arange(round(seconds * rate)) / rate
    wave = (np.sin(2 * np.pi * frequency * times) * 20_000).astype(np.int16)
    return Sound(np.repeat(wave[None], channels, axis=0), rate)


def frames(pictures: dict[str, Picture] | None = None, sounds: dict[str, Sound] | None = None) -> FrameSet:
    return FrameSet(pictures or {}, sounds or {})


@dataclass
class Stream:
    """A decoded stream."""

    times: list[float] = field(default_factory=list)
    images: list[NDArray[Any]] = field(default_factory=list)
    keys: list[float] = field(default_factory=list)
    width: int = 0
    height: int = 0
    rate: int = 0
    samples: NDArray[Any] = field(default_factory=lambda: np.zeros((0, 0)))
    duration: float = 0.0

    def colour(self, index: int) -> tuple[int, ...]:
        """The colour in the middle of one picture."""
        image = self.images[index]
        return tuple(image[image.shape[0] // 2, image.shape[1] // 2])


def decode(film: Path | bytes, options: dict[str, str] | None = None) -> tuple[list[Stream], list[Stream]]:
    """Every packet of `film`, decoded without forgiveness: its video and its audio streams."""
    source = io.BytesIO(film) if isinstance(film, bytes) else str(film)
    with av.open(source, options={"err_detect": "explode", **(options or {})}) as container:
        found = {stream.index: Stream() for stream in container.streams}
        blocks: dict[int, list[NDArray[Any]]] = {index: [] for index in found}
        for stream in container.streams:
            stream.codec_context.options = {"err_detect": "explode"}
        for packet in container.demux():
            stream = found[packet.stream.index]
            if packet.pts is not None:
                last = float((packet.pts + (packet.duration or 0)) * packet.time_base)
                stream.duration = max(stream.duration, last)
                if packet.is_keyframe:
                    stream.keys.append(float(packet.pts * packet.time_base))
            for frame in packet.decode():
                assert not frame.is_corrupt
                stream.times.append(frame.time)
                if isinstance(frame, av.VideoFrame):
                    stream.images.append(frame.to_ndarray(format="rgb24"))
                    stream.width, stream.height = frame.width, frame.height
                else:
                    stream.rate = frame.sample_rate
                    blocks[packet.stream.index].append(frame.to_ndarray())
        for index, parts in blocks.items():
            if parts:
                found[index].samples = np.concatenate(parts, axis=1)
        return [found[s.index] for s in container.streams.video], [found[s.index] for s in container.streams.audio]


def near(colour: tuple[int, ...], wanted: tuple[int, int, int]) -> bool:
    """Whether two colours are the same but for what an encoder loses."""
    return all(abs(int(a) - b) <= 8 for a, b in zip(colour, wanted, strict=True))


def loud(stream: Stream, begin: float, end: float) -> float:
    """The root of the mean square between two times of an audio stream, 0 to 1."""
    part = stream.samples[:, round(begin * stream.rate) : round(end * stream.rate)]
    return float(np.sqrt(np.mean(np.square(part, dtype=np.float64))))
