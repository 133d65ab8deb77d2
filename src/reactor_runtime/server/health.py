"""Whether the server lives, and whether clients can come: for probes, at `/health/live` and `/health/ready`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..engine.runtime import Runtime
from ..engine.state import State
from .access import admission_of


def condition(runtime: Runtime, *, known: bool = True) -> dict[str, Any]:
    """`live`: it need not be started anew. `ready`: clients can come. `why`, where it is not ready, in one line.

    Args:
        known: who asks may know what the model failed with.
    """
    why = _why_not_ready(runtime, known)
    return {"live": _live(runtime), "ready": why is None, "why": why}


class HealthRoutes:
    """Answers probes: 200, or 503 where it is not so."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/health/live", self._told, methods=["GET"], name="live"),
            Route("/health/ready", self._told, methods=["GET"], name="ready"),
        ]

    async def _told(self, request: Request) -> Response:
        asked = request.url.path.rpartition("/")[2]
        found = condition(self._runtime, known=admission_of(request) is not None)
        status = HTTPStatus.OK if found[asked] else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({asked: found[asked], "why": None if found[asked] else found["why"]}, status)


def _live(runtime: Runtime) -> bool:
    return runtime.state is not State.TERMINATED and not runtime.fatal.done()


def _why_not_ready(runtime: Runtime, known: bool) -> str | None:
    if runtime.ending:
        return "the server is ending"
    if runtime.state is State.LOADING:
        return "the model is loading"
    if runtime.detail is not None or not _live(runtime):
        return (known and runtime.detail) or "the model has failed"
    return None
