"""What a manifest says of the encoder of video."""

from __future__ import annotations

from pathlib import Path

import pytest

from reactor_runtime.errors import ManifestError
from reactor_runtime.manifest import read_manifest
from reactor_runtime.media.hardware import NAMES


def read(folder: Path, video: str) -> str:
    (folder / "reactor.yaml").write_text(f"runtime: {{import: 'bars:Bars'{video}}}")
    return read_manifest(str(folder)).encoder


@pytest.mark.parametrize("said", ["auto", "software", *NAMES])
def test_one_of_the_words(tmp_path: Path, said: str) -> None:
    assert read(tmp_path, f", video: {{encoder: {said}}}") == said


@pytest.mark.parametrize("video", ["", ", video: ", ", video: {}", ", video: {encoder: }"])
def test_nothing_said_is_auto(tmp_path: Path, video: str) -> None:
    assert read(tmp_path, video) == "auto"


def test_a_file_alone_is_auto(tmp_path: Path) -> None:
    (tmp_path / "bars.py").write_text("")
    assert read_manifest(str(tmp_path / "bars.py")).encoder == "auto"


@pytest.mark.parametrize(
    ("video", "problem"),
    [
        ("{encoder: h264_nvenc}", "runtime.video.encoder: expected auto, software or one of av1_nvenc, "),
        ("{encoder: 1}", "runtime.video.encoder: expected auto, software or one of av1_nvenc, "),
        ("hardware", "runtime.video: expected keys and values"),
    ],
)
def test_what_it_cannot_be(tmp_path: Path, video: str, problem: str) -> None:
    with pytest.raises(ManifestError, match=problem):
        read(tmp_path, f", video: {video}")


def test_a_key_that_is_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert read(tmp_path, ", video: {encodr: software}") == "auto"
    assert "encodr" in caplog.text and "encoder" in caplog.text
