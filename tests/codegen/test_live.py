"""Generated clients and real servers."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from reactor_sdk import DecodeError, Reactor, ReactorError

from reactor_runtime.codegen import typescript_client
from scripts.browser_tools import HARNESS, ToolMissing, check_packages, chromium, node, tool_environment
from tests.cli.process import reactor as command_line
from tests.e2e.server import Server, serve

from .clients import PAINT, document_of, load, python_module

pytestmark = pytest.mark.e2e

HERE = Path(__file__).parent
SECONDS = 20.0


@pytest.fixture(scope="module")
def echo() -> Iterator[Server]:
    with serve(HERE / "echo.py") as server:
        yield server


async def test_a_client_of_a_running_server_drives_it(tmp_path: Path) -> None:
    with serve(PAINT) as server:
        made = command_line("schema", server.url, "--format", "python")
        assert (made.returncode, made.stderr) == (0, "")
        assert f"#   reactor schema {server.url} --format python\n" in made.stdout
        module = load(made.stdout, tmp_path, "live_paint_client")
        cv2.imwrite(str(tmp_path / "grey.png"), np.full((30, 40, 3), 128, np.uint8))
        async with Reactor("paint", api_url=server.url, local=True) as reactor:
            client = module.PaintClient(reactor)
            progress: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            seen: list[Any] = []
            client.on_message(seen.append)

            @client.on_progress  # type: ignore[untyped-decorator]
            async def on_progress(message: Any) -> None:
                client.off(on_progress)
                progress.set_result(message)

            await reactor.connect()
            look = await client.set_palette(palette="gold")
            assert look == module.Look(palette="gold", speed=1.0, seed=look.seed)
            assert isinstance(look.seed, int)
            assert await client.paint(x=0.5, y=0.5) is None
            again = await client.reset(seed=look.seed)
            assert again == look
            planted = await client.plant_image(image=tmp_path / "grey.png")
            assert planted == module.Planted(file_name="grey.png", width=40, height=30)
            with pytest.raises(ReactorError, match=r"paint: x: 2\.0 is above the maximum 1\.0") as refused:
                await client.paint(x=2, y=0.5)
            assert refused.value.code == "invalid_command"
            with pytest.raises(ReactorError) as refused:
                await client.plant_image(image=b"no image")
            assert refused.value.code == "bad_image"
            told = await asyncio.wait_for(progress, SECONDS)
            assert isinstance(told, module.Progress) and isinstance(told.step, int) and 0 <= told.coverage <= 1
            assert look in seen and planted in seen and told in seen
            assert reactor.track(module.Tracks.MAIN_VIDEO).name == "main_video"


async def test_all_kinds_of_values_arrive_in_python(echo: Server, tmp_path: Path) -> None:
    module = python_module(document_of(HERE / "echo.py"), tmp_path, "live_echo_client")
    (tmp_path / "six.txt").write_text("six")
    async with Reactor("echo", api_url=echo.url, local=True) as reactor:
        client = module.EchoClient(reactor)
        noted: asyncio.Queue[Any] = asyncio.Queue()
        client.on_noted(noted.put_nowait)
        await reactor.connect()
        point = module.Point(x=0.25)
        assert point.y == 0.5
        brush = module.Brush(point=point, label="soft", points=[point, module.Point(x=0, y=1)])
        drawn = await client.draw(brush=brush, points=[point], mood="wild", steps=2, numbers=[3])
        assert drawn == module.Drawn(brush=brush, points=[point], mood="wild", steps=2, point=None, numbers=[3])
        assert (type(drawn.steps), type(drawn.numbers[0]), type(drawn.brush.size)) == (int, int, int)
        drawn = await client.draw(brush=module.Brush(point=point), points=[], point=point)
        bare = module.Brush(point=point, size=3, label=None, points=[])
        assert drawn == module.Drawn(brush=bare, points=[], mood="calm", steps=1, point=point, numbers=[1, 2])
        assert await client.sort(points={"a": point}) == module.Sorted(points={"a": point}, point=point)
        known = await reactor.upload_file(b"known")
        received = await client.take(
            one=known,
            many=[b"two", str(tmp_path / "six.txt")],
            named={"three": known},
            scene=module.Scene(background=tmp_path / "six.txt", title="a scene", layers=[b"four"]),
            maybe=(tmp_path / "six.txt").open("rb"),
        )
        files = {"one": "known", "many 0": "two", "many 1": "six", "three": "known", "background": "six"}
        assert received == module.Received(files={**files, "layer 0": "four", "maybe": "six"})
        assert await client.class_(number=3) is None
        assert await asyncio.wait_for(noted.get(), SECONDS) == module.Noted(number=3)
        with pytest.raises(ReactorError, match="as you wish") as refused:
            await client.refuse(code="no")
        assert refused.value.code == "no"
        with pytest.raises(DecodeError, match="wrong: no Noted came, but Other"):
            await client.wrong()


@pytest.mark.browser
@pytest.mark.timeout(180)
def test_all_kinds_of_values_arrive_in_a_browser(echo: Server, tmp_path: Path) -> None:
    try:
        check_packages()
        driver: list[str | Path] = [node(), HERE / "live.mjs", tmp_path / "uses_echo.ts", echo.url, chromium(), HARNESS]
    except ToolMissing as problem:
        pytest.fail(str(problem), pytrace=False)
    (tmp_path / "echo_client.ts").write_text(typescript_client(document_of(HERE / "echo.py"), "x"))
    (tmp_path / "uses_echo.ts").write_text((HERE / "uses_echo.ts").read_text())
    done = subprocess.run(driver, env=tool_environment(), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    point, files = {"x": 0.25, "y": 0.5}, {"one": "one", "many 0": "two", "many 1": "one", "three": "three"}
    brush = {"point": point, "size": 3, "label": None, "points": []}
    assert told["results"] == [
        {"brush": brush, "points": [{"x": 1, "y": 0}], "mood": "calm", "steps": 2, "point": None, "numbers": [1, 2]},
        {"points": {"a": {"x": 0.5, "y": 0.5}}, "point": point},
        {"files": {**files, "background": "four", "layer 0": "one"}},
        {"number": 3},
        {"command": "refuse", "code": "no", "message": "as you wish"},
    ]
    assert told["types"] == ["drawn", "sorted", "received", "noted"]
