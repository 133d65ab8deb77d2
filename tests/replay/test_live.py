"""A session of the official client with a real server, written down and played again."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reactor_sdk import Reactor, ReactorError

from reactor_runtime.manifest import Manifest, import_model, read_manifest
from reactor_runtime.replay import Rendering, read_script
from tests.e2e.server import serve

from .models import Hashes

LIVE = Path(__file__).with_name("live_model.py")


async def drive(url: str, picture: Path) -> None:
    async with Reactor("live", api_url=url, local=True) as reactor:
        await reactor.connect()
        await reactor.send_command("set_level", {"level": 0.25, "words": {"a": [1, 2]}})
        image = await reactor.upload_file(picture)
        await reactor.send_command("pin", {"image": image})
        with pytest.raises(ReactorError):
            await reactor.send_command("set_level", {"level": 2})
        camera = await reactor.track("webcam").publish()
        for number in range(60):
            frame = np.zeros((240, 320, 3), np.uint8)
            frame[:, (number * 4) % 320 :] = number * 4
            camera.push_frame(frame)
            await asyncio.sleep(1 / 30)
        for number in range(5):
            await reactor.send_command("set_level", {"level": number / 8})


def noted(path: Path) -> tuple[list[Any], list[Any]]:
    """What a model wrote down: frames, and all else."""
    notes = [json.loads(line) for line in path.read_text().splitlines()]
    return [note for note in notes if note[0] == "frame"], [note for note in notes if note[0] != "frame"]


@pytest.mark.e2e
def test_a_live_session_is_played_again(tmp_path):
    picture = tmp_path / "picture.png"
    picture.write_bytes(bytes(range(256)) * 20)
    trace, live, again = tmp_path / "live.jsonl", tmp_path / "live.log", tmp_path / "again.log"
    with serve(LIVE, ["--trace", str(trace), f"--model.log={live}"]) as server:
        asyncio.run(drive(server.url, picture))
    frames, others = noted(live)
    assert len(others) == 9 and len(frames) > 20, server.log  # it came and went, and did seven things that were right

    manifest = read_manifest(str(LIVE))
    config = Manifest(manifest.target, manifest.root, config={"log": str(again)})  # type: ignore[arg-type]
    outcome = Rendering(import_model(manifest.target, manifest.root), config, read_script(trace)).run(Hashes)
    assert outcome.failure is None and [item.code for item in outcome.refused] == ["invalid_command"]
    frames_again, others_again = noted(again)
    assert others_again == others
    assert [shape for _, shape, _ in frames_again] == [shape for _, shape, _ in frames]
    apart = np.abs(np.array([means for *_, means in frames_again]) - np.array([means for *_, means in frames]))
    assert apart.max() <= 8
