"""Clips, recordings and films of a real session: asked for by the official client, read back, played, and what is left
when the process is killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
from reactor_sdk import Reactor, ReactorError

from scripts.browser_tools import HARNESS, node, tool_environment
from tests.docs.running import run_page
from tests.e2e.checks import run_checks
from tests.e2e.server import ROOT, Server
from tests.media.films import Stream, decode, loud, near

MODEL = Path(__file__).parent / "recorded" / "recorded.py"
MANIFEST = """
model: {name: recorded}
runtime:
  import: "recorded:Recorded"
  recording: {enabled: true, chunk_seconds: 1, dir: recordings, video: {preset: ultrafast}}
"""
RED, BLUE = (200, 0, 0), (0, 0, 200)
WAIT = 60.0


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    shutil.copy(MODEL, tmp_path)
    (tmp_path / "reactor.yaml").write_text(MANIFEST)
    return tmp_path


@pytest.fixture
def servers(workspace: Path) -> Iterator[list[Server]]:
    """Servers to be stopped, whatever happens."""
    started: list[Server] = []
    yield started
    for server in started:
        server.stop()


def begin(servers: list[Server], workspace: Path) -> Server:
    server = Server(workspace, ["--record", str(workspace / "films")])
    servers.append(server)
    server.wait_available()
    return server


def check_film(film: bytes, at_least: float) -> tuple[Stream, Stream]:
    """One video and one audio stream, decoded without an error, both from 0 on, of one length."""
    (video,), (audio,) = decode(film)
    assert video.times[0] == pytest.approx(0.0, abs=1e-3) and audio.times[0] < 0.03
    assert (video.width, video.height) == (320, 180)
    assert video.duration >= at_least and audio.duration == pytest.approx(video.duration, abs=0.1)
    assert loud(audio, 0.3, at_least - 0.3) > 0.2
    return video, audio


def check_probe(film: Path) -> None:
    """ffprobe, where it is installed, decodes it without a word."""
    if shutil.which("ffprobe"):
        command = ["ffprobe", "-v", "warning", "-count_frames", "-show_entries", "stream=nb_read_frames", str(film)]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stderr == ""


async def marker(client: Reactor, seconds: float) -> Any:
    """Wait until the recording is so long; returns the clip that said so."""
    async with asyncio.timeout(WAIT):
        while True:
            # Before the first picture has left, a clip is refused.
            with contextlib.suppress(ReactorError):
                clip = await client.request_clip(2.0)
                if clip.now_marker >= seconds:
                    return clip
            await asyncio.sleep(0.1)


@pytest.mark.browser
@pytest.mark.timeout(240)
async def test_a_session_is_recorded_and_survives_a_kill(workspace: Path, servers: list[Server], browser: Path) -> None:
    server = begin(servers, workspace)
    client = Reactor("recorded", api_url=server.url, local=True)
    await client.connect()
    await marker(client, 2.5)
    await client.send_command("change_size", {})
    snap = await marker(client, 6.0)
    assert (snap.kind, snap.end_marker - snap.start_marker) == ("snap", pytest.approx(2.0))
    clip = workspace / "clip.mp4"
    clip.write_bytes(await client.download(snap, ready_timeout=WAIT))
    video, _ = check_film(clip.read_bytes(), 2.0)
    assert video.duration <= 4.001  # whole segments of a second, and no more of them than it touches
    assert near(video.colour(-1), BLUE)
    check_probe(clip)

    whole = await client.request_recording()
    assert (whole.kind, whole.start_marker) == ("recording", 0.0)
    recording = workspace / "recording.mp4"
    recording.write_bytes(await client.download(whole, ready_timeout=WAIT))
    video, _ = check_film(recording.read_bytes(), 6.0)
    assert near(video.colour(20), RED) and near(video.colour(-1), BLUE)
    check_probe(recording)

    os.kill(server.pid, signal.SIGKILL)
    assert server.stop() == -signal.SIGKILL
    again = begin(servers, workspace)
    query = urlencode({"session_id": whole.session_id, "start": 0, "end": 10_000})
    playlist = urljoin(again.url, f"/clips?{query}")
    survived = workspace / "survived.mp4"
    survived.write_bytes(await asyncio.to_thread(fetch, playlist))
    check_film(survived.read_bytes(), 6.0)
    check_probe(survived)
    assert not list((workspace / "recordings").rglob("*.part"))

    (film,) = (workspace / "films").iterdir()
    check_film(film.read_bytes(), 3.0)
    check_probe(film)
    check_playback(again, browser, [clip, recording, survived, film])


def fetch(playlist: str) -> bytes:
    """The init segment and the segments that a playlist names, in a row."""
    with urllib.request.urlopen(playlist, timeout=WAIT) as reply:
        assert reply.status == 200
        lines = reply.read().decode().splitlines()
    names = [line.split('URI="')[1].rstrip('"') for line in lines if line.startswith("#EXT-X-MAP")]
    names += [line for line in lines if not line.startswith("#")]
    parts = []
    for name in names:
        with urllib.request.urlopen(urljoin(playlist, name), timeout=WAIT) as reply:
            parts.append(reply.read())
    return b"".join(parts)


def check_playback(server: Server, browser: Path, films: list[Path]) -> None:
    """Each film plays to its end in Chromium, from 0 on, with its size and its length."""
    player: list[str | Path] = [node(), HARNESS / "film_page.mjs", "--url", server.url, "--chromium", browser]
    checks = run_checks(
        [*player, "--file", ",".join(map(str, films))], seconds=120, cwd=HARNESS, env=tool_environment()
    )
    checks.assert_passed(*(f"plays {film.name}" for film in films))
    for film in films:
        (video,), (audio,) = decode(film)
        (played,) = [row["figure"] for row in checks.rows if row["name"] == f"plays {film.name}"]
        assert (played["width"], played["height"]) == (320, 180)
        assert played["first"] < 0.1
        assert played["seconds"] == pytest.approx(max(video.duration, audio.duration), abs=0.1)


@pytest.mark.timeout(120)
async def test_the_page_about_recording_and_a_film_of_a_session_that_ends(
    workspace: Path, servers: list[Server]
) -> None:
    server = begin(servers, workspace)
    page = run_page(ROOT / "docs" / "recording.md")
    clip = workspace / "clip.mp4"
    assert (await page.keep(server.url, "recorded", str(clip), seconds=2)).kind == "snap"
    check_film(clip.read_bytes(), 1.0)
    assert server.stop() == 0
    (film,) = (workspace / "films").glob("*.mp4")
    assert f"the session was recorded: {film}" in server.log
    check_film(film.read_bytes(), 2.0)
    check_probe(film)
