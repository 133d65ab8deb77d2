"""How long an author waits: from a saved file to the picture it makes, and for a minute of a model under the test kit.

Makes a workspace from the template `model`, serves it with `--reload`, and saves it again and again with another
colour; then does the same by ending the server and starting it anew. Prints one JSON object; nothing is asserted.

    make bench-developing                   # or: python -m bench.developing
    make bench-developing ARGS="--saves 20"
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from reactor_sdk import Reactor

from reactor_runtime.scaffold import Workspace, create_workspace
from reactor_runtime.testing import Harness
from tests.e2e.server import serve

NAME = "author"
LEVELS = (40, 220)
PATIENCE = 30.0


class Screen:
    """The mean of the newest picture; `wait` returns when it is that of a level."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._level = -1.0

    def frame(self, rgb: NDArray[np.uint8], *_: Any) -> None:
        with self._changed:
            self._level = float(rgb[::8, ::8].mean())
            self._changed.notify_all()

    def wait(self, level: int) -> float:
        with self._changed:
            if not self._changed.wait_for(lambda: abs(self._level - level) < 12, PATIENCE):
                raise TimeoutError(f"no picture of level {level} within {PATIENCE:g} s")
        return time.perf_counter()


def save(workspace: Workspace, source: str, level: int) -> float:
    """Let the model show a flat picture of `level`; returns when it was saved."""
    flat = f"return np.full((360, 640, 3), {level}, np.uint8)\n"
    (workspace.folder / f"{workspace.module}.py").write_text(source.replace("waves = ", flat + "        waves = ", 1))
    return time.perf_counter()


async def with_reload(workspace: Workspace, source: str, saves: int) -> list[float]:
    save(workspace, source, 128)
    screen = Screen()
    with serve(workspace.folder, ["--reload"]) as server:
        async with Reactor(NAME, api_url=server.url, local=True) as reactor:
            reactor.track("main_video").on_frame(screen.frame)
            await reactor.connect()
            await asyncio.to_thread(screen.wait, 128)
            await asyncio.sleep(1.5)  # until files are watched
            took = []
            for number in range(saves):
                level = LEVELS[number % 2]
                saved = save(workspace, source, level)
                took.append(await asyncio.to_thread(screen.wait, level) - saved)
                await asyncio.sleep(0.3)
    return took


async def with_a_new_start(workspace: Workspace, source: str, saves: int) -> list[float]:
    took = []
    for number in range(saves):
        level, screen = LEVELS[number % 2], Screen()
        saved = save(workspace, source, level)
        with serve(workspace.folder) as server:
            async with Reactor(NAME, api_url=server.url, local=True) as reactor:
                reactor.track("main_video").on_frame(screen.frame)
                await reactor.connect()
                took.append(await asyncio.to_thread(screen.wait, level) - saved)
    return took


def minute(workspace: Workspace, source: str) -> dict[str, float]:
    """A minute of the template under the test kit, and how much of it is the kit's: against the bare picture()."""
    (workspace.folder / f"{workspace.module}.py").write_text(source)
    with Harness(workspace.folder, config={"width": 64, "height": 36}) as harness:
        client = harness.connect()
        began = time.perf_counter()
        harness.run(60)
        whole = time.perf_counter() - began
        frames = len(client.frames)
        began = time.perf_counter()
        for _ in range(frames):
            harness.model.picture()
        own = time.perf_counter() - began
    return {
        "real_ms": round(whole * 1000),
        "model_ms": round(own * 1000),
        "frames": frames,
        "kit_us_per_frame": round((whole - own) / frames * 1e6),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--saves", type=int, default=10, help="how often the file is saved (10)")
    saves = parser.parse_args().saves
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(str(Path(folder) / NAME))
        source = (workspace.folder / f"{workspace.module}.py").read_text()
        reload = asyncio.run(with_reload(workspace, source, saves))
        anew = asyncio.run(with_a_new_start(workspace, source, max(3, saves // 3)))
        kit = minute(workspace, source)
    print(
        json.dumps(
            {
                "save_to_visible_ms": {"reload": _figures(reload), "new_start_and_connect": _figures(anew)},
                "ratio": round(statistics.median(reload) / statistics.median(anew), 3),
                "minute_under_the_kit": kit,
            },
            indent=2,
        )
    )


def _figures(seconds: list[float]) -> dict[str, int]:
    return {"p50": round(statistics.median(seconds) * 1000), "max": round(max(seconds) * 1000), "n": len(seconds)}


if __name__ == "__main__":
    main()
