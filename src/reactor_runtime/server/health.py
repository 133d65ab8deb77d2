"""Whether the server lives, and whether clients can come: for probes, at `/health/live` and `/health/ready`."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..engine.runtime import Runtime
from ..engine.state import State
from .access import admission_of


@dataclass(frozen=True, slots=True)
class Condition:
    """How the server is: for `/health`, for the probes, and for `/metrics`.

    Attributes:
        healthy: it serves, or will once the model has loaded.
        live: it need not be started anew.
        ready: clients can come.
        why: why they cannot, in one line.
    """

    healthy: bool
    live: bool
    ready: bool
    why: str | None


def condition(runtime: Runtime, *, known: bool = True) -> Condition:
    """How it is now.

    Args:
        known: who asks may know what the model failed with.
    """
    live = runtime.state is not State.TERMINATED and not runtime.fatal.done()
    healthy = live and runtime.healthy
    ready = healthy and runtime.state is not State.LOADING
    return Condition(healthy, live, ready, None if ready else _why_not_ready(runtime, known))


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
        so = found.live if asked == "live" else found.ready
        status = HTTPStatus.OK if so else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({asked: so, "why": None if so else found.why}, status)


def _why_not_ready(runtime: Runtime, known: bool) -> str:
    if runtime.ending:
        return "the server is ending"
    if runtime.state is State.LOADING:
        return "the model is loading"
    return (known and runtime.detail) or "the model has failed"
