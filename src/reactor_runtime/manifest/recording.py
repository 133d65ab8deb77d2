"""A manifest's `recording`, read."""

from __future__ import annotations

import re
from typing import Any

from ..media.recording import RecordingSettings
from .document import Section, did_you_mean
from .keys import expected, known

_KEY = "runtime.recording"
_CHUNK = (0.5, 60.0)
_CRF = range(1, 52)
_BITRATE = range(16_000, 512_001)
_BITS = re.compile(r"(\d{1,6})(k?)")
_PRESETS = (
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
    "placebo",
)


def read_recording(top: Section, runtime: Section) -> RecordingSettings:
    """What `runtime.recording` says, or `recording` in older manifests.

    Raises:
        ManifestError: a key is wrong.
    """
    section = (runtime if runtime.values.get("recording") is not None else top).section("recording", expected(_KEY))
    section.warn_unknown(known(_KEY))
    video, audio = (section.section(key, expected(f"{_KEY}.{key}")) for key in ("video", "audio"))
    video.warn_unknown(known(f"{_KEY}.video"))
    audio.warn_unknown(known(f"{_KEY}.audio"))
    for part, codec in ((video, "h264"), (audio, "aac")):
        if part.values.get("codec") not in (None, codec):
            part.fail("codec", codec, part.values["codec"])
    folder = section.text("dir", expected(f"{_KEY}.dir"))
    default = RecordingSettings()
    return RecordingSettings(
        enabled=section.flag("enabled", expected(f"{_KEY}.enabled")) or False,
        chunk_seconds=_chunk_seconds(section) or default.chunk_seconds,
        clip_max_seconds=_number(section, "clip_max_seconds") or default.clip_max_seconds,
        retention_seconds=_number(section, "retention_seconds") or default.retention_seconds,
        max_bytes=section.whole("max_bytes", expected(f"{_KEY}.max_bytes")) or default.max_bytes,
        dir=None if folder is None else top.file.absolute().parent / folder,
        preset=_preset(video) or default.preset,
        crf=_crf(video) or default.crf,
        audio_bitrate=_bitrate(audio) or default.audio_bitrate,
    )


def _number(section: Section, key: str) -> float | None:
    return section.number(key, expected(f"{_KEY}.{key}"))


def _chunk_seconds(section: Section) -> float | None:
    value = _number(section, "chunk_seconds")
    if value is not None and not _CHUNK[0] <= value <= _CHUNK[1]:
        section.fail("chunk_seconds", expected(f"{_KEY}.chunk_seconds"), value)
    return value


def _preset(video: Section) -> str | None:
    wanted = expected(f"{_KEY}.video.preset")
    preset = video.text("preset", wanted)
    if preset is not None and preset not in _PRESETS:
        video.fail("preset", wanted + did_you_mean(preset, _PRESETS), preset)
    return preset


def _crf(video: Section) -> int | None:
    crf = video.whole("crf", expected(f"{_KEY}.video.crf"))
    if crf is not None and crf not in _CRF:
        video.fail("crf", expected(f"{_KEY}.video.crf"), crf)
    return crf


def _bitrate(audio: Section) -> int | None:
    value: Any = audio.values.get("bitrate")
    if value is None:
        return None
    match = None if isinstance(value, (bool, float)) else _BITS.fullmatch(str(value))
    bits = int(match[1]) * (1000 if match[2] else 1) if match else 0
    if bits not in _BITRATE:
        audio.fail("bitrate", expected(f"{_KEY}.audio.bitrate"), value)
    return bits
