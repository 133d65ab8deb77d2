"""From exceptions to answers: `{"detail": ...}` with the status each error carries; every answer is counted."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..counters import Counters
from ..errors import ClipError, NotReady, SessionError, SignallingError, UploadError

logger = logging.getLogger("reactor.http")


class RequestError(Exception):
    """A request that is refused for what it says.

    Args:
        status: what it is answered with.
        detail: a text, or a list of what is wrong with its body (see `body.problem`).
    """

    def __init__(self, status: int, detail: str | list[dict[str, Any]]) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def refusal(status: int, detail: Any, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to a request that is refused."""
    return JSONResponse({"detail": detail}, status, headers)


async def _request_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    return refusal(error.status, error.detail)


async def _reactor_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, (ClipError, SessionError, SignallingError, UploadError))
    retry_after = error.retry_after if isinstance(error, (NotReady, SignallingError)) else None
    return refusal(error.status, str(error), None if retry_after is None else {"Retry-After": str(retry_after)})


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = f"no such route: {request.method} {_path(request)}"
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        detail = f"{request.method} is not for {_path(request)}" + (f"; use {allowed}" if allowed else "")
    else:
        detail = error.detail
    return refusal(error.status_code, detail, error.headers)


def _path(request: Request) -> str:
    """The path, without what stands in front of every route: that may be a token."""
    return str(request.url.path).removeprefix(request.scope.get("root_path", ""))


HANDLERS: dict[Any, Any] = {
    RequestError: _request_error,
    ClipError: _reactor_error,
    SessionError: _reactor_error,
    SignallingError: _reactor_error,
    UploadError: _reactor_error,
    HTTPException: _http_error,
}


class Failures:
    """Middleware within CORS, so that a browser can read a 500 too: counts each answer as `http.<status>`, and turns
    an unexpected exception into a 500 that gives nothing away, with the traceback in the log."""

    def __init__(self, app: ASGIApp, counters: Counters) -> None:
        self._app = app
        self._counters = counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def counted_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._counters.add(f"http.{message['status']}")
            await send(message)

        try:
            await self._app(scope, receive, counted_send)
        except ClientDisconnect:
            self._counters.add("http.disconnected")
            logger.info("%s %s: the client hung up before its body ended", scope["method"], scope["path"])
        except Exception:
            self._counters.add("http.failed")
            logger.exception("%s %s failed", scope["method"], scope["path"])
            if not started:
                response = refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error; see the server's log")
                await response(scope, receive, counted_send)
