"""ICE servers, connection ids, offers, answers, candidates, by both families of routes."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from reactor_runtime.limits import Limits
from reactor_runtime.transport.webrtc import IceServer

from .house import OFFER, OFFER_BODY, WAIT, House, serve

CANDIDATE = {
    "candidate": "candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host generation 0 ufrag abcd",
    "sdp_mid": "0",
    "sdp_mline_index": 0,
}


async def answer(house: House, url: str, client: httpx.AsyncClient | None = None) -> dict[str, Any]:
    """Poll as the clients do, faster."""
    client = client or house.http
    async with asyncio.timeout(WAIT):
        while True:
            reply = await client.get(url)
            if reply.status_code == 200:
                return dict(reply.json())
            assert (reply.status_code, reply.content) == (202, b"")
            await asyncio.sleep(0.01)


async def test_ice_servers() -> None:
    servers = (IceServer(("stun:s.example.org",)), IceServer(("turn:t.example.org",), "me", "secret"))
    async with serve(ice=servers) as house:
        reply = await house.http.get(f"{await house.transport_url()}/ice_servers")
        assert reply.json() == {
            "ice_servers": [
                {"uris": ["stun:s.example.org"]},
                {"uris": ["turn:t.example.org"], "credentials": {"username": "me", "password": "secret"}},
            ]
        }


async def test_no_ice_server_unless_named() -> None:
    async with serve() as house:
        assert (await house.http.get(f"{await house.transport_url()}/ice_servers")).json() == {"ice_servers": []}


ROUTES = [
    ("GET", "/ice_servers"),
    ("POST", "/connections"),
    ("POST", "/connections/5000/sdp_params"),
    ("PUT", "/connections/5000/sdp_params"),
    ("GET", "/connections/5000/sdp_params"),
    ("POST", "/connections/5000/ice_candidates"),
    ("POST", "/sdp_params"),
    ("PUT", "/sdp_params"),
    ("GET", "/sdp_params"),
    ("POST", "/ice_candidates"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_every_route_needs_the_running_session(method: str, path: str) -> None:
    async with serve() as house:
        none = await house.http.request(method, f"/sessions/x/transport/webrtc{path}")
        assert none.status_code == 400
        assert none.json()["detail"].startswith("No session running")
        await house.start()
        wrong = await house.http.request(method, f"/sessions/x/transport/webrtc{path}")
        assert wrong.status_code == 404
        assert wrong.json()["detail"].startswith("Unknown session")


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_an_offer_is_answered_once(method: str) -> None:
    async with serve() as house:
        url = await house.transport_url()
        registered = await house.http.post(f"{url}/connections")
        assert registered.status_code == 201
        cid = registered.json()["connection_id"]
        assert 1001 <= cid <= 9999
        assert registered.json()["track_map"] == {
            "camera": {"kind": "video", "direction": "in"},
            "main_video": {"kind": "video", "direction": "out"},
        }
        early = await house.http.post(
            f"{url}/connections/{cid}/ice_candidates", json={"candidates": [CANDIDATE], "is_final": False}
        )
        assert early.status_code == 202
        offered = await house.http.request(method, f"{url}/connections/{cid}/sdp_params", json=OFFER_BODY)
        assert (offered.status_code, offered.json()) == (202, {"connection_id": cid})
        assert (await house.http.head(f"{url}/connections/{cid}/sdp_params")).status_code == 405
        got = await answer(house, f"{url}/connections/{cid}/sdp_params")
        assert got["connection_id"] == cid
        assert got["sdp_answer"].startswith("v=0")
        assert (await house.http.get(f"{url}/connections/{cid}/sdp_params")).status_code == 202
        final = await house.http.post(
            f"{url}/connections/{cid}/ice_candidates", json={"candidates": [], "is_final": True, "client_info": {}}
        )
        assert final.status_code == 202


async def test_the_shared_routes() -> None:
    async with serve() as house:
        url = await house.transport_url()
        assert (await house.http.get(f"{url}/sdp_params")).status_code == 202
        for method in ("POST", "PUT"):
            offered = await house.http.request(method, f"{url}/sdp_params", json=OFFER_BODY)
            assert (offered.status_code, offered.json()) == (202, {"connection_id": 1001})
        for _ in range(2):
            got = await answer(house, f"{url}/sdp_params")
            assert got["connection_id"] == 1001
            assert got["sdp_answer"].startswith("v=0")
        batch = {"candidates": [CANDIDATE], "is_final": True}
        assert (await house.http.post(f"{url}/ice_candidates", json=batch)).status_code == 202


async def _refused(reply: httpx.Response, loc: list[Any]) -> None:
    assert reply.status_code == 422, reply.text
    (problem,) = reply.json()["detail"]
    assert problem["loc"] == loc
    assert set(problem) == {"type", "loc", "msg", "input"}


async def test_malformed_offers() -> None:
    async with serve() as house:
        url = f"{await house.transport_url()}/connections/5000/sdp_params"
        await _refused(await house.http.post(url, json={}), ["body", "sdp_offer"])
        await _refused(await house.http.post(url, json={"sdp_offer": 3}), ["body", "sdp_offer"])
        await _refused(await house.http.post(url, json={"sdp_offer": ""}), ["body", "track_mapping"])
        sideways = {**OFFER_BODY, "track_mapping": [{"mid": "0", "name": "x", "kind": "video", "direction": "up"}]}
        refused = await house.http.post(url, json=sideways)
        await _refused(refused, ["body", "track_mapping", 0, "direction"])
        assert refused.json()["detail"][0]["msg"].endswith("'up'; expected 'recvonly' or 'sendonly'")
        await _refused(await house.http.post(url), ["body"])
        broken = await house.http.post(url, json={**OFFER_BODY, "sdp_offer": "no sdp"})
        assert broken.status_code == 422
        assert isinstance(broken.json()["detail"], str)


async def test_connection_ids() -> None:
    async with serve() as house:
        url = f"{await house.transport_url()}/connections"
        await _refused(await house.http.get(f"{url}/one/sdp_params"), ["path", "connection_id"])
        assert (await house.http.get(f"{url}/4321/sdp_params")).status_code == 404
        assert (await house.http.post(f"{url}/99/sdp_params", json=OFFER_BODY)).status_code == 400
        batch = {"candidates": [CANDIDATE], "is_final": False}
        assert (await house.http.post(f"{url}/99/ice_candidates", json=batch)).status_code == 400


async def test_malformed_candidates() -> None:
    async with serve() as house:
        connections = f"{await house.transport_url()}/connections"
        unknown = await house.http.post(f"{connections}/4321/ice_candidates", json={"candidates": [CANDIDATE]})
        assert unknown.status_code == 404
        url = f"{connections}/{(await house.http.post(connections)).json()['connection_id']}/ice_candidates"
        await _refused(await house.http.post(url, json={}), ["body", "candidates"])
        await _refused(await house.http.post(url, json={"candidates": [{}]}), ["body", "candidates", 0, "candidate"])
        junk = await house.http.post(url, json={"candidates": [{"candidate": "junk"}], "is_final": False})
        assert junk.status_code == 422
        assert "candidates[0]" in junk.json()["detail"]
        for key, value in (("sdp_mline_index", -1), ("sdp_mline_index", 2**40), ("sdp_mid", "0" * 257)):
            batch = {"candidates": [CANDIDATE | {key: value}]}
            await _refused(await house.http.post(url, json=batch), ["body", "candidates", 0, key])
        mdns = {"candidate": "candidate:1 1 udp 1 0a-b.local 50000 typ host", "sdp_mid": "0"}
        end = {"candidate": "", "sdp_mid": "0"}
        assert (await house.http.post(url, json={"candidates": [mdns, end]})).status_code == 202


@pytest.mark.limit("connections", counted="transport.connections_refused")
async def test_too_many_connections() -> None:
    async with serve(limits=Limits(connections=1)) as house:
        url = f"{await house.transport_url()}/connections"
        assert (await house.http.post(url, json={})).status_code == 201
        refused = await house.http.post(url, json={})
        assert refused.status_code == 503
        assert "connections" in refused.json()["detail"]
        assert int(refused.headers["retry-after"]) > 0
        assert house.runtime.counters["http.503"] == 1


async def test_the_shared_routes_know_a_client_by_its_connection() -> None:
    async with serve() as house:
        url = f"{await house.transport_url()}/sdp_params"
        async with house.client(1000) as first, house.client(2000) as second:
            # The answers differ in what they mirror.
            for client, mid in ((first, "first"), (second, "second")):
                body = {**OFFER_BODY, "sdp_offer": OFFER.replace("BUNDLE 0 1 2", f"BUNDLE 0 1 {mid}")}
                body["sdp_offer"] = body["sdp_offer"].replace("a=mid:2", f"a=mid:{mid}")
                assert (await client.post(url, json=body)).status_code == 202
            for client, mid in ((second, "second"), (first, "first")):
                got = await answer(house, url, client)
                assert f"a=mid:{mid}" in got["sdp_answer"]
