"""Media files as what comes from a camera or a microphone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..errors import ScriptError
from ..media.frames import Picture, picture_from_rgb
from ..media.sound import Sound

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

STILL_FPS = 30
"""How often a second a still picture is sent."""
_CHUNK_SECONDS = 0.02
"""The sound of a microphone comes in such pieces."""

T = TypeVar("T")


class MediaFile:
    """A file with pictures or sound, and when each is due.

    Args:
        path: the file, of any format that FFmpeg reads; a still picture is one too.
        kind: what is wanted of it.

    Attributes:
        seconds: how long it lasts; 0.0 where it does not say.

    Raises:
        ScriptError: it cannot be read, or has nothing of the kind.
    """

    def __init__(self, path: str | os.PathLike[str], kind: Literal["video", "audio"]) -> None:
        self.path = Path(path)
        self.kind = kind
        with closing(self._open()) as container:
            self.seconds = _seconds(container)

    def pictures(self, *, loop: bool = False) -> Iterator[tuple[float, Picture]]:
        """The pictures, each with the seconds from the first one. A still picture comes again and again, a video does
        with `loop`.

        Raises:
            ScriptError: the file cannot be decoded.
        """
        return _endless(self._decoded_pictures) if loop else _still_or_once(self._decoded_pictures)

    def sounds(self, rate: int, *, loop: bool = False) -> Iterator[tuple[float, Sound]]:
        """The sound, mono at `rate` Hz, in pieces of 20 ms, each with the seconds from the first one to its beginning.

        Raises:
            ScriptError: the file cannot be decoded.
        """

        def once() -> Iterator[tuple[float, float, Sound]]:
            return self._decoded_sounds(rate)

        return _endless(once) if loop else ((at, sound) for at, _, sound in once())

    def _open(self) -> InputContainer:
        import av

        try:
            container = av.open(os.fspath(self.path))
        except (av.FFmpegError, OSError, ValueError) as error:
            raise ScriptError(f"{self.path}: cannot be read as {self._what}: {_reason(error)}") from error
        if not (container.streams.video if self.kind == "video" else container.streams.audio):
            container.close()
            raise ScriptError(f"{self.path}: there is no {self._what} in it")
        return container

    @property
    def _what(self) -> str:
        return "picture or video" if self.kind == "video" else "sound"

    def _decoded_pictures(self) -> Iterator[tuple[float, float, Picture]]:
        """Each picture with its time and how long it is shown."""
        import av

        with closing(self._open()) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            usual = float(1 / stream.average_rate) if stream.average_rate else 1 / STILL_FPS
            first: float | None = None
            at = -usual
            try:
                for frame in container.decode(stream):
                    time = at + usual if frame.time is None else frame.time - (first or 0.0)
                    if first is None:
                        first, time = time, 0.0
                    at = max(time, at)
                    yield at, usual, _picture(frame)
            except av.FFmpegError as error:
                raise self._undecoded(at, error) from error

    def _decoded_sounds(self, rate: int) -> Iterator[tuple[float, float, Sound]]:
        """Each piece of sound with its time and how long it lasts."""
        import av

        with closing(self._open()) as container:
            stream = container.streams.audio[0]
            chunk = round(rate * _CHUNK_SECONDS)
            resampler = av.AudioResampler(format="s16", layout="mono", rate=rate, frame_size=chunk)
            first: float | None = None
            at = 0.0
            try:
                for frame in _flushed(container.decode(stream)):
                    for piece in resampler.resample(frame):
                        time = at if piece.time is None else piece.time
                        first = time if first is None else first
                        sound = Sound(np.asarray(piece.to_ndarray(), np.int16).reshape(1, -1), rate)
                        yield time - first, sound.seconds, sound
                        at = time + sound.seconds
            except av.FFmpegError as error:
                raise self._undecoded(at, error) from error

    def _undecoded(self, at: float, error: Exception) -> ScriptError:
        return ScriptError(f"{self.path}: cannot be decoded after {max(at, 0):.1f} s: {_reason(error)}")


Once = Callable[[], Iterator[tuple[float, float, T]]]


def _still_or_once(once: Once[T]) -> Iterator[tuple[float, T]]:
    shown: list[T] = []
    many = False
    for at, _, item in once():
        yield at, item
        many = many or bool(shown)
        shown = [item]
    number = 0
    while shown and not many:
        number += 1
        yield number / STILL_FPS, shown[0]


def _endless(once: Once[T]) -> Iterator[tuple[float, T]]:
    start = 0.0
    while True:
        end = start
        for at, lasts, item in once():
            yield start + at, item
            end = start + at + lasts
        if end == start:
            return
        start = end


def _seconds(container: InputContainer) -> float:
    return container.duration / 1_000_000 if container.duration is not None else 0.0


def _picture(frame: av.VideoFrame) -> Picture:
    # By way of rgb24: straight to bgra, FFmpeg's scaler writes nonsense into the last columns of some widths.
    pixels: NDArray[np.uint8] = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    if turns := round(frame.rotation / 90) % 4:  # a phone that was held upright says so beside the pixels
        pixels = np.rot90(pixels, turns)
    return picture_from_rgb(pixels)


def _flushed(frames: Iterator[av.AudioFrame]) -> Iterator[av.AudioFrame | None]:
    yield from frames
    yield None


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
