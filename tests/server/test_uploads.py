"""Uploads: declared, written once, within their limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from reactor_runtime.limits import Limits
from reactor_runtime.server import Access

from .house import WAIT, House, Painter, serve

FILE = {"name": "a.png", "size": 6, "mime_type": "image/png"}


async def declare(house: House, **changes: Any) -> Any:
    session_id = await house.start()
    return await house.http.post(f"/sessions/{session_id}/uploads", json={**FILE, **changes})


async def test_a_file_reaches_the_model() -> None:
    models: list[Painter] = []
    async with serve(config={"models": models}) as house:
        declared = await declare(house)
        assert declared.status_code == 201
        told = declared.json()
        assert told["presigned_url"] == f"http://reactor.test:8123{told['path']}"
        assert told["path"] == f"/uploads/{told['presigned_id']}"
        reply = await house.http.put(told["presigned_url"], content=b"abcdef", headers={"Content-Type": "image/png"})
        assert (reply.status_code, reply.content) == (200, b"")
        (model,) = models
        assert await asyncio.to_thread(model.got_file.wait, WAIT)
        (file,) = model.files
        assert (file.name, file.mime_type, file.size, file.data) == ("a.png", "image/png", 6, b"abcdef")
        again = await house.http.put(told["presigned_url"], content=b"abcdef")
        assert again.status_code == 409


async def test_the_url_is_on_the_host_that_was_asked() -> None:
    async with serve(access=Access(host="other.example", origins=("https://reactor.test",))) as house:
        session_id = await house.start()
        reply = await house.http.post(
            f"https://other.example/sessions/{session_id}/uploads?x=1", json=FILE, headers={"Host": "other.example:444"}
        )
        told = reply.json()
        assert told["presigned_url"] == f"https://other.example:444/uploads/{told['presigned_id']}"


async def test_the_client_may_choose_the_id() -> None:
    async with serve() as house:
        assert (await declare(house, upload_id="my-id_1")).json()["presigned_id"] == "my-id_1"
        assert (await declare(house, upload_id="my-id_1")).status_code == 409
        assert (await declare(house, upload_id="../x")).status_code == 422
        assert (await declare(house, upload_id="my-id_2\n")).status_code == 422


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": ""}, 400),
        ({"mime_type": ""}, 400),
        ({"size": 0}, 400),
        ({"size": -1}, 400),
        ({"size": 2000}, 413),
        ({"size": "6"}, 422),
        ({"size": None}, 422),
        ({"name": "x" * 2000}, 422),
    ],
)
async def test_declarations_that_are_refused(changes: dict[str, Any], status: int) -> None:
    async with serve(limits=Limits(upload_bytes=1000)) as house:
        reply = await declare(house, **changes)
        assert reply.status_code == status, reply.text
        assert reply.json()["detail"]


async def test_a_missing_field_is_named() -> None:
    async with serve() as house:
        reply = await house.http.post(f"/sessions/{await house.start()}/uploads", json={"name": "a", "size": 1})
        assert reply.status_code == 422
        (problem,) = reply.json()["detail"]
        assert (problem["type"], problem["loc"]) == ("missing", ["body", "mime_type"])


async def test_uploads_need_the_session() -> None:
    async with serve() as house:
        assert (await house.http.post("/sessions/x/uploads", json=FILE)).status_code == 400
        assert (await house.http.put("/uploads/x", content=b"a")).status_code == 404
        await house.start()
        assert (await house.http.post("/sessions/x/uploads", json=FILE)).status_code == 404
        assert (await house.http.put("/uploads/x", content=b"a")).status_code == 404


async def test_uploads_end_with_their_session() -> None:
    async with serve() as house:
        url = (await declare(house)).json()["presigned_url"]
        await house.http.post("/stop_session")
        await house.start()
        assert (await house.http.put(url, content=b"abcdef")).status_code == 404


@pytest.mark.parametrize("content", [b"abcde", b"abcdefg"])
@pytest.mark.parametrize("chunked", [False, True])
async def test_the_length_must_be_the_declared_one(content: bytes, chunked: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for byte in content:
            yield bytes([byte])

    async with serve() as house:
        url = (await declare(house)).json()["presigned_url"]
        assert (await house.http.put(url, content=chunks() if chunked else content)).status_code == 400
        assert (await house.http.put(url, content=b"abcdef")).status_code == 200


@pytest.mark.limit("upload_idle", counted="http.408")
async def test_a_body_that_stands_still() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"abc"
        await asyncio.Event().wait()

    async with serve(limits=Limits(upload_idle=0.05)) as house:
        url = (await declare(house)).json()["presigned_url"]
        reply = await house.http.put(url, content=chunks())
        assert reply.status_code == 408
        assert "after 3 of 6" in reply.json()["detail"]


@pytest.mark.limit("session_upload_bytes", counted="http.413")
async def test_the_limit_of_a_session() -> None:
    async with serve(limits=Limits(session_upload_bytes=10)) as house:
        assert (await declare(house)).status_code == 201
        refused = await declare(house)
        assert refused.status_code == 413
        assert "session" in refused.json()["detail"]
        assert house.runtime.counters["http.413"] == 1
