"""Lets in who has a token: `Authorization: Bearer TOKEN`, or a path that begins with `/t/TOKEN/`, for clients that can
only be given a base URL. The path wins, since official clients send a bearer of their own."""

from __future__ import annotations

import dataclasses
import re
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ...counters import Counters
from ...engine.admission import UNRESTRICTED, Admission
from ..errors import refusal
from .rules import needed
from .tokens import Tokens

_KEY = "reactor.admission"
_PREFIX = "/t/"
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f]")
"""No route has one, but a route's pattern matches with a line's end behind it, and what it asks for is told by the path
as it stands."""
_MISSING = "this server asks for a token: send 'Authorization: Bearer TOKEN', or put /t/TOKEN in front of the path"
_WRONG = "this token is not valid here, or is over"
_PAGE = (
    "<!doctype html><meta charset=utf-8><title>A token is needed</title>"
    "<body style='font:16px system-ui;margin:15vh auto;max-width:34em;padding:0 1em'>"
    "<h1 style='font-size:1.3em'>This server asks for a token</h1>"
    "<p>Open the link that came with it. It ends in <code>/t/TOKEN/</code>.</p>"
)


def admission_of(request: Request) -> Admission | None:
    """With what the request was let in: everything where the server asks for no token, None where it is open to all
    and came without one."""
    found: Admission | None = request.scope.get(_KEY, UNRESTRICTED)
    return found


class Guard:
    """Middleware. What stands behind `/t/TOKEN` is routed as if it stood alone, with `root_path` saying what was in
    front, so that the addresses handed out have it too.

    Args:
        tokens: None where the server asks for none; then everybody is let in.
    """

    def __init__(self, app: ASGIApp, tokens: Tokens | None, counters: Counters) -> None:
        self._app = app
        self._tokens = tokens
        self._counters = counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = self._admit(scope)
        if isinstance(answer, Response):
            await answer(scope, receive, send)
        else:
            await self._app(answer, receive, send)

    def _admit(self, scope: Scope) -> Scope | Response:
        """The request as the routes see it, or what it is refused with."""
        path: str = scope["path"]
        if _NO_TEXT.search(path):
            return refusal(HTTPStatus.BAD_REQUEST, "there is a control character in the path")
        in_path, token, rest = _split(path)
        if self._tokens is None:
            if in_path:
                return refusal(HTTPStatus.NOT_FOUND, "this server asks for no token: leave /t/TOKEN out of the address")
            return scope
        if in_path:
            admission = self._tokens.read(token)
            if admission is not None:
                base = _PREFIX + token
                if not rest:
                    return RedirectResponse(base + "/", HTTPStatus.TEMPORARY_REDIRECT)
                admission = dataclasses.replace(admission, base=base)
                # A client that puts its base URL in front of an address that has it already means the address.
                while rest.startswith(base + "/"):
                    rest = rest.removeprefix(base)
                scope = {**scope, "root_path": base, "path": base + rest}
        else:
            rest = path
            scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
            token = token.strip() if scheme.lower() == "bearer" else ""
            admission = self._tokens.read(token) if token else None
        role = needed(rest)
        if role is not None and admission is None:
            return self._unknown(scope, token)
        if role is not None and admission is not None and admission.role < role:
            self._counters.add("access.forbidden")
            who = admission.role.name.lower()
            return refusal(HTTPStatus.FORBIDDEN, f"{scope['method']} {rest} is not for a token of the role {who}")
        return {**scope, _KEY: admission}

    def _unknown(self, scope: Scope, token: str) -> Response:
        self._counters.add("access.denied")
        headers = {"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"}
        if not token and "text/html" in Headers(scope=scope).get("accept", ""):
            return Response(_PAGE, HTTPStatus.UNAUTHORIZED, headers, "text/html")
        return refusal(HTTPStatus.UNAUTHORIZED, _WRONG if token else _MISSING, headers)


def _split(path: str) -> tuple[bool, str, str]:
    """Whether a path begins with a token, the token, and what is behind it."""
    if not path.startswith(_PREFIX):
        return False, "", path
    token, slash, rest = path[len(_PREFIX) :].partition("/")
    return True, token, slash + rest


def admitted(request: Request) -> Admission:
    """As `admission_of`, for routes that nobody reaches without."""
    found = admission_of(request)
    assert found is not None
    return found
