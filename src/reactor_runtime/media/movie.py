"""One MP4 file out of frames with their times."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from .encoding import AudioEncoder, EncoderSettings, VideoEncoder
from .frames import Picture, black
from .frameset import FrameSet

if TYPE_CHECKING:
    from av.packet import Packet

    AnyPacket: TypeAlias = Packet[Any]

KEY_SECONDS = 2.0
"""There is a key frame at least so often. What was written before the last one survives a process that is killed."""
WAIT = 5.0
"""The file begins when each video track has shown its size, or after so many seconds."""
_UNSEEN = (640, 360)
"""The size of video streams where no track has shown a picture in that time."""
_LAG = 1.0
"""An audio track without sound is silent up to so many seconds ago: its next sound may be that late."""


class MovieWriter:
    """Writes an MP4 file: H.264 (yuv420p) and AAC, a stream for each track. On one thread at a time.

    A video stream has the size of its track's first picture (made even); later pictures of another size are scaled
    into it between black bars. Frames keep their own times. Gaps in the sound are silence. If the process is killed,
    what was written up to the last key frame plays; a file that was closed is an ordinary MP4.

    A video track is black until its first picture. One that shows none in the first `WAIT` seconds gets the size of
    another one's.

    Args:
        path: the file; one that is there is written over.
        video: names of the video tracks.
        audio: the audio tracks' sample rates in Hz, by name.
        fps: the rate that the encoder plans with; frames come when they come.
        settings: of the encoders.

    Attributes:
        empty: whether no picture and no sound was added.

    Raises:
        ValueError: there is no track.
        OSError: the file cannot be opened. So `add` and `close` where it cannot be written; what else fails there is
            an `av.FFmpegError`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        video: Sequence[str] = (),
        audio: Mapping[str, int] | None = None,
        fps: float = 30.0,
        settings: EncoderSettings | None = None,
    ) -> None:
        import av

        self._names = tuple(video)
        self._rates = dict(audio or {})
        if not self._names and not self._rates:
            raise ValueError("a film needs a video or an audio track")
        self._settings = settings or EncoderSettings()
        self._fps = fps
        with open(path, "wb"):  # so that the error is one of Python's own, with the path in it
            pass
        # Each fragment leaves for the disk when it is written: of one that a killed process held back a part would be
        # there, which cannot be decoded.
        options = {"movflags": "hybrid_fragmented", "flush_packets": "1"}
        self._path = path
        self._container = av.open(os.fspath(path), "w", format="mp4", options=options)
        self._unseen = list(self._names)
        self._video: dict[str, _VideoTrack] = {}
        self._audio: dict[str, AudioEncoder] = {}
        self._held: list[AnyPacket] | None = []
        self.empty = True
        self._closed = False
        self._broken = False

    def add(self, frames: FrameSet, at: float) -> None:
        """Write `frames`, shown from `at` seconds on: since the beginning of the film, and not before what was
        written last. Tracks that the writer was not told of are left out."""
        pictures = {name: frames.pictures[name] for name in self._names if name in frames.pictures}
        self._add_streams(pictures, final=at >= WAIT)
        self.empty = self.empty and not pictures and not frames.sounds.keys() & self._rates.keys()
        packets: list[AnyPacket] = []
        for name, picture in pictures.items():
            packets += self._video[name].show(picture, at)
        for name, encoder in self._audio.items():
            sound = frames.sounds.get(name)
            packets += encoder.silence(at - _LAG) if sound is None else encoder.encode(sound, at)
        self._write(packets)

    def close(self, at: float | None = None) -> None:
        """Finish the file; where nothing was added there is none. A second time does nothing.

        Args:
            at: when the film ends, in seconds: until then the last picture of each track stands, and a track without
                sound is silent. None: with the last frame.
        """
        if self._closed:
            return
        self._closed = True
        if self._broken:
            self._container.close()
            return
        if self.empty:
            self._container.close()
            os.unlink(self._path)
            return
        try:
            self._add_streams({}, final=True)
            packets: list[AnyPacket] = []
            for track in self._video.values():
                packets += track.finish(at)
            for encoder in self._audio.values():
                packets += encoder.silence(at or 0.0)
                packets += encoder.finish()
            self._write(packets)
        finally:
            self._container.close()

    def _add_streams(self, pictures: Mapping[str, Picture], *, final: bool) -> None:
        """Add the streams of which enough is known; where it is `final`, all of them. A file takes none once it has
        begun."""
        if self._held is None:
            return
        sizes = {name: (picture.width, picture.height) for name, picture in pictures.items() if name in self._unseen}
        if final:
            known = next(iter([*sizes.values(), *(track.size for track in self._video.values())]), _UNSEEN)
            sizes = {name: sizes.get(name, known) for name in self._unseen}
        for name, size in sizes.items():
            self._unseen.remove(name)
            self._video[name] = _VideoTrack(VideoEncoder(self._container, *size, self._settings, self._fps), size)
        if not self._audio:
            self._audio = {
                name: AudioEncoder(self._container, rate, self._settings) for name, rate in self._rates.items()
            }

    def _write(self, packets: Iterable[AnyPacket]) -> None:
        """Write `packets`; hold them, encoded, while a stream may still be added."""
        if self._held is not None:
            self._held += packets
            if self._unseen:
                return
            packets, self._held = self._held, None
        for packet in packets:
            try:
                self._container.mux(packet)
            except BaseException:
                self._broken = True  # the muxer is left in the middle of it: another packet would end the process
                raise


class _VideoTrack:
    """A video stream, its key frames and its last picture."""

    def __init__(self, encoder: VideoEncoder, size: tuple[int, int]) -> None:
        self.size = size
        self._encoder = encoder
        self._next_key = 0.0
        self._last: tuple[Picture, float] | None = None

    def show(self, picture: Picture, at: float) -> list[AnyPacket]:
        # All streams begin at 0: a fragmented file has nowhere to say that one begins later.
        packets = self._encode(black(*self.size), 0.0) if self._last is None and at > 0 else []
        return packets + self._encode(picture, at)

    def finish(self, at: float | None) -> list[AnyPacket]:
        packets: list[AnyPacket] = [] if self._last is not None else self._encode(black(*self.size), 0.0)
        assert self._last is not None
        picture, shown = self._last
        if at is not None and at > shown:
            # A stream ends a frame after its last one begins; so the last picture, once more, is what lasts.
            packets += self._encode(picture, max(at - self._encoder.frame_seconds, shown))
        return packets + self._encoder.finish()

    def _encode(self, picture: Picture, at: float) -> list[AnyPacket]:
        key = at >= self._next_key
        if key:
            self._next_key = at + KEY_SECONDS
        self._last = picture, at
        return [*self._encoder.encode(picture, at, key=key)]
