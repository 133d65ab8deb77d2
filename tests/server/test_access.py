"""Who may use the server, with which token, and from which pages."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any

import httpx
import pytest
from starlette.routing import BaseRoute, Mount, Route, Router

from reactor_runtime.engine.admission import Admission, Role
from reactor_runtime.limits import Limits
from reactor_runtime.server import Access
from reactor_runtime.server.access import Tokens, check_token, new_token
from reactor_runtime.server.access.rules import needed

from .house import OFFER_BODY, House, serve

TOKEN = "0123456789abcdef-Token"
GUARDED = Access(token=TOKEN)
OWNER = {"Authorization": f"Bearer {TOKEN}"}


async def token(house: House, role: str, **more: Any) -> str:
    reply = await house.http.post("/tokens", json={"role": role, **more}, headers=OWNER)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["token"])


def bearer(presented: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {presented}"}


def all_routes(routes: list[BaseRoute]) -> list[Route]:
    found = []
    for route in routes:
        if isinstance(route, Mount) and isinstance(route.app, Router):
            found += all_routes(list(route.app.routes))
        elif isinstance(route, Route):
            found.append(route)
    return found


# -- the token


async def test_without_the_token_nothing_but_health_is_to_be_had() -> None:
    async with serve(access=GUARDED) as house:
        routes = all_routes(list(house.app.routes))
        assert len(routes) > 15
        opened = set()
        for route in routes:
            path = re.sub(r"\{[^}]*\}", "5000", route.path)
            for method in route.methods or ():
                for headers in ({}, bearer("wrong"), bearer("local"), bearer(TOKEN + "x"), {"Authorization": TOKEN}):
                    reply = await house.http.request(method, path, headers=headers)
                    if reply.status_code != 401:
                        opened.add(path)
                        continue
                    assert reply.headers["www-authenticate"] == "Bearer"
                    assert TOKEN not in reply.text
        assert opened and all(path.startswith("/health") for path in opened)
        assert house.runtime.counters["access.denied"] == house.runtime.counters["http.401"] > 50
        assert house.runtime.session is None


async def test_the_token_comes_in_a_header_or_in_front_of_the_path() -> None:
    async with serve(access=GUARDED) as house:
        assert (await house.http.get("/session", headers=OWNER)).status_code == 200
        assert (await house.http.get("/session", headers={"authorization": f"bearer  {TOKEN}"})).status_code == 200
        assert (await house.http.get(f"/t/{TOKEN}/session")).status_code == 200
        # what official clients send in local mode, whatever their address
        assert (await house.http.get(f"/t/{TOKEN}/session", headers=bearer("local"))).status_code == 200
        wrong = await house.http.get("/t/wrong/session", headers=OWNER)
        assert (wrong.status_code, wrong.json()) == (401, {"detail": "this token is not valid here, or is over"})


async def test_a_base_url_in_front_of_an_address_that_has_it_is_the_address() -> None:
    async with serve(access=GUARDED) as house:
        assert (await house.http.get(f"/t/{TOKEN}/t/{TOKEN}/t/{TOKEN}/session")).status_code == 200
        other = await house.http.get(f"/t/{TOKEN}/t/other/session")
        assert (other.status_code, other.json()) == (404, {"detail": "no such route: GET /t/other/session"})


async def test_the_page_is_at_the_end_of_the_link() -> None:
    async with serve(access=GUARDED) as house:
        short = await house.http.get(f"/t/{TOKEN}")
        assert (short.status_code, short.headers["location"]) == (307, f"/t/{TOKEN}/")
        page = await house.http.get(f"/t/{TOKEN}/")
        assert "text/html" in page.headers["content-type"]
        assert page.headers["referrer-policy"] == "no-referrer"
        script = await house.http.get(f"/t/{TOKEN}/client.js")
        assert script.status_code == 200
        without = await house.http.get("/", headers={"Accept": "text/html,*/*"})
        assert without.status_code == 401
        assert "asks for a token" in without.text


async def test_errors_and_addresses_handed_out() -> None:
    async with serve(access=GUARDED) as house:
        missing = await house.http.get(f"/t/{TOKEN}/nope")
        assert missing.json() == {"detail": "no such route: GET /nope"}
        wrong = await house.http.get(f"/t/{TOKEN}/start_session")
        assert wrong.json() == {"detail": "GET is not for /start_session; use POST"}
        told = (await house.http.post(f"/t/{TOKEN}/tokens", json={"role": "view"})).json()
        assert told["url"] == f"http://reactor.test:8123/t/{told['token']}/"


async def test_a_stranger_is_not_told_why_a_server_is_unwell() -> None:
    async with serve(access=GUARDED, config={"fail": True}, load=False) as house:
        house.runtime.start()
        with pytest.raises(Exception, match="no such checkpoint"):
            await house.runtime.loaded()
        stranger = await house.http.get("/health")
        assert stranger.status_code == 503
        assert "checkpoint" not in stranger.text
        assert "checkpoint" in (await house.http.get("/health", headers=OWNER)).text


@pytest.mark.parametrize(
    "token", ["", "short", "x" * 15, "x" * 513, "with/slash/and/more", "with spaces in it ok", "ü" * 20]
)
def test_tokens_that_cannot_be(token: str) -> None:
    with pytest.raises(ValueError, match="a token has 16 to 512"):
        Access(token=token)


def test_a_new_token_is_one() -> None:
    check_token(new_token())
    assert new_token() != new_token()


# -- tokens that the server signs


class Wall:
    """A time of day that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_signed_token_ends() -> None:
    wall = Wall()
    tokens = Tokens(TOKEN, wall)
    signed, end = tokens.sign("view", 60)
    assert end == wall.now + 60
    check_token(signed)
    found = tokens.read(signed)
    assert found is not None
    assert found.role is Role.VIEW
    wall.now += 59.9
    assert tokens.read(signed) is not None
    wall.now += 0.1
    assert tokens.read(signed) is None


