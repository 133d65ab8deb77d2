"""`POST /tokens`: a token for somebody else, for a while, that may do less."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...limits import Limits
from ..body import problem, read_json
from ..errors import RequestError
from .tokens import Tokens

_SECONDS = 3600.0


class TokenBody(msgspec.Struct):
    """What the token is for. `ttl` is in seconds."""

    role: Literal["control", "view"] = "view"
    ttl: Annotated[float, msgspec.Meta(gt=0)] = _SECONDS


class TokenRoutes:
    """Signs tokens. Only for the holder of the server's own token.

    Args:
        tokens: None where the server asks for none.
    """

    def __init__(self, tokens: Tokens | None, limits: Limits) -> None:
        self._tokens = tokens
        self._limits = limits

    def routes(self) -> list[Route]:
        """The routes."""
        return [Route("/tokens", self._sign, methods=["POST"])]

    async def _sign(self, request: Request) -> Response:
        if self._tokens is None:
            raise RequestError(409, "this server asks for no token; start it with --token to have some made")
        body = await read_json(request, TokenBody, self._limits, empty=TokenBody())
        longest = self._limits.token_seconds
        if not body.ttl <= longest:
            text = f"ttl: the longest is {longest:g} seconds"
            raise RequestError(422, [problem("less_than_equal", ["ttl"], text, body.ttl)])
        token, end = self._tokens.sign(body.role, body.ttl)
        # The address this request came by, with the new token in the place of the one it came with.
        url = request.url.replace(path=f"/t/{token}/", query="", fragment="")
        told = {"token": token, "role": body.role, "expires_at": end, "url": str(url)}
        return JSONResponse(told, 201, {"Cache-Control": "no-store"})
