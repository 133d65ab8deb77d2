"""Pictures and sounds with their times, encoded: H.264 and AAC, as packets for an MP4 file or a segment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .canvas import Canvas
from .frames import Picture
from .sound import Sound
from .soundline import SoundLine

if TYPE_CHECKING:
    import av
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

TICKS = 90_000
"""Units of video time in a second: fine enough for the times of any frames."""
_AAC_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)
_BT601 = 6  # SMPTE 170M, in each of FFmpeg's three lists
_LIMITED = 1


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """How pictures and sounds are encoded.

    Attributes:
        preset, crf: of x264: how much time it takes, and how good the picture is (0 to 51, less is better).
        audio_bitrate: in bits a second.
        threads: what x264 may use; 0 for as many as the machine has.
        live: whether each picture comes out at once, and there is no key frame but the first and those asked for.
    """

    preset: str = "veryfast"
    crf: int = 23
    audio_bitrate: int = 128_000
    threads: int = 0
    live: bool = False


class VideoEncoder:
    """One video stream. It has the size of its first picture, made even; other pictures are fitted in.

    Args:
        container: where the stream is added.
        width, height: of the first picture.
        settings: see there.
        fps: the rate that the encoder plans with; frames come when they come.

    Attributes:
        frame_seconds: how long the last frame of the stream lasts.
    """

    def __init__(
        self, container: OutputContainer, width: int, height: int, settings: EncoderSettings, fps: float
    ) -> None:
        self._canvas = Canvas(width, height)
        options = {"preset": settings.preset, "crf": str(settings.crf), "bf": "0"}
        if settings.live:
            options |= {"tune": "zerolatency", "sc_threshold": "0"}
        rate = Fraction(fps).limit_denominator(1001)
        self.frame_seconds = 1 / fps
        self.stream: VideoStream = container.add_stream("libx264", rate=rate, options=options)
        self.stream.width, self.stream.height = self._canvas.width, self._canvas.height
        self.stream.pix_fmt = "yuv420p"
        context = self.stream.codec_context
        context.time_base = Fraction(1, TICKS)
        context.gop_size = 2**30  # in frames; they are forced by time
        context.thread_count = settings.threads
        context.color_range = _LIMITED
        context.colorspace = context.color_primaries = context.color_trc = _BT601
        self._last: int | None = None

    def encode(self, picture: Picture, at: float, *, key: bool) -> list[Packet[VideoStream]]:
        """What is finished when `picture` is shown at `at` seconds. Of two at one time the second moves on a tick."""
        from av.video.frame import PictureType

        frame = self._canvas.draw(picture)
        pts = round(at * TICKS)
        if self._last is not None:
            pts = max(pts, self._last + 1)
        self._last = frame.pts = pts
        frame.time_base = Fraction(1, TICKS)
        if key:
            frame.pict_type = PictureType.I
        return self.stream.encode(frame)

    def finish(self) -> list[Packet[VideoStream]]:
        """The rest. Nothing may be encoded afterwards."""
        return self.stream.encode(None) if self._last is not None else []


class AudioEncoder:
    """One audio stream, stereo, without gaps from 0 seconds on.

    Args:
        container: where the stream is added.
        rate: the track's, in Hz; where AAC does not have it, the stream has 48000.
        settings: see there.
    """

    def __init__(self, container: OutputContainer, rate: int, settings: EncoderSettings) -> None:
        rate = rate if rate in _AAC_RATES else 48_000
        self._line = SoundLine(rate)
        self.stream: AudioStream = container.add_stream("aac", rate=rate, layout="stereo")
        self.stream.codec_context.bit_rate = settings.audio_bitrate
        self._sent = 0

    @property
    def seconds(self) -> float:
        """How far the stream reaches."""
        return self._line.position / self._line.rate

    def encode(self, sound: Sound, at: float) -> list[Packet[AudioStream]]:
        """What is finished when `sound` begins at `at` seconds."""
        return self._packets(self._line.place(sound, at))

    def silence(self, until: float) -> list[Packet[AudioStream]]:
        """What is finished when there is silence until `until` seconds."""
        return self._packets(self._line.silence(until))

    def finish(self) -> list[Packet[AudioStream]]:
        """The rest. Nothing may be encoded afterwards."""
        return _shown(self.stream.encode(None)) if self._sent else []

    def _packets(self, pieces: Iterable[NDArray[np.int16]]) -> list[Packet[AudioStream]]:
        return [packet for piece in pieces for packet in _shown(self.stream.encode(self._frame(piece)))]

    def _frame(self, samples: NDArray[np.int16]) -> av.AudioFrame:
        import av

        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="s16p", layout="stereo")
        frame.sample_rate = self._line.rate
        frame.time_base = Fraction(1, self._line.rate)
        frame.pts = self._sent
        self._sent += samples.shape[1]
        return frame


def _shown(packets: list[Packet[AudioStream]]) -> list[Packet[AudioStream]]:
    """Without the encoder's run-up before 0: a fragmented file has nowhere to say that it is not to be played."""
    return [packet for packet in packets if packet.pts is not None and packet.pts >= 0]