def test_a_signed_token_holds_for_all_that_share_the_servers_own() -> None:
    wall = Wall()
    signed, _ = Tokens(TOKEN, wall).sign("control", 60)
    assert Tokens(TOKEN, wall).read(signed) is not None
    assert Tokens(TOKEN + "x", wall).read(signed) is None


def test_a_signed_token_cannot_be_changed() -> None:
    tokens = Tokens(TOKEN, Wall())
    signed, _ = tokens.sign("view", 60)
    claims, _, signature = signed.rpartition(".")
    forged, _ = Tokens("another-token-entirely", Wall()).sign("control", 60)
    for presented in (
        claims,
        f"{claims}.",
        f".{signature}",
        f"{forged.rpartition('.')[0]}.{signature}",
        signed[:-1] + ("A" if signed[-1] != "A" else "B"),
        forged,
        "." * 400,
        "x." + "y" * 5000,
    ):
        assert tokens.read(presented) is None, presented


def test_no_two_signed_tokens_are_alike() -> None:
    """Else two viewers would be one holder, and could take each other's connections."""
    tokens = Tokens(TOKEN, Wall())
    first, second = (tokens.read(tokens.sign("view", 60)[0]) for _ in range(2))
    assert first is not None and second is not None
    assert first.holder != second.holder


def test_a_signed_token_is_written_in_one_way() -> None:
    tokens = Tokens(TOKEN, Wall())
    signed, _ = tokens.sign("view", 60)
    same_bits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = same_bits.index(signed[-1])
    for presented in (f"{signed}!!", f"{signed}=", f"{signed}~~~~", signed[:-1] + same_bits[last + 1], f"{signed}\n"):
        assert tokens.read(presented) is None, presented
    assert tokens.read(signed) is not None


def test_what_is_shown_of_who_has_access_has_no_token_in_it() -> None:
    assert TOKEN not in repr(GUARDED)
    assert TOKEN not in repr(Admission(Role.OWNER, base=GUARDED.base))


async def test_only_the_owner_makes_tokens() -> None:
    async with serve(access=GUARDED) as house:
        for role in ("control", "view"):
            signed = await token(house, role)
            refused = await house.http.post("/tokens", json={"role": "control"}, headers=bearer(signed))
            assert refused.status_code == 403
            assert refused.json() == {"detail": f"POST /tokens is not for a token of the role {role}"}


