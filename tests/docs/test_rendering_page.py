"""The scripts that the page about rendering shows, with the models they are for."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from reactor_runtime.manifest import import_model, read_manifest
from reactor_runtime.replay import Outcome, Rendering, read_script
from tests.replay.models import Hashes, grey_film

from .pages import DOCS, ROOT, Block, blocks

SCRIPTS = {block.title: block for block in blocks(DOCS / "rendering.md", "text") if block.title.endswith(".jsonl")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "portrait.png"), np.full((30, 40, 3), 128, np.uint8))
    grey_film(tmp_path / "me.mp4", list(range(0, 250, 5)), fps=25)
    return tmp_path


def rendered(block: Block, example: str, folder: Path) -> tuple[Outcome, Hashes]:
    (folder / block.title).write_text(block.body)
    manifest = read_manifest(str(ROOT / "examples" / example))
    hashes = Hashes()
    rendering = Rendering(import_model(manifest.target, manifest.root), manifest, read_script(folder / block.title))
    return rendering.run(lambda: hashes), hashes


@pytest.mark.parametrize(("script", "example", "seconds"), [("drive.jsonl", "paint", 4), ("two.jsonl", "webcam", 9)])
def test_a_shown_script_does_what_it_says(folder, script, example, seconds):
    outcome, hashes = rendered(SCRIPTS[script], example, folder)
    assert outcome.seconds == seconds and outcome.failure is None
    assert outcome.refused == [] and outcome.faults == [] and outcome.commands
    assert len({hash for _, hash in hashes.frames}) > 20


def test_each_event_of_the_page_is_one_that_a_script_can_say(folder):
    text = (DOCS / "rendering.md").read_text()
    verbs = {cell.split('"')[1] for cell in text.splitlines() if cell.startswith('| `"')}
    said = {key for block in SCRIPTS.values() for line in block.body.splitlines()[1:] for key in json.loads(line)}
    assert verbs == {"connect", "command", "stream", "stop_stream", "pause", "leave", "upload", "end"}
    assert said & verbs >= {"command", "upload", "stream", "connect", "leave", "end"}
