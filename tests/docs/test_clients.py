"""The clients that the docs show, against the models they are for."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from scripts.browser_tools import HARNESS, ToolMissing, check_packages, chromium, node, tool_environment
from tests.cli.process import call, reactor
from tests.e2e.server import Server, serve

from .pages import DOCS, ROOT, blocks
from .running import run_page

pytestmark = pytest.mark.e2e

PYTHON, JAVASCRIPT = DOCS / "clients" / "python.md", DOCS / "clients" / "javascript.md"
PAINT, WEBCAM = ROOT / "examples" / "paint", ROOT / "examples" / "webcam"
DRIVE = """
import { paint } from "./typed";
import { watch } from "./watch";

export async function run(url: string): Promise<unknown> {
  const video = Object.assign(document.createElement("video"), { muted: true, autoplay: true });
  const size = new Promise((resolve) => { video.onloadeddata = () => resolve([video.videoWidth, video.videoHeight]); });
  const reactor = await watch(url, video);
  const look = new Promise((resolve) => {
    reactor.on("message", (message: any) => message.data.palette === "gold" && resolve("gold"));
  });
  await paint(reactor);
  const told = { size: await size, palette: await look };
  await reactor.disconnect();
  return told;
}
"""


@pytest.fixture(scope="module")
def paint() -> Iterator[Server]:
    with serve(PAINT) as server:
        yield server


@pytest.fixture(scope="module")
def page() -> ModuleType:
    return run_page(PYTHON)


async def test_the_page_about_python_watches_plants_and_paints(page, paint, tmp_path, capsys):
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((30, 40, 3), 128, np.uint8))
    shapes = await page.watch(paint.url)
    assert shapes[-1] == (360, 640, 3) and len(shapes) > 20
    printed = capsys.readouterr().out
    assert "'palette': 'gold'" in printed and "set_speed: speed: 99.0 is above the maximum 3.0" in printed
    planted = await page.plant(tmp_path / "grey.png", paint.url)
    assert planted["data"]["file_name"] == "grey.png"
    assert await page.paint(paint.url) == "gold"


def test_a_session_that_is_joined_goes_on(page, paint):
    assert call(f"{paint.url}/start_session", "POST", {})[0] == 200
    answer = asyncio.run(page.join(paint.url))
    assert answer["data"]["palette"] == "reef"
    assert paint.state() == "serving"
    asyncio.run(page.watch(paint.url))
    paint.wait_state("available")  # the session that it found ends with it, as the page says


async def test_the_page_about_python_hears_why_a_session_ended(page, paint):
    hears = asyncio.create_task(page.until_over(paint.url))
    await asyncio.to_thread(paint.wait_state, "serving")
    async with asyncio.timeout(30):
        while call(f"{paint.url}/session")[1]["state"] != "streaming":
            await asyncio.sleep(0.05)
    assert call(f"{paint.url}/stop_session", "POST", {"reason": "enough for today"})[0] == 200
    assert "enough for today" in await asyncio.wait_for(hears, 30)


async def test_the_page_about_python_films(page):
    with serve(WEBCAM) as server:
        shapes = await page.film(server.url, seconds=2)
    assert len(shapes) > 20


async def test_the_page_about_python_listens(page):
    with serve(ROOT / "examples" / "synth") as server:
        sound = (await page.listen(server.url, seconds=3))[-48_000:, 0]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert min(abs(np.argmax(spectrum) - pitch) for pitch in (440, 660)) < 3  # one of the two voices


async def test_the_page_about_python_measures(page):
    with serve(ROOT / "examples" / "duet") as server:
        nearest = await page.measure(server.url, seconds=2)
    assert len(nearest) > 20 and all(4 < metres < 5 for metres in nearest)


@pytest.fixture
def written(tmp_path) -> Path:
    """The page's TypeScript, beside the typed client that it imports."""
    try:
        check_packages()
    except ToolMissing as problem:
        pytest.fail(str(problem), pytrace=False)
    done = reactor("schema", str(PAINT), "--format", "typescript", "--out", str(tmp_path / "paint_client.ts"))
    assert done.returncode == 0, done.stderr
    for block in blocks(JAVASCRIPT, "ts"):
        (tmp_path / block.title).write_text(block.body)
    (tmp_path / "node_modules").symlink_to(HARNESS / "node_modules")
    return tmp_path


@pytest.mark.browser
def test_the_page_about_javascript_has_the_right_types(written):
    # The SDK's typings name React's, which only those who use React have: hence skipLibCheck.
    options = ["--strict", "--noEmit", "--skipLibCheck", "--noUnusedLocals", "--lib", "es2022,dom"]
    options += ["--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"]
    files = [file.name for file in sorted(written.glob("*.ts"))]
    tool = [str(node()), str(HARNESS / "node_modules" / "typescript" / "bin" / "tsc")]
    done = subprocess.run(
        [*tool, *options, *files],
        cwd=written, env=tool_environment(), capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.browser
@pytest.mark.timeout(180)
def test_the_page_about_javascript_works_in_a_browser(written, paint):
    (written / "drive.ts").write_text(DRIVE)
    driver = [str(node()), str(ROOT / "tests" / "codegen" / "live.mjs"), str(written / "drive.ts"), paint.url]
    done = subprocess.run(
        [*driver, str(chromium()), str(HARNESS)],
        env=tool_environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"size":[640,360]' in done.stdout and '"palette":"gold"' in done.stdout
