"""The session's routes: start, stop, descriptor, schema, health."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..engine.runtime import Runtime
from ..engine.state import IN_SESSION, State
from ..errors import NotReady
from .access import admission_of, admitted
from .body import problem, read_json
from .descriptor import descriptor, health
from .errors import RequestError


class StartBody(msgspec.Struct):
    """`POST /start_session`. Keys that shape no session here (`session_id`, `extra_args`, unknown ones) are ignored."""

    generation: Any = None
    starting_input: Any = None
    steps: Any = None


class StopBody(msgspec.Struct):
    """`POST /stop_session`."""

    moderate: bool | None = None
    reason: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class SessionRoutes:
    """Starts, shows and stops the one session of a runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/start_session", self._start, methods=["POST"]),
            Route("/stop_session", self._stop, methods=["POST"]),
            Route("/session", self._show, methods=["GET"]),
            Route("/schema", self._schema, methods=["GET"]),
            Route("/health", self._health, methods=["GET"]),
        ]

    async def _start(self, request: Request) -> Response:
        body = await read_json(request, StartBody, self._runtime.limits, empty=StartBody())
        _check_shape(body)
        if admitted(request).watches_only and self._runtime.state not in IN_SESSION:
            raise RequestError(403, "no session runs, and a token of the role view does not start one; try again later")
        await self._runtime.start_session()
        return JSONResponse(descriptor(self._runtime))

    async def _stop(self, request: Request) -> Response:
        body = await read_json(request, StopBody, self._runtime.limits, empty=StopBody())
        if self._runtime.state is State.TERMINATED:
            raise NotReady("the server is ending")
        await self._runtime.stop_session(body.reason or ("moderated" if body.moderate else ""))
        return Response()

    async def _show(self, request: Request) -> Response:
        return JSONResponse(descriptor(self._runtime))

    async def _schema(self, request: Request) -> Response:
        return JSONResponse(self._runtime.schema)

    async def _health(self, request: Request) -> Response:
        wait = request.query_params.get("wait")
        if wait == "loading":
            await self._until_loaded()
        elif wait is not None:
            raise RequestError(422, [problem("invalid", ["wait"], "wait: expected 'loading'", wait, where="query")])
        known = admission_of(request) is not None
        told = health(self._runtime, known=known)
        return JSONResponse(told, 200 if told["status"] == "healthy" else 503)

    async def _until_loaded(self) -> None:
        """Wait until the model has loaded, or has failed to, or `health_wait` is over."""
        loaded = asyncio.create_task(self._runtime.loaded(), name="a request waits for the model")
        try:
            await asyncio.wait({loaded}, timeout=self._runtime.limits.health_wait)
        finally:
            loaded.cancel()
            await asyncio.gather(loaded, return_exceptions=True)


def _check_shape(body: StartBody) -> None:
    """Refuse what would make another session than the one this server runs.

    Raises:
        RequestError: 400, naming the key.
    """
    if body.generation == "stepped":
        raise RequestError(400, "generation: this server streams; stepped sessions are not offered, leave the key out")
    if body.generation not in (None, "streamed"):
        raise RequestError(400, "generation: expected 'streamed'")
    for key in ("starting_input", "steps"):
        if getattr(body, key) is not None:
            raise RequestError(400, f"{key}: not offered by this server; leave the key out")