@pytest.mark.parametrize("path", ["/tokens%0A", "/tokens%0D%0A", "/tokens%00", "/session%0A", "/health%0A"])
async def test_a_path_with_a_control_character_is_none(path: str) -> None:
    """A route's pattern matches with a line's end behind it, and the path then asks for another role."""
    async with serve(access=GUARDED) as house:
        control = await token(house, "control")
        for base, headers in (("", bearer(control)), (f"/t/{control}", {}), ("", OWNER), ("", {})):
            refused = await house.http.post(base + path, json={}, headers=headers)
            assert refused.status_code == 400
            assert refused.json() == {"detail": "there is a control character in the path"}
    async with serve() as house:
        assert (await house.http.post(path, json={})).status_code == 400


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"role": "owner"}, ["body", "role"]),
        ({"ttl": 0}, ["body", "ttl"]),
        ({"ttl": -1}, ["body", "ttl"]),
        ({"ttl": 86401}, ["body", "ttl"]),
        ({"ttl": "long"}, ["body", "ttl"]),
        ([], ["body"]),
    ],
)
async def test_what_a_token_cannot_be_made_of(body: Any, path: list[str]) -> None:
    async with serve(access=GUARDED) as house:
        reply = await house.http.post("/tokens", json=body, headers=OWNER)
        assert reply.status_code == 422
        assert reply.json()["detail"][0]["loc"] == path


async def test_a_role_that_there_is_not_is_told_which_there_are() -> None:
    async with serve(access=GUARDED) as house:
        reply = await house.http.post("/tokens", json={"role": "owner"}, headers=OWNER)
        assert reply.json()["detail"] == [
            {
                "type": "invalid",
                "loc": ["body", "role"],
                "msg": "Invalid enum value 'owner'; expected 'control' or 'view'",
                "input": "owner",
            }
        ]


async def test_a_server_that_asks_for_no_token_makes_none() -> None:
    async with serve() as house:
        assert (await house.http.post("/tokens", json={})).status_code == 409
        stray = await house.http.get(f"/t/{TOKEN}/session")
        assert stray.status_code == 404
        assert "leave /t/TOKEN out" in stray.json()["detail"]


# -- roles


async def test_what_a_viewer_may() -> None:
    async with serve(access=GUARDED) as house:
        viewer = bearer(await token(house, "view"))
        early = await house.http.post("/start_session", json={}, headers=viewer)
        assert early.status_code == 403
        assert "does not start one" in early.json()["detail"]
        started = await house.http.post("/start_session", json={}, headers=OWNER)
        session_id = started.json()["session_id"]
        joined = await house.http.post("/start_session", json={}, headers=viewer)
        assert joined.json()["session_id"] == session_id
        for path in ("/", "/client.js", "/session", "/schema", f"/sessions/{session_id}/transport/webrtc/ice_servers"):
            assert (await house.http.get(path, headers=viewer)).status_code == 200, path
        for method, path in (
            ("POST", "/stop_session"),
            ("POST", f"/sessions/{session_id}/uploads"),
            ("PUT", "/uploads/x"),
            ("GET", "/nope"),
        ):
            reply = await house.http.request(method, path, headers=viewer, json={})
            assert reply.status_code == 403, path
        assert house.runtime.session is not None
        assert house.runtime.counters["access.forbidden"] == 4


async def test_what_a_token_for_control_may() -> None:
    async with serve(access=GUARDED) as house:
        control = bearer(await token(house, "control"))
        session_id = (await house.http.post("/start_session", json={}, headers=control)).json()["session_id"]
        body = {"name": "a.png", "size": 3, "mime_type": "image/png"}
        declared = await house.http.post(f"/sessions/{session_id}/uploads", json=body, headers=control)
        assert declared.status_code == 201
        assert (await house.http.post("/stop_session", headers=control)).status_code == 200


def test_a_route_that_nobody_thought_of_is_not_for_viewers() -> None:
    assert needed("/something/new") is Role.CONTROL
    assert needed("/sessionsx/1/transport/webrtc/") is Role.CONTROL
    assert needed("/health/../stop_session") is Role.CONTROL
    assert needed("/tokens/") is needed("/tokens\n") is Role.OWNER


async def test_a_viewer_does_not_take_the_place_of_a_client_that_commands() -> None:
    async with serve(access=GUARDED) as house:
        session_id = (await house.http.post("/start_session", json={}, headers=OWNER)).json()["session_id"]
        base = f"/sessions/{session_id}/transport/webrtc/connections"
        viewer = bearer(await token(house, "view"))
        cid = (await house.http.post(base, headers=OWNER)).json()["connection_id"]
        candidates = {"candidates": [{"candidate": ""}]}
        for method, path, body in (
            ("PUT", "sdp_params", OFFER_BODY),
            ("POST", "sdp_params", OFFER_BODY),
            ("GET", "sdp_params", None),
            ("POST", "ice_candidates", candidates),
        ):
            refused = await house.http.request(method, f"{base}/{cid}/{path}", json=body, headers=viewer)
            assert refused.status_code == 404, path
            assert refused.json()["detail"].startswith(f"there is no connection {cid}")
        assert house.runtime.counters["transport.foreign_connections"] == 4
        taken = await house.http.post(f"{base}/{cid}/sdp_params", json=OFFER_BODY, headers=OWNER)
        assert taken.status_code == 202
        refused = await house.http.put(f"{base}/{cid}/sdp_params", json=OFFER_BODY, headers=viewer)
        assert refused.status_code == 404


