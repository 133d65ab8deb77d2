"""Clips over HTTP: the playlist, its segments, and what is said where there are none."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from reactor_runtime.media.recording import RecordingSettings, Shelf
from reactor_runtime.media.recording.segmenter import Segmenter
from reactor_runtime.server.clips import ClipRoutes
from reactor_runtime.server.errors import HANDLERS
from tests.media.films import RED, decode, frames, plain, tone
from tests.media.recording.clock import HandClock

from .house import serve

ID = str(uuid.UUID(int=7))
FOLDER = f"/clips/chunks/{ID}"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A recording of 2.5 s, in segments of one, that still runs: its last segment is not whole."""
    shelf = Shelf(tmp_path, clock=HandClock(), retention_seconds=60, max_bytes=2**30)
    recording = shelf.begin(ID, 1.0)
    settings = RecordingSettings(preset="ultrafast").encoder()
    segmenter = Segmenter(video="main", audio=("voice", 48_000), chunk_seconds=1.0, settings=settings)
    for index in range(75):
        sound = {"voice": tone(1 / 30, begin=index / 30)}
        for segment in segmenter.add(frames({"main": plain(RED)}, sound), 100 + index / 30):
            shelf.put(recording, segment)
        if index == 0:
            shelf.put_init(recording, segmenter.init, 100.0)
    segmenter.close()
    return shelf


@pytest.fixture
async def http(shelf: Shelf) -> AsyncIterator[httpx.AsyncClient]:
    routes = ClipRoutes(shelf).routes()
    app = Starlette(routes=[Mount("/at", routes=routes), *routes], exception_handlers=HANDLERS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://reactor.test") as client:
        yield client


def asking(start: float | str, end: float | str, recording_id: str = ID) -> str:
    return f"/clips?session_id={recording_id}&start={start}&end={end}"


async def fetch(http: httpx.AsyncClient, playlist: str) -> bytes:
    """What the clients make of a playlist: its init segment and its segments, in a row."""
    lines = playlist.splitlines()
    paths = [line.split('URI="')[1].rstrip('"') for line in lines if line.startswith("#EXT-X-MAP")]
    paths += [line for line in lines if not line.startswith("#")]
    replies = [await http.get(path) for path in paths]
    assert {reply.status_code for reply in replies} == {200}
    assert [reply.headers["content-type"] for reply in replies] == ["video/mp4"] + ["video/iso.segment"] * (
        len(paths) - 1
    )
    return b"".join(reply.content for reply in replies)


async def test_the_playlist_names_the_segments(http: httpx.AsyncClient) -> None:
    reply = await http.get(asking(0, 2))
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("application/vnd.apple.mpegurl")
    assert reply.text.splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:1",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        f'#EXT-X-MAP:URI="{FOLDER}/init.mp4"',
        "#EXTINF:1.000,",
        f"{FOLDER}/chunk_00000.m4s",
        "#EXTINF:1.000,",
        f"{FOLDER}/chunk_00001.m4s",
        "#EXT-X-ENDLIST",
    ]
    (video,), (audio,) = decode(await fetch(http, reply.text))
    assert video.duration == pytest.approx(2.0, abs=0.001) and len(video.times) == 60
    assert audio.duration == pytest.approx(2.0, abs=0.03)


async def test_a_clip_from_the_middle_begins_at_0(http: httpx.AsyncClient) -> None:
    reply = await http.get(asking(1.25, 1.75))
    assert [line for line in reply.text.splitlines() if "chunk_" in line] == [f"{FOLDER}/chunk_00001.m4s?from=1.000000"]
    (video,), (audio,) = decode(await fetch(http, reply.text))
    assert (video.times[0], video.duration) == pytest.approx((0.0, 1.0), abs=0.001)
    assert audio.times[0] < 0.03


async def test_under_a_prefix_the_segments_are_too(http: httpx.AsyncClient) -> None:
    reply = await http.get("/at" + asking(0, 1))
    assert f"/at{FOLDER}/chunk_00000.m4s" in reply.text.splitlines()


async def test_what_is_not_whole_yet_is_asked_for_again(http: httpx.AsyncClient, shelf: Shelf) -> None:
    reply = await http.get(asking(0, 2.5))
    assert (reply.status_code, reply.headers["retry-after"], reply.content) == (202, "2", b"")
    missing = await http.get(f"{FOLDER}/chunk_00002.m4s")
    assert (missing.status_code, missing.json()) == (404, {"detail": "there is no chunk_00002.m4s yet"})
    shelf.finish(shelf.find(ID), 2.0)
    assert (await http.get(asking(0, 2.5))).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "part"),
    [
        (asking(0, 1, str(uuid.UUID(int=8))), 410, "no such recording"),
        (asking(-1, 1), 400, "0 <= start < end"),
        (asking(1, 1), 400, "0 <= start < end"),
        (asking("soon", 1), 422, "start: expected a number of seconds"),
        (asking(0, "inf"), 422, "end: expected a number of seconds"),
        (f"/clips?session_id={ID}&start=0", 422, "end: required"),
        (f"{FOLDER}/chunk_1.m4s", 404, "no such file"),
        (f"{FOLDER}/recording.json", 404, "no such file"),
        (f"{FOLDER}/..%2F..%2Fsecret", 404, "no such"),
        (f"{FOLDER}/chunk_00000.m4s?from=x", 422, "from: expected a number of seconds"),
        ("/clips/chunks/nobody/init.mp4", 410, "no such recording"),
    ],
)
async def test_what_cannot_be_had_is_said(http: httpx.AsyncClient, path: str, status: int, part: str) -> None:
    reply = await http.get(path)
    assert reply.status_code == status
    detail = reply.json()["detail"]
    assert part in (detail if isinstance(detail, str) else detail[0]["msg"])


async def test_a_server_that_records_nothing_says_so() -> None:
    async with serve() as house:
        reply = await house.http.get(asking(0, 1))
        assert reply.status_code == 410
        assert "recording.enabled" in reply.json()["detail"]
        assert (await house.http.get(f"{FOLDER}/init.mp4")).status_code == 410
