"""The HTTP API, called with whatever its own document allows and forbids: every answer is one that stands there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from reactor_runtime.server.openapi.document import document
from tests.server.house import OFFER_BODY, House, serve

from .budget import budget

NOT_CALLED = {"/events": "it has no end; tests/server/test_events.py reads it"}
AS_DOCUMENTED = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DOCUMENT = document()
OPERATIONS = [
    pytest.param(method, path, id=f"{method.upper()} {path}")
    for path, item in DOCUMENT["paths"].items()
    for method in item
    if path not in NOT_CALLED
]
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)


class Server:
    """A house on a loop that runs while it is called."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.over = asyncio.Event()
        self.ready: asyncio.Future[House] = self.loop.create_future()
        self.life = self.loop.create_task(self._live())
        self.house = self.loop.run_until_complete(self.ready)

    async def _live(self) -> None:
        async with serve() as house:
            self.ready.set_result(house)
            await self.over.wait()

    def close(self) -> None:
        self.over.set()
        self.loop.run_until_complete(self.life)
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def send(self, **request: Any) -> httpx.Response:
        return self.loop.run_until_complete(self.house.http.request(**request))

    def there(self, case: Case) -> dict[str, Any]:
        """What may stand in the path of a request, of things that are there."""
        session = self.loop.run_until_complete(self.house.start())
        base = f"/sessions/{session}"
        file = {"name": "a", "size": 3, "mime_type": "text/plain"}
        declared = self.send(method="POST", url=f"{base}/uploads", json=file)
        registered = self.send(method="POST", url=f"{base}/transport/webrtc/connections")
        there = {
            "session_id": session,
            "upload_id": declared.json().get("presigned_id", "none"),
            "connection_id": registered.json().get("connection_id", 1001),
            "path": "page.js",
        }
        return {name: value for name, value in there.items() if name in (case.path_parameters or {})}


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def cases(path: str, method: str) -> st.SearchStrategy[Case]:
    """Requests as the document has them, and as it does not."""
    operation = SCHEMA[path][method]
    fitting = operation.as_strategy(GenerationMode.POSITIVE)
    if not (operation.body or operation.query or operation.path_parameters):
        return fitting
    return fitting | operation.as_strategy(GenerationMode.NEGATIVE)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_as_documented(
    method: str, path: str, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "reactor")

    @budget(16)
    @given(case=cases(path, method), there=st.integers(0, 3), offers=st.booleans())
    def calls(case: Case, there: int, offers: bool) -> None:
        if there:  # most of the time, or nothing gets beyond the session's id
            case.path_parameters = {**(case.path_parameters or {}), **server.there(case)}
        if offers and isinstance(case.body, dict) and "sdp_offer" in case.body:
            case.body = {**case.body, "sdp_offer": OFFER_BODY["sdp_offer"]}
        response = server.send(**sent(case))
        case.validate_response(response, checks=AS_DOCUMENTED)
        assert response.status_code in (503, *range(500)), response.text

    calls()


def sent(case: Case) -> dict[str, Any]:
    request = case.as_transport_kwargs(base_url="http://reactor.test:8123")
    request.pop("cookies", None)
    data = request.pop("data", None)
    return {**request, **({} if data is None else {"content": data})}
