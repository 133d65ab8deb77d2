"""Uploads: a file is declared in the session, then its bytes are put where the reply says."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..engine.runtime import Runtime
from ..errors import UnknownSession, UploadError
from .body import content_length, drain, read_json


class UploadBody(msgspec.Struct):
    """A file to come. `size` is in bytes; `upload_id` chooses the id."""

    name: Annotated[str, msgspec.Meta(max_length=1024)]
    size: int
    mime_type: Annotated[str, msgspec.Meta(max_length=256)]
    upload_id: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,128}\Z")] | None = None


class UploadRoutes:
    """Takes the files of the running session."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/sessions/{session_id}/uploads", self._declare, methods=["POST"]),
            Route("/uploads/{upload_id}", self._write, methods=["PUT"]),
        ]

    async def _declare(self, request: Request) -> Response:
        session_id = request.path_params["session_id"]
        self._runtime.find_session(session_id)
        body = await read_json(request, UploadBody, self._runtime.limits)
        store = self._runtime.find_session(session_id).uploads
        upload_id = store.declare(body.name, body.size, body.mime_type, body.upload_id)
        path = f"{request.scope.get('root_path', '')}/uploads/{upload_id}"
        # The client's own view of this server: the Host it asked for, behind a proxy or not.
        url = request.url.replace(path=path, query="", fragment="")
        return JSONResponse({"presigned_id": upload_id, "presigned_url": str(url), "path": path}, 201)

    async def _write(self, request: Request) -> Response:
        upload_id = request.path_params["upload_id"]
        body = request.stream()
        try:
            store = self._runtime.find_session().uploads
            await store.write(upload_id, body, content_length(request))
        except UnknownSession as error:
            await drain(request)
            raise UploadError(f"no upload {upload_id!r}: no session runs", status=404) from error
        except UploadError as error:
            if error.status != HTTPStatus.REQUEST_TIMEOUT:
                await drain(request)
            raise
        finally:
            await body.aclose()
        return Response()
