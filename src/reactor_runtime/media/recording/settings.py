"""How sessions are recorded, as a manifest says it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ...limits import GIB
from ..encoding import EncoderSettings


@dataclass(frozen=True, slots=True)
class RecordingSettings:
    """What a manifest's `recording` says. Times in seconds, sizes in bytes.

    Attributes:
        enabled: whether sessions are recorded, so that clients may ask for clips.
        chunk_seconds: how long each segment lasts; a clip is made of whole ones.
        clip_max_seconds: the longest clip; whoever asks for more gets this.
        retention_seconds: how long a recording is kept once its session has ended.
        max_bytes: what all recordings together may take; the oldest go first.
        dir: where they lie; None for a temporary folder of the process. One process at a time.
        preset, crf: of x264.
        audio_bitrate: in bits a second.
    """

    enabled: bool = False
    chunk_seconds: float = 4.0
    clip_max_seconds: float = 300.0
    retention_seconds: float = 300.0
    max_bytes: int = 2 * GIB
    dir: Path | None = None
    preset: str = "veryfast"
    crf: int = 23
    audio_bitrate: int = 128_000

    def encoder(self) -> EncoderSettings:
        """The encoders' settings."""
        return EncoderSettings(self.preset, self.crf, self.audio_bitrate, encoder_threads(), live=True)


def encoder_threads() -> int:
    """How many threads may encode beside a model that runs: half of the machine's cores, four at most."""
    return max(1, min(4, (os.cpu_count() or 2) // 2))
