"""The page at `/`, and the browser client that it is made with, at `/client.js`: static files, and all of them ours."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from ...interface.tracks import TrackInfo
from ..access import admission_of

_STATIC = Path(__file__).parent / "static"
_HEADERS = {
    "Cache-Control": "no-cache",  # ask each time; an ETag makes that cheap
    "X-Content-Type-Options": "nosniff",
}
_PAGE_HEADERS = _HEADERS | {
    "Referrer-Policy": "no-referrer",  # its address may hold a token
}
_POLICY = (
    # The page asks nobody but this server. Its worker, its pictures to save and its films are blobs of its own.
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; worker-src blob:; frame-ancestors "
)
_MODEL = b"<!-- model -->"


def studio_routes(
    name: str, tracks: Sequence[TrackInfo], schema: Callable[[], Mapping[str, Any]], framers: str = "'self'"
) -> list[BaseRoute]:
    """`GET /`, `/client.js` and what the page needs, under `/studio`.

    Args:
        name, tracks, schema: the model's; the schema is empty until it has loaded. The page is told them with its first
            bytes, so that everything has its place before there is a connection.
        framers: pages that may show it inside of theirs, as a content security policy names them.
    """
    # A module of another type is not run by browsers, and some systems' own tables say text/plain.
    mimetypes.add_type("text/javascript", ".js")
    files = _Files(directory=_STATIC)
    headers = _PAGE_HEADERS | {"Content-Security-Policy": _POLICY + framers}
    template = (_STATIC / "index.html").read_bytes()

    async def page(request: Request) -> Response:
        admission = admission_of(request)
        watches = admission is not None and admission.watches_only
        known = _known(name, tracks, schema(), watches)
        return HTMLResponse(template.replace(_MODEL, known), headers=headers)

    async def client(request: Request) -> Response:
        return await files.get_response("client.js", request.scope)

    packed = [Middleware(GZipMiddleware)]
    return [
        Route("/", page, methods=["GET"], middleware=packed),
        Route("/client.js", client, methods=["GET"], middleware=packed),
        Mount("/studio", app=_Files(directory=_STATIC / "studio"), middleware=packed),
    ]


def _known(name: str, tracks: Sequence[TrackInfo], schema: Mapping[str, Any], watches: bool) -> bytes:
    """The model, and whether who asks may only watch it."""
    known = {
        "model": name,
        "tracks": [{"name": track.name, "kind": track.kind, "direction": track.direction} for track in tracks],
        "schema": schema or None,
        **({"watches": True} if watches else {}),
    }
    told = msgspec.json.encode(known).replace(b"<", b"\\u003c")  # a text must not end the element it stands in
    return b'<script type="application/json" id="known">' + told + b"</script>"


class _Files(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers.update(_HEADERS)
        return answer
