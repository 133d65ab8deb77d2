"""Clips: a playlist of the segments of a recording, and the segments.

A clip that does not begin with its recording gets its segments with all times moved, so that the file they make begins
at 0 whatever part of the recording it is.
"""

from __future__ import annotations

import asyncio
import math
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import ClipError
from ..media.recording import Shelf
from ..media.recording.boxes import moved, timescales
from ..media.recording.shelf import INIT, Span, chunk_name
from .body import problem
from .errors import RequestError

_RETRY_SECONDS = 2


class ClipRoutes:
    """Serves what lies on a shelf; without one, says that nothing is recorded."""

    def __init__(self, shelf: Shelf | None) -> None:
        self._shelf = shelf

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/clips", self._playlist, methods=["GET"]),
            Route("/clips/chunks/{recording_id}/{name}", self._chunk, methods=["GET"]),
        ]

    async def _playlist(self, request: Request) -> Response:
        missing = [key for key in ("session_id", "start", "end") if key not in request.query_params]
        if missing:
            raise RequestError(
                422, [problem("missing", [key], f"{key}: required", None, where="query") for key in missing]
            )
        start, end = _seconds(request, "start"), _seconds(request, "end")
        span = self._recordings().span(request.query_params["session_id"], start, end)
        if span is None:
            return Response(status_code=202, headers={"Retry-After": str(_RETRY_SECONDS)})
        playlist = _playlist(span, request.scope.get("root_path", ""))
        return Response(playlist, media_type="application/vnd.apple.mpegurl", headers={"Cache-Control": "no-store"})

    async def _chunk(self, request: Request) -> Response:
        recording_id, name = request.path_params["recording_id"], request.path_params["name"]
        begin = _seconds(request, "from") if "from" in request.query_params else 0.0
        data = await asyncio.to_thread(_read, self._recordings(), recording_id, name, begin)
        return Response(data, media_type="video/mp4" if name == INIT else "video/iso.segment")

    def _recordings(self) -> Shelf:
        if self._shelf is None:
            raise ClipError("nothing is recorded: recording.enabled is not set in the manifest", status=410)
        return self._shelf


def _read(shelf: Shelf, recording_id: str, name: str, begin: float) -> bytes:
    data = shelf.read(recording_id, name)
    if begin <= 0 or name == INIT:
        return data
    return moved(data, begin, timescales(shelf.read(recording_id, INIT)))


def _playlist(span: Span, root: str) -> str:
    folder = f"{root}/clips/chunks/{quote(span.id)}"
    begin = span.first * span.chunk_seconds
    moving = f"?from={begin:.6f}" if begin else ""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{math.ceil(span.chunk_seconds)}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        f'#EXT-X-MAP:URI="{folder}/{INIT}"',
    ]
    for index, seconds in enumerate(span.durations, span.first):
        lines += [f"#EXTINF:{seconds:.3f},", f"{folder}/{chunk_name(index)}{moving}"]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def _seconds(request: Request, key: str) -> float:
    text = request.query_params[key]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise RequestError(
            422, [problem("invalid", [key], f"{key}: expected a number of seconds", text, where="query")]
        )
    return value
