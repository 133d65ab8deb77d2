"""The document of the HTTP API is about the routes there are, and about nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.routing import BaseRoute, Mount, Route

from reactor_runtime.server.access import Access
from reactor_runtime.server.access.rules import needed
from reactor_runtime.server.openapi.document import document

from .house import serve

METHODS = {"get", "post", "put", "delete", "patch"}
TOKEN = "correct-horse-battery"


def routes_of(routes: Iterable[BaseRoute], base: str = "") -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Mount) and route.routes:
            yield from routes_of(route.routes, base + route.path)
        elif isinstance(route, Mount):  # a folder of files
            yield "get", f"{base}{route.path}/{{path}}"
        elif isinstance(route, Route):
            for method in (route.methods or set()) - {"HEAD"}:
                yield method.lower(), base + route.path


async def test_every_route_is_in_the_document_and_nothing_else_is() -> None:
    async with serve() as house:
        there = set(routes_of(house.app.routes))
        told = (await house.http.get("/openapi.json")).json()
    said = {(method, path) for path, item in told["paths"].items() for method in item.keys() & METHODS}
    assert said == there
    assert told["servers"] == [{"url": "/"}]


async def test_behind_a_token_its_paths_begin_with_it() -> None:
    async with serve(access=Access(token=TOKEN)) as house:
        assert (await house.http.get("/openapi.json")).status_code == 401
        told = (await house.http.get(f"/t/{TOKEN}/openapi.json")).json()
    assert told["servers"] == [{"url": f"/t/{TOKEN}"}]


def _each(value: Any) -> Iterator[Any]:
    yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _each(child)


def test_the_document_is_whole() -> None:
    told = document()
    schemas = told["components"]["schemas"]
    references = {part["$ref"] for part in _each(told) if isinstance(part, dict) and "$ref" in part}
    assert references == {f"#/components/schemas/{name}" for name in schemas}
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    operations = [operation for item in told["paths"].values() for operation in item.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", sorted(document()["paths"]))
def test_what_asks_for_a_token_says_so(path: str) -> None:
    for operation in document()["paths"][path].values():
        assert ("401" in operation["responses"]) == ({"token": []} in operation["security"])
        assert ("401" in operation["responses"]) == (needed(path) is not None)


async def test_who_has_no_token_or_too_little_of_one_is_told_as_documented() -> None:
    told = document()["paths"]
    async with serve(access=Access(token=TOKEN)) as house:
        made = await house.http.post("/tokens", json={"role": "view"}, headers={"Authorization": f"Bearer {TOKEN}"})
        view = {"Authorization": f"Bearer {made.json()['token']}"}
        for path, item in told.items():
            if path == "/events":  # it has no end, for who may listen
                continue
            for method, operation in item.items():
                url = path.replace("{", "").replace("}", "")
                stranger = await house.http.request(method, url)
                assert (stranger.status_code == 401) == ("401" in operation["responses"]), url
                watcher = await house.http.request(method, url, headers=view)
                assert str(watcher.status_code) in operation["responses"], (method, url, watcher.status_code)
