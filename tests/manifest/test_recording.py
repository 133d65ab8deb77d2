"""What `recording` in a manifest may say."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from reactor_runtime.errors import ManifestError
from reactor_runtime.manifest import read_manifest
from reactor_runtime.media.recording import RecordingSettings


def read(folder: Path, recording: str, *, top: bool = False) -> RecordingSettings:
    inside = "" if top else f", recording: {recording}"
    outside = f"recording: {recording}\n" if top else ""
    (folder / "reactor.yaml").write_text(f'{outside}runtime: {{import: "a:A"{inside}}}\n')
    return read_manifest(str(folder)).recording


def test_nothing_is_recorded_unless_it_is_said(tmp_path):
    assert read(tmp_path, "{}") == RecordingSettings()
    assert not RecordingSettings().enabled
    assert read(tmp_path, "null") == RecordingSettings()


@pytest.mark.parametrize("top", [False, True])
def test_every_key_is_read(tmp_path, top, caplog):
    text = (
        "{enabled: true, chunk_seconds: 2.5, clip_max_seconds: 60, retention_seconds: 0.5, max_bytes: 1000, dir: kept, "
        "video: {codec: h264, preset: ultrafast, crf: 30}, audio: {codec: aac, bitrate: 96k}}"
    )
    assert read(tmp_path, text, top=top) == RecordingSettings(
        enabled=True,
        chunk_seconds=2.5,
        clip_max_seconds=60.0,
        retention_seconds=0.5,
        max_bytes=1000,
        dir=tmp_path / "kept",
        preset="ultrafast",
        crf=30,
        audio_bitrate=96_000,
    )
    assert not caplog.records


def test_the_key_in_its_place_comes_before_its_older_form(tmp_path):
    (tmp_path / "reactor.yaml").write_text(
        'recording: {chunk_seconds: 1}\nruntime: {import: "a:A", recording: {enabled: true}}\n'
    )
    assert read_manifest(str(tmp_path)).recording == RecordingSettings(enabled=True)


def test_a_bitrate_may_be_a_number(tmp_path):
    assert read(tmp_path, "{audio: {bitrate: 64000}}").audio_bitrate == 64_000


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("true", "runtime.recording: expected keys and values, got true"),
        ("{enabled: 1}", "runtime.recording.enabled: expected true or false, got the number 1"),
        (
            "{chunk_seconds: 0.1}",
            "runtime.recording.chunk_seconds: expected seconds from 0.5 to 60, got the number 0.1",
        ),
        ("{chunk_seconds: 61}", "runtime.recording.chunk_seconds: expected seconds from 0.5 to 60, got the number 61"),
        ("{clip_max_seconds: 0}", "runtime.recording.clip_max_seconds: expected seconds above 0, got the number 0"),
        ("{max_bytes: 1.5}", "runtime.recording.max_bytes: expected a whole number of bytes above 0"),
        ("{dir: 7}", "runtime.recording.dir: expected a folder's path, got the number 7"),
        ("{video: {codec: vp9}}", "runtime.recording.video.codec: expected h264, got the text 'vp9'"),
        ("{video: {preset: veryfats}}", "did you mean veryfast?"),
        ("{video: {crf: 52}}", "runtime.recording.video.crf: expected a whole number from 1 to 51, got the number 52"),
        ("{audio: {codec: opus}}", "runtime.recording.audio.codec: expected aac, got the text 'opus'"),
        ("{audio: {bitrate: 1k}}", "runtime.recording.audio.bitrate: expected bits a second from 16k to 512k"),
        ("{audio: {bitrate: fast}}", "runtime.recording.audio.bitrate: expected bits a second"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, problem):
    with pytest.raises(ManifestError) as caught:
        read(tmp_path, text)
    assert problem in str(caught.value)


def test_an_unknown_key_is_a_warning(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        read(tmp_path, "{enable: true, video: {presets: fast}}")
    assert "runtime.recording.enable: unknown key, ignored; did you mean 'enabled'?" in caplog.text
    assert "runtime.recording.video.presets: unknown key, ignored; did you mean 'preset'?" in caplog.text