async def test_of_two_who_offer_on_one_id_at_once_one_has_it() -> None:
    async with serve(access=GUARDED) as house:
        session_id = (await house.http.post("/start_session", json={}, headers=OWNER)).json()["session_id"]
        path = f"/sessions/{session_id}/transport/webrtc/connections/2000/sdp_params"
        viewer = bearer(await token(house, "view"))
        told = await asyncio.gather(
            *(house.http.put(path, json=OFFER_BODY, headers=headers) for headers in (OWNER, viewer))
        )
        assert sorted(reply.status_code for reply in told) == [202, 404]
        assert house.runtime.counters["transport.foreign_connections"] == 1
        assert house.peers.count == 1


async def test_a_viewer_does_not_take_the_answer_of_another_on_the_shared_routes() -> None:
    async with serve(access=GUARDED) as house:
        session_id = (await house.http.post("/start_session", json={}, headers=OWNER)).json()["session_id"]
        shared = f"/sessions/{session_id}/transport/webrtc/sdp_params"
        viewer, other = bearer(await token(house, "view")), bearer(await token(house, "view"))
        for who in (viewer, OWNER):
            assert (await house.http.post(shared, json=OFFER_BODY, headers=who)).status_code == 202
        first = await answer(house, shared, OWNER)
        for who in (other, OWNER):
            assert (await house.http.get(shared, headers=who)).status_code == 202
        assert await answer(house, shared, viewer) != first
        assert house.runtime.counters["transport.answers_dropped"] == 0


async def answer(house: House, path: str, headers: dict[str, str]) -> str:
    """Poll until there is an answer, as clients do."""
    while (reply := await house.http.get(path, headers=headers)).status_code == 202:
        await asyncio.sleep(0.01)
    return str(reply.json()["sdp_answer"])


async def test_a_viewer_does_not_close_the_shared_routes_to_others() -> None:
    async with serve(access=GUARDED) as house:
        session_id = (await house.http.post("/start_session", json={}, headers=OWNER)).json()["session_id"]
        base = f"/sessions/{session_id}/transport/webrtc"
        viewer = bearer(await token(house, "view"))
        taken = await house.http.post(f"{base}/connections/1001/sdp_params", json=OFFER_BODY, headers=viewer)
        assert taken.status_code == 202
        assert (await house.http.post(f"{base}/sdp_params", json=OFFER_BODY, headers=OWNER)).status_code == 202
        line = "candidate:1 1 udp 2122260223 192.0.2.7 5000 typ host"
        body = {"candidates": [{"candidate": line, "sdp_mid": "0", "sdp_mline_index": 0}]}
        for _ in range(house.runtime.limits.early_candidates + 1):
            assert (await house.http.post(f"{base}/ice_candidates", json=body, headers=viewer)).status_code == 202
        dropped = house.runtime.counters["transport.candidates_dropped"]
        assert dropped == 1, "they are for the viewer's own connection"
        assert (await house.http.post(f"{base}/ice_candidates", json=body, headers=OWNER)).status_code == 202
        assert house.runtime.counters["transport.candidates_dropped"] == dropped
        assert await answer(house, f"{base}/sdp_params", OWNER)


async def test_viewers_leave_places_to_those_who_command() -> None:
    async with serve(access=GUARDED, limits=Limits(connections=16)) as house:
        session_id = (await house.http.post("/start_session", json={}, headers=OWNER)).json()["session_id"]
        base = f"/sessions/{session_id}/transport/webrtc/connections"
        viewer = bearer(await token(house, "view"))
        told = [(await house.http.post(base, headers=viewer)).status_code for _ in range(16)]
        assert told == [201] * 14 + [503] * 2
        control = bearer(await token(house, "control"))
        told = [(await house.http.post(base, headers=control)).status_code for _ in range(3)]
        assert told == [201, 201, 503]


