"""`GET /openapi.json`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class OpenApiRoutes:
    """Tells the HTTP API, with the address that the request came by in front of its paths."""

    def routes(self) -> list[Route]:
        """The routes."""
        return [Route("/openapi.json", self._tell, methods=["GET"])]

    async def _tell(self, request: Request) -> Response:
        from .document import document  # here: a start has no use for it

        return JSONResponse(document(request.scope.get("root_path", "")))
