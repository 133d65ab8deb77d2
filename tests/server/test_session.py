"""Start, stop, descriptor, schema, health; and what every route has in common: errors, CORS, bounds."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from typing import Any

import pytest

from reactor_runtime.errors import ModelError
from reactor_runtime.limits import Limits
from reactor_runtime.server import Access

from .house import House, serve

APP = "https://app.example.org"
ALLOWED = Access(host="reactor.test", origins=(APP,))
ZERO = "00000000-0000-0000-0000-000000000000"


async def test_the_descriptor_before_and_in_a_session() -> None:
    async with serve() as house:
        idle = (await house.http.get("/session")).json()
        assert (idle["session_id"], idle["state"]) == (ZERO, "ready")
        started = await house.http.post("/start_session", json={})
        assert started.status_code == 200
        told = started.json()
        assert told["session_id"] == house.runtime.session.id  # type: ignore[union-attr]
        assert told["state"] == "waiting"
        assert told["cluster"] == "local"
        assert told["model"] == {"name": "painter"}
        assert isinstance(told["server_info"]["server_version"], str)
        assert told["selected_transport"] == {"protocol": "webrtc", "version": "1.0"}
        assert told["transports"] == [{"protocol": "webrtc", "version": "1.0"}]
        assert told["generation"] == "streamed"
        assert told["capabilities"] == {
            "protocol_version": "v0",
            "commands": [],
            "tracks": [
                {"name": "camera", "kind": "video", "direction": "sendonly"},
                {"name": "main_video", "kind": "video", "direction": "recvonly"},
            ],
        }
        assert (await house.http.get("/session")).json() == told


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"generation":"streamed"}', b'{"session_id":"x","extra_args":{"a":1},"zzz":[]}']
)
async def test_start_takes_what_clients_send_and_returns_the_running_session(content: bytes) -> None:
    async with serve() as house:
        session_id = await house.start()
        again = await house.http.post("/start_session", content=content)
        assert (again.status_code, again.json()["session_id"]) == (200, session_id)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"generation": "stepped"}, "stepped sessions are not offered"),
        ({"generation": 3}, "expected 'streamed'"),
        ({"starting_input": {}}, "starting_input: not offered"),
        ({"steps": 3}, "steps: not offered"),
    ],
)
async def test_start_refuses_another_kind_of_session(body: dict[str, Any], says: str) -> None:
    async with serve() as house:
        reply = await house.http.post("/start_session", json=body)
        assert reply.status_code == 400
        assert says in reply.json()["detail"]
        assert house.runtime.session is None


@pytest.mark.parametrize(
    ("content", "kind", "loc", "given"),
    [
        (b"[1]", "invalid", ["body"], [1]),
        (b"null", "invalid", ["body"], None),
        (b"{", "json_invalid", ["body"], None),
        (b'"\xff"', "json_invalid", ["body"], None),
        (b"[" * 100_000, "json_invalid", ["body"], None),
    ],
)
async def test_a_body_that_is_no_object(content: bytes, kind: str, loc: list[Any], given: Any) -> None:
    async with serve() as house:
        reply = await house.http.post("/start_session", content=content)
        assert reply.status_code == 422
        (problem,) = reply.json()["detail"]
        assert (problem["type"], problem["loc"], problem["input"]) == (kind, loc, given)
        assert problem["msg"]
        assert house.runtime.counters["http.422"] == 1


async def test_stop_ends_the_session_and_the_next_is_another() -> None:
    async with serve() as house:
        first = await house.start()
        reply = await house.http.post("/stop_session", json={"reason": "enough", "moderate": False})
        assert (reply.status_code, reply.content) == (200, b"")
        assert await house.start() != first


@pytest.mark.parametrize("content", [b"", b"{}", b'{"moderate":true}', b'{"reason":null}'])
async def test_stop_takes_an_empty_body(content: bytes) -> None:
    async with serve() as house:
        await house.start()
        assert (await house.http.post("/stop_session", content=content)).status_code == 200


async def test_stop_is_refused_when_nothing_runs() -> None:
    async with serve() as house:
        reply = await house.http.post("/stop_session")
        assert reply.status_code == 409
        assert "ready" in reply.json()["detail"]
        assert house.runtime.counters["http.409"] == 1


@pytest.mark.parametrize(
    ("body", "loc"), [({"reason": "x" * 65}, ["body", "reason"]), ({"moderate": "yes"}, ["body", "moderate"])]
)
async def test_stop_checks_its_body(body: dict[str, Any], loc: list[str]) -> None:
    async with serve() as house:
        await house.start()
        reply = await house.http.post("/stop_session", json=body)
        assert reply.status_code == 422
        (problem,) = reply.json()["detail"]
        assert (problem["loc"], problem["input"]) == (loc, body[loc[1]])
        assert house.runtime.session is not None


async def test_while_loading() -> None:
    gate = threading.Event()
    async with serve(config={"gate": gate}, load=False) as house:
        house.runtime.start()
        health = await house.http.get("/health")
        assert (health.status_code, health.json()) == (
            200,
            {
                "status": "healthy",
                "state": "loading",
                "detail": None,
                "live": True,
                "ready": False,
                "why": "the model is loading",
            },
        )
        assert (await house.http.get("/schema")).json() == {}
        refused = await house.http.post("/start_session", json={})
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        gate.set()
        await house.runtime.loaded()
        assert (await house.http.get("/health")).json()["state"] == "available"
        await house.start()
        assert (await house.http.get("/health")).json()["state"] == "serving"
        schema = (await house.http.get("/schema")).json()
        assert schema["info"]["title"] == "painter"
        assert "/events/paint" in schema["paths"]


async def test_after_a_failed_load() -> None:
    async with serve(config={"fail": True}, load=False) as house:
        house.runtime.start()
        with pytest.raises(ModelError):
            await house.runtime.loaded()
        health = await house.http.get("/health")
        assert health.status_code == 503
        assert (health.json()["status"], health.json()["state"]) == ("unhealthy", "terminated")
        assert re.fullmatch(
            r"Painter\.load\(\) failed with RuntimeError: no such checkpoint at \S+/house\.py:\d+",
            health.json()["detail"],
        )
        for path in ("/start_session", "/stop_session"):
            refused = await house.http.post(path)
            assert refused.status_code == 503
            assert "retry-after" not in refused.headers


async def test_health_waits_while_it_loads() -> None:
    gate = threading.Event()
    async with serve(config={"gate": gate}, load=False) as house:
        house.runtime.start()
        waiting = [asyncio.create_task(house.http.get("/health?wait=loading")) for _ in range(3)]
        assert (await house.http.get("/health")).json()["state"] == "loading"
        assert not any(task.done() for task in waiting)
        gate.set()
        for reply in await asyncio.gather(*waiting):
            assert (reply.status_code, reply.json()["state"]) == (200, "available")
        assert (await house.http.get("/health?wait=loading")).json()["state"] == "available"


async def test_health_waits_for_a_load_that_fails() -> None:
    gate = threading.Event()
    async with serve(config={"gate": gate, "fail": True}, load=False) as house:
        house.runtime.start()
        waiting = asyncio.create_task(house.http.get("/health?wait=loading"))
        assert (await house.http.get("/health")).json()["state"] == "loading"
        gate.set()
        reply = await waiting
        assert (reply.status_code, reply.json()["state"]) == (503, "terminated")
        assert "no such checkpoint at " in reply.json()["detail"]


@pytest.mark.limit("health_wait")
async def test_health_does_not_wait_for_ever() -> None:
    async with serve(limits=Limits(health_wait=0.01), load=False) as house:
        reply = await house.http.get("/health?wait=loading")
        assert (reply.status_code, reply.json()["state"]) == (200, "loading")


async def test_health_waits_for_nothing_when_the_server_ends() -> None:
    gate = threading.Event()
    async with serve(config={"gate": gate}, load=False) as house:
        house.runtime.start()
        waiting = asyncio.create_task(house.http.get("/health?wait=loading"))
        assert (await house.http.get("/health")).json()["state"] == "loading"
        await house.runtime.close("the test is over", timeout=0.01)
        reply = await waiting
        gate.set()
        assert reply.json() == {
            "status": "unhealthy",
            "state": "terminated",
            "detail": None,
            "live": False,
            "ready": False,
            "why": "the server is ending",
        }


@pytest.mark.parametrize("value", ["", "serving", "loading,serving"])
async def test_health_waits_for_nothing_else(value: str) -> None:
    async with serve() as house:
        reply = await house.http.get("/health", params={"wait": value})
        assert reply.status_code == 422
        (problem,) = reply.json()["detail"]
        assert (problem["loc"], problem["msg"], problem["input"]) == (
            ["query", "wait"],
            "wait: expected 'loading'",
            value,
        )


async def test_the_page() -> None:
    async with serve() as house:
        reply = await house.http.get("/")
        if reply.status_code == 404:
            pytest.skip("there is no page yet")
        assert reply.headers["content-type"].startswith("text/html")


# -- what all routes have in common


async def test_unknown_routes_and_wrong_methods_are_json() -> None:
    async with serve() as house:
        missing = await house.http.get("/nope")
        assert (missing.status_code, missing.json()) == (404, {"detail": "no such route: GET /nope"})
        wrong = await house.http.get("/start_session")
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
        assert wrong.json() == {"detail": "GET is not for /start_session; use POST"}
        assert (await house.http.get("/session/")).status_code == 404
        assert house.runtime.counters["http.404"] == 2


@pytest.mark.parametrize("path", ["/start_session", "/sessions/x/uploads", "/uploads/x", "/nope"])
async def test_a_preflight_is_answered_on_every_route(path: str) -> None:
    async with serve(access=ALLOWED) as house:
        reply = await house.http.options(
            path,
            headers={
                "Origin": APP,
                "Access-Control-Request-Method": "PUT",
                "Access-Control-Request-Headers": "authorization,content-type,reactor-api-version,"
                "reactor-api-accept-version,reactor-webrtc-version",
            },
        )
        assert reply.status_code == 200
        assert reply.headers["access-control-allow-origin"] == "*"
        for method in ("GET", "POST", "PUT", "DELETE"):
            assert method in reply.headers["access-control-allow-methods"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/session"), ("GET", "/nope"), ("POST", "/stop_session")])
async def test_every_answer_can_be_read_by_a_page_that_may_call(method: str, path: str) -> None:
    async with serve(access=ALLOWED) as house:
        reply = await house.http.request(method, path, headers={"Origin": APP})
        assert reply.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in reply.headers


async def test_an_unexpected_exception_is_a_500_that_gives_nothing_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with serve(access=ALLOWED) as house:
        monkeypatch.setattr(house.peers, "register", lambda holder: 1 / 0)
        url = await house.transport_url()
        with caplog.at_level(logging.ERROR):
            reply = await house.http.post(f"{url}/connections", headers={"Origin": APP})
        assert (reply.status_code, reply.json()) == (500, {"detail": "internal error; see the server's log"})
        assert reply.headers["access-control-allow-origin"] == "*"
        assert "ZeroDivisionError" in caplog.text
        assert (house.runtime.counters["http.500"], house.runtime.counters["http.failed"]) == (1, 1)


@pytest.mark.limit("body_bytes", counted="http.413")
async def test_a_body_above_the_limit() -> None:
    async with serve(limits=Limits(body_bytes=100)) as house:
        await _too_large(house, b"x" * 101)

        async def chunks() -> Any:
            for _ in range(1000):
                yield b"x" * 10

        await _too_large(house, chunks())


async def _too_large(house: House, content: Any) -> None:
    reply = await house.http.post("/start_session", content=content)
    assert (reply.status_code, reply.json()) == (413, {"detail": "the body is above the limit of 100 bytes"})


async def test_all_routes_stand_under_a_token() -> None:
    async with serve(access=Access(token="4f1c0000000000000000")) as house:
        assert (await house.http.get("/session")).status_code == 401
        started = await house.http.post("/t/4f1c0000000000000000/start_session")
        base = f"/t/4f1c0000000000000000/sessions/{started.json()['session_id']}"
        assert (await house.http.get(f"{base}/transport/webrtc/ice_servers")).status_code == 200
        body = {"name": "a.png", "size": 3, "mime_type": "image/png"}
        declared = (await house.http.post(f"{base}/uploads", json=body)).json()
        assert declared["presigned_url"].startswith("http://reactor.test:8123/t/4f1c0000000000000000/uploads/")
        assert (await house.http.put(declared["presigned_url"], content=b"abc")).status_code == 200


async def test_the_descriptor_says_why_the_last_session_ended() -> None:
    async with serve() as house:
        assert "last_end_reason" not in (await house.http.get("/session")).json()
        await house.start()
        await house.http.post("/stop_session", json={"reason": "bye"})
        assert (await house.http.get("/session")).json()["last_end_reason"] == "bye"
