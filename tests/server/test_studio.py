"""The studio's files as they are served: what the page names is there, and it names nothing from elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from reactor_runtime.interface.tracks import TrackInfo
from reactor_runtime.server import Access, studio

from .house import serve

STATIC = Path(studio.__file__).parent / "static"
TRACKS = (TrackInfo("main_video", "video", "out"), TrackInfo("voice", "audio", "in", 48000))
SCHEMA = {"openapi": "3.1.0", "info": {"description": "</script><script>alert(1)"}}


def served(name: str = "paint", prefix: str = "") -> httpx.AsyncClient:
    app = Starlette(routes=[Mount(prefix, routes=studio.studio_routes(name, TRACKS, lambda: SCHEMA))])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://reactor.test:8080")


async def test_the_page_is_told_the_model_and_its_tracks() -> None:
    name = 'a </script><b> & "\u2028'
    page = (await served(name).get("/")).text
    told = re.search(r'<script type="application/json" id="known">(.*?)</script>', page)
    assert told is not None
    assert json.loads(told[1]) == {
        "model": name,
        "tracks": [
            {"name": "main_video", "kind": "video", "direction": "out"},
            {"name": "voice", "kind": "audio", "direction": "in"},
        ],
        "schema": SCHEMA,
    }


@pytest.mark.parametrize(("role", "watches"), [("view", True), ("control", None)])
async def test_the_page_is_told_that_its_link_may_only_watch(role: str, watches: bool | None) -> None:
    async with serve(access=Access(token="0123456789abcdef")) as house:
        signed = await house.http.post("/t/0123456789abcdef/tokens", json={"role": role})
        page = (await house.http.get(f"/t/{signed.json()['token']}/")).text
    told = re.search(r'<script type="application/json" id="known">(.*?)</script>', page)
    assert told is not None
    assert json.loads(told[1]).get("watches") is watches


@pytest.mark.parametrize("prefix", ["", "/t/4f1c"])
async def test_all_that_the_page_names_is_there_and_no_file_is_left_out(prefix: str) -> None:
    client = served(prefix=prefix)
    page = await client.get(f"{prefix}/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in page.headers["content-security-policy"]
    named = set(re.findall(r'(?:href|src)="([^"]+)"', page.text))
    for path in named:
        answer = await client.get(f"{prefix}/{path}")
        assert answer.status_code == 200, path
        kind = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}[path.rpartition(".")[2]]
        assert answer.headers["content-type"].partition(";")[0] == kind
        assert answer.headers["cache-control"] == "no-cache"
        again = await client.get(f"{prefix}/{path}", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
    files = {str(path.relative_to(STATIC)) for path in STATIC.rglob("*.*")}
    assert files == {*named, "index.html"}


def test_what_a_module_imports_is_named_by_the_page() -> None:
    """Else it would be asked for only once that module is there: one round of requests more."""
    for module in STATIC.rglob("*.js"):
        for path in re.findall(r'(?:from|import) "([^"]+)"', module.read_text()):
            imported = (module.parent / path).resolve()
            if module.name != "client.js":  # whose examples name other servers
                assert imported.is_file() and imported.is_relative_to(STATIC), f"{module.name}: {path}"


async def test_the_page_is_small() -> None:
    client = served()
    page = (await client.get("/")).text
    named = set(re.findall(r'(?:href|src)="([^"]+)"', page))
    packed = 0
    for path in {"", *named}:
        async with client.stream("GET", f"/{path}") as answer:
            async for part in answer.aiter_raw():
                packed += len(part)
    assert packed < 90_000, "the page and all that it needs have to come in under 100 kB, with their headers"


async def test_a_file_that_is_not_there_and_a_way_out_are_refused() -> None:
    client = served()
    for path in ("/studio/nothing.js", "/studio/../index.html", "/studio/%2e%2e/__init__.py", "/studio/"):
        assert (await client.get(path)).status_code == 404, path
