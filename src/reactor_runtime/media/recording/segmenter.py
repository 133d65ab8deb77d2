"""Frames with their times, cut into fragmented-MP4 segments of one length.

Each segment begins with a key frame exactly at its boundary, holds all that is shown and heard until the next one, and
is made whole in memory. Where no frame falls on a boundary, the picture that stands there is encoded once more.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, TypeAlias

from ..encoding import TICKS, AudioEncoder, EncoderSettings, VideoEncoder
from ..frames import Picture
from ..frameset import FrameSet
from .boxes import part

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.packet import Packet

    AnyPacket: TypeAlias = Packet[Any]

LAG = 0.25
"""Seconds that sound may come late; where there is none by then, it is silence."""
_ENCODER_DELAY = 5 * 1024
"""Samples an AAC encoder may hold back."""
_FPS = 30.0  # what the encoder plans with; frames come when they come
_HEADER = {
    "movflags": "empty_moov+default_base_moof+frag_custom+skip_trailer",
    "video_track_timescale": str(TICKS),
}
_SEGMENT = {
    "movflags": "empty_moov+default_base_moof+frag_custom+frag_discont+skip_trailer",
    "video_track_timescale": str(TICKS),
    "avoid_negative_ts": "disabled",  # the times are the recording's; they do not begin anew with each segment
}


class Segmenter:
    """Makes the segments of one recording. On one thread. Times are seconds of the clock.

    The timeline begins with the first picture, or with the first sound where there is no video track.

    Args:
        video: the video track's name, if there is one. The recording has the size of its first picture.
        audio: the audio track's name and rate in Hz, if there is one.
        chunk_seconds: the length of a segment.
        settings: of the encoders; `live`.

    Attributes:
        origin: when the timeline began; None until then.
        init: the init segment; empty until then.
    """

    def __init__(
        self, *, video: str | None, audio: tuple[str, int] | None, chunk_seconds: float, settings: EncoderSettings
    ) -> None:
        self.origin: float | None = None
        self.init = b""
        self._video_name = video
        self._audio_name = audio[0] if audio is not None else None
        self._audio_rate = audio[1] if audio is not None else 0
        self._chunk_seconds = chunk_seconds
        self._settings = settings
        self._header = io.BytesIO()
        self._container = _open(self._header, _HEADER)
        self._video: VideoEncoder | None = None
        self._audio: AudioEncoder | None = None
        self._picture: Picture | None = None
        self._shown = -1
        self._next_key = 0
        self._made = 0
        self._packets: list[AnyPacket] = []

    def add(self, frames: FrameSet, at: float) -> list[bytes]:
        """The segments that are whole once `frames` are shown from `at` on."""
        picture = frames.pictures.get(self._video_name) if self._video_name is not None else None
        sound = frames.sounds.get(self._audio_name) if self._audio_name is not None else None
        if self.origin is None:
            if (picture if self._video_name is not None else sound) is None:
                return []
            self._begin(picture, at)
        time = self._ticks(at)
        self._stand(time - 1 if picture is not None else time)
        if picture is not None:
            self._show(picture, time)
        if self._audio is not None:
            seconds = time / TICKS
            self._packets += self._audio.silence(seconds - LAG) if sound is None else self._audio.encode(sound, seconds)
        return self._whole()

    def advance(self, at: float) -> list[bytes]:
        """The segments that are whole at `at`, when all of before has come: the last picture stands, and where there
        is no sound there is silence."""
        if self.origin is None:
            return []
        time = self._ticks(at)
        self._stand(time)
        if self._audio is not None:
            self._packets += self._audio.silence(time / TICKS)
        return self._whole()

    @property
    def due(self) -> float | None:
        """From when on `advance` makes the next segment whole; None before the timeline has begun."""
        if self.origin is None:
            return None
        delay = _ENCODER_DELAY / self._audio_rate if self._audio_name is not None else 0.0
        return self.origin + self._boundary(self._made + 1) / TICKS + delay

    def finish(self, at: float) -> tuple[list[bytes], float]:
        """The rest, with a last segment that may be shorter; and how long the recording is, in seconds."""
        if self.origin is None:
            return [], 0.0
        time = max(self._ticks(at), self._shown + 1)
        segments = self.advance(self.origin + time / TICKS)
        if self._video is not None:
            self._packets += self._video.finish()
        if self._audio is not None:
            self._packets += self._audio.finish()
        segments += self._whole()
        rest = [packet for packet in self._packets if _ticks(packet) < time]
        if rest:
            segments.append(self._segment(rest, time))
        return segments, time / TICKS

    def close(self) -> None:
        """Let go of the encoders."""
        self._packets = []
        self._container.close()

    def _begin(self, picture: Picture | None, at: float) -> None:
        self.origin = at
        if picture is not None:
            self._video = VideoEncoder(self._container, picture.width, picture.height, self._settings, _FPS)
        if self._audio_name is not None:
            self._audio = AudioEncoder(self._container, self._audio_rate, self._settings)
        self._container.start_encoding()
        self.init = part(self._header.getvalue(), "ftyp", "moov")

    def _ticks(self, at: float) -> int:
        assert self.origin is not None
        return max(0, round((at - self.origin) * TICKS))

    def _boundary(self, index: int) -> int:
        return round(index * self._chunk_seconds * TICKS)

    def _stand(self, until: int) -> None:
        """Show the last picture at each boundary up to `until`."""
        while self._picture is not None and (boundary := self._boundary(self._next_key)) <= until:
            self._show(self._picture, boundary)

    def _show(self, picture: Picture, time: int) -> None:
        assert self._video is not None
        if time <= self._shown:  # the one before is shown for no time at all; it may be a segment's key frame
            self._picture = picture
            return
        key = time >= self._boundary(self._next_key)
        if key:
            self._next_key += 1
        self._picture, self._shown = picture, time
        self._packets += self._video.encode(picture, time / TICKS, key=key)

    def _whole(self) -> list[bytes]:
        """The segments that nothing more comes for."""
        segments: list[bytes] = []
        while all(self._reached(stream, self._boundary(self._made + 1)) for stream in self._container.streams):
            end = self._boundary(self._made + 1)
            segment = [packet for packet in self._packets if _ticks(packet) < end]
            self._packets = [packet for packet in self._packets if _ticks(packet) >= end]
            segments.append(self._segment(segment, end))
        return segments

    def _reached(self, stream: Any, boundary: int) -> bool:
        """Whether a stream's packets go on beyond `boundary`."""
        last = next((packet for packet in reversed(self._packets) if packet.stream is stream), None)
        return last is not None and _ticks(last) >= boundary

    def _segment(self, packets: list[AnyPacket], end: int) -> bytes:
        self._made += 1
        buffer = io.BytesIO()
        container = _open(buffer, {**_SEGMENT, "fragment_index": str(self._made)})
        with container:
            streams = {stream.index: container.add_stream_from_template(stream) for stream in self._container.streams}
            pictures = [packet for packet in packets if packet.stream.type == "video"]
            for packet, following in zip(pictures, [*map(_ticks, pictures[1:]), end], strict=False):
                packet.duration = following - _ticks(packet)
            for packet in sorted(packets, key=_ticks):
                packet.stream = streams[packet.stream.index]
                container.mux(packet)
        return part(buffer.getvalue(), "moof", "mdat")


def _open(buffer: io.BytesIO, options: dict[str, str]) -> OutputContainer:
    import av

    return av.open(buffer, "w", format="mp4", options=options)


def _ticks(packet: AnyPacket) -> int:
    """When a packet's content begins, in `TICKS` of a second."""
    assert packet.pts is not None and packet.time_base is not None
    return int(packet.pts * packet.time_base * TICKS)
