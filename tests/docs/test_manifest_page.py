"""The table of the manifest's keys, against what reading a manifest does."""

from __future__ import annotations

import logging

import pytest
import yaml

from reactor_runtime.limits import GIB, MIB, Limits
from reactor_runtime.manifest import read_manifest
from reactor_runtime.manifest.keys import KEYS, LATER, expected, known, later
from reactor_runtime.media.recording import RecordingSettings
from scripts.docs.manifest_page import example


@pytest.fixture
def written(tmp_path):
    (tmp_path / "config.yml").write_text("steps: 4\n")
    (tmp_path / "reactor.yaml").write_text(example().removeprefix("```yaml\n").removesuffix("```\n"))
    return tmp_path


def test_the_pages_manifest_says_what_holds_without_it(written, caplog):
    manifest = read_manifest(str(written))
    assert (manifest.name, manifest.target, manifest.config) == ("my-model", "my_model:MyModel", {"steps": 4})
    assert manifest.limits == Limits()
    assert manifest.recording == RecordingSettings(enabled=True, dir=written / "recordings")
    assert [server.uris for server in manifest.ice_servers] == [("stun:stun.example.org:3478",)]
    assert not caplog.records


def test_the_defaults_that_the_page_tells_are_the_limits():
    said = {key.path: key.default for key in KEYS}
    limits = Limits()
    assert said["runtime.orphan_timeout"] == f"{limits.orphan_timeout:g}"
    assert said["runtime.uploads.max_bytes"] == f"{limits.upload_bytes // MIB} MiB"
    assert said["runtime.uploads.session_max_bytes"] == f"{limits.session_upload_bytes // GIB} GiB"


def test_the_defaults_that_the_page_tells_are_the_recordings():
    said = {key.path.removeprefix("runtime.recording."): key.default for key in KEYS}
    settings = RecordingSettings()
    assert said["enabled"] == str(settings.enabled).lower()
    for key in ("chunk_seconds", "clip_max_seconds", "retention_seconds"):
        assert said[key] == f"{getattr(settings, key):g}"
    assert said["max_bytes"] == f"{settings.max_bytes // GIB} GiB"
    assert (said["video.preset"], said["video.crf"]) == (settings.preset, str(settings.crf))
    assert said["audio.bitrate"] == f"{settings.audio_bitrate // 1000}k"


def test_each_key_stands_in_a_section_that_is_a_key_and_says_what_it_expects():
    paths = {key.path for key in KEYS}
    for key in KEYS:
        assert key.section.removesuffix("[]") in {"", *paths}, key.path
        assert key.name in known(key.section)
        assert expected(key.path) == key.expected and key.description
    assert len(paths) == len(KEYS)


@pytest.mark.parametrize("path", LATER)
def test_keys_of_other_runtimes_are_no_reason_for_a_warning(written, path, caplog):
    section, _, name = path.rpartition(".")
    assert name in later(section) and name not in known(section)
    manifest = yaml.safe_load((written / "reactor.yaml").read_text())
    (manifest[section] if section else manifest)[name] = {"enabled": True}
    (written / "reactor.yaml").write_text(yaml.safe_dump(manifest))
    with caplog.at_level(logging.INFO):
        read_manifest(str(written))
    assert [record.levelname for record in caplog.records] == ["INFO"]
