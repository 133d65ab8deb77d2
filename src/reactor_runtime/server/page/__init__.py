"""The page at `/`: a client in one file."""

from __future__ import annotations

from importlib import resources

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from ..errors import refusal

_HEADERS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}


def page_routes() -> list[Route]:
    """`GET /`."""
    return [Route("/", _page, methods=["GET"])]


async def _page(request: Request) -> Response:
    page = resources.files(__package__).joinpath("index.html")
    try:
        return HTMLResponse(page.read_bytes(), headers=_HEADERS)
    except FileNotFoundError:
        return refusal(404, "this installation has no page; the other routes work: GET /session, GET /schema")