# -- pages and names, without a token


async def asked(house: House, *, origin: str | None = None, host: str = "localhost:8080") -> httpx.Response:
    headers = {"Host": host} | ({} if origin is None else {"Origin": origin})
    return await house.http.get("/session", headers=headers)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "https://localhost",
        "http://127.0.0.1:5173",
        "http://127.1.2.3",
        "http://[::1]:3000",
        "http://app.localhost:3000",
        "http://LOCALHOST:3000",
    ],
)
async def test_pages_of_this_machine_may_call(origin: str) -> None:
    async with serve() as house:
        assert (await asked(house, origin=origin)).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://evil.example:8080",
        "http://10.0.0.7",
        "http://localhost@evil.example",
        "null",
        "",
        "localhost",
        "http://[",
        "http://evil.example\\@localhost",
        "http://evil.example#@localhost",
        "http://localhost http://evil.example",
        "http://0.0.0.0:8080",
        "http://127.0.0.1.nip.io",
    ],
)
async def test_other_pages_may_not(origin: str, caplog: pytest.LogCaptureFixture) -> None:
    async with serve() as house:
        with caplog.at_level(logging.WARNING):
            refused = await asked(house, origin=origin)
        assert refused.status_code == 403
        assert "access-control-allow-origin" not in refused.headers
        assert "--allow-origin" in caplog.text
        preflight = await house.http.options(
            "/start_session", headers={"Origin": origin, "Access-Control-Request-Method": "POST", "Host": "localhost"}
        )
        assert preflight.status_code == 403
        assert house.runtime.counters["access.foreign_origin"] == 2


async def test_a_page_that_is_allowed() -> None:
    async with serve(access=Access(origins=("https://app.example.org",))) as house:
        assert (await asked(house, origin="https://app.example.org")).status_code == 200
        assert (await asked(house, origin="http://app.example.org")).status_code == 403
        assert (await asked(house, host="app.example.org", origin="https://app.example.org")).status_code == 200
        policy = (await house.http.get("/", headers={"Host": "localhost"})).headers["content-security-policy"]
        assert "frame-ancestors 'self'" in policy
        assert "https://app.example.org" in policy


async def test_any_page_where_that_is_said_or_a_token_is_asked_for() -> None:
    async with serve(access=Access(origins=("*",))) as house:
        assert (await asked(house, origin="https://evil.example", host="evil.example")).status_code == 200
    async with serve(access=GUARDED) as house:
        reply = await house.http.get("/session", headers={"Origin": "https://any.example"} | OWNER)
        assert reply.status_code == 200
        assert reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:8080", "[::1]:8080", "192.168.1.9:8080", "model:8080", "me.localhost"]
)
async def test_names_it_answers_to(host: str) -> None:
    async with serve() as house:
        assert (await asked(house, host=host)).status_code == 200
        # its own page, under whatever name it was opened
        assert (await asked(house, host=host, origin=f"http://{host}")).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "[",
        "127.0.0.1.evil.example",
        "evil.example.",
        "evil.example@localhost",
        "localhost:80@evil.example",
        "localhost#.evil.example",
        "localhost?.evil.example",
        "127.0.0.1:evil.example",
        "localhost/evil.example",
    ],
)
async def test_names_of_others(host: str) -> None:
    """A name that somebody else has pointed at this machine: the browser takes its page for one of this server's."""
    async with serve() as house:
        refused = await asked(house, host=host, origin=f"http://{host}")
        assert refused.status_code == 403
        assert "answers to its own name only" in refused.json()["detail"]
        assert house.runtime.counters["access.foreign_host"] == 1


async def test_many_refusals_of_one_kind_hide_none_of_the_other(caplog: pytest.LogCaptureFixture) -> None:
    async with serve() as house:
        with caplog.at_level(logging.WARNING):
            for _ in range(3):
                await asked(house, origin="https://evil.example")
            for _ in range(3):
                await asked(house, host="evil.example")
        warned = [record.getMessage().split()[0] for record in caplog.records if record.levelno == logging.WARNING]
        assert warned == ["Origin", "Host"]


@pytest.mark.parametrize(
    "origin", ["app.example.org", "https://app.example.org/path", "https://", "https://a b", "file"]
)
def test_origins_that_are_none(origin: str) -> None:
    with pytest.raises(ValueError, match="is no origin"):
        Access(origins=(origin,))
