"""What nobody should send: each gets its clear error, and the others' picture goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.raw_client import RawClient
from tests.e2e.server import Server
from tests.transport.support import Viewer, until


@pytest_asyncio.fixture
async def pair(bars: Server) -> AsyncIterator[tuple[RawClient, RawClient]]:
    """A client that misbehaves, and one that watches."""
    viewer = await Viewer.start("--chunking")  # or its own side would refuse to send what is too long
    clients = RawClient(bars, viewer, 0), RawClient(bars, viewer, 1)
    try:
        for client in clients:
            await client.connect()
        await clients[1].watch()
        yield clients
    finally:
        await clients[0].http.post("/stop_session")
        for client in clients:
            await client.close()
        await viewer.stop()


async def goes_on(watcher: RawClient) -> None:
    """More frames come to the one who only watches."""
    before = len(watcher.frames())
    await until(lambda: len(watcher.frames()) >= before + 5, watcher.viewer.changed, "five more frames for the watcher")


COMMANDS = [
    ({"type": "set_promt", "data": {}}, "set_promt: no such command; did you mean set_prompt?"),
    ({"type": "set_speed", "data": {"speed": "fast"}}, "set_speed: speed: expected a number, got 'fast'"),
    ({"type": "set_speed", "data": {"speed": True}}, "set_speed: speed: expected a number, got True"),
    ({"type": "set_speed", "data": {"speed": 10.5}}, "set_speed: speed: 10.5 is above the maximum 10.0"),
    ({"type": "set_speed", "data": {"spede": 1}}, "set_speed: spede: no such argument; did you mean speed?"),
    ({"type": "set_image", "data": {}}, "set_image: image: required, and missing"),
]


async def test_bad_commands_are_refused_by_name_and_path(pair):
    client, watcher = pair
    for data, text in COMMANDS:
        answer = await client.answer_to(data)
        assert answer["ok"] is False
        assert answer["error"] == {"code": "invalid_command", "message": text}
    missing = await client.answer_to({"type": "set_image", "data": {"image": {"upload_id": "nope"}}})
    assert missing["error"]["code"] == "unresolved_upload"
    assert (await client.command("set_speed", speed=2))["ok"] is True
    await goes_on(watcher)


async def test_a_client_without_request_ids_is_told_too(pair):
    client, watcher = pair
    client.text({"scope": "application", "data": {"type": "set_speed", "data": {"speed": 99}}})
    rejected = await client.runtime_message("commandRejected", command="set_speed")
    assert rejected["code"] == "invalid_command" and "above the maximum" in rejected["message"]
    client.text({"type": "set_prompt", "data": {"prompt": "bare"}})  # as the page writes it
    assert (await client.model_message("prompt_changed"))["prompt"] == "bare"
    await goes_on(watcher)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{oops", "JSON"),
        ('{"scope":"application","data":{"type":"set_speed","data":{"speed":NaN}}}', "JSON"),
        ('{"scope":"application","data":{"type":7,"data":{}}}', "data.type"),
        ('{"type":"set_prompt","data":{"prompt":' + "[" * 40 + "]" * 40 + "}}", "32"),
        ('{"scope":"nowhere","data":{"type":"x","data":{}}}', "scope"),
        ("x" * 300_000, "262144"),
    ],
    ids=["not JSON", "NaN", "wrong type", "too deep", "unknown scope", "too long"],
)
async def test_what_is_no_message_is_answered_and_harms_nobody(pair, text, words):
    client, watcher = pair
    client.text({"scope": "runtime", "data": {"type": "ping", "data": {}}})
    client.text(text)
    rejected = await client.runtime_message("commandRejected")
    assert words in rejected["message"]
    assert (await client.command("set_speed", speed=1))["ok"] is True
    await goes_on(watcher)


async def test_http_refusals_say_what_is_wrong(pair):
    client, watcher = pair
    session = (await client.http.get("/session")).json()["session_id"]
    routes = f"/sessions/{session}/transport/webrtc"
    cid = (await client.http.post(f"{routes}/connections")).json()["connection_id"]

    async def refused(status: int, words: str, method: str, path: str, **request) -> None:
        answer = await client.http.request(method, path, **request)
        assert answer.status_code == status, answer.text
        assert words in str(answer.json()["detail"])
        assert answer.headers["access-control-allow-origin"] == "*"

    offer = {"sdp_offer": "v=0\r\nthis is no SDP", "track_mapping": []}
    await refused(422, "sdp_offer", "POST", f"{routes}/connections/{cid}/sdp_params", json=offer)
    await refused(422, "sdp_offer", "POST", f"{routes}/connections/{cid}/sdp_params", json={"track_mapping": []})
    await refused(422, "", "POST", f"{routes}/connections/{cid}/sdp_params", content=b"{not json")
    candidate = {"candidates": [{"candidate": "candidate:1 1 udp 1 10.0.0.1 1 typ host", "sdp_mid": "0"}]}
    await refused(404, "7777", "POST", f"{routes}/connections/7777/ice_candidates", json=candidate)
    await refused(422, "candidate", "POST", f"{routes}/connections/{cid}/ice_candidates", json={"candidates": [{}]})
    garbage = {"candidates": [{"candidate": "garbage"}]}
    await refused(422, "candidates[0]", "POST", f"{routes}/connections/{cid}/ice_candidates", json=garbage)
    await refused(404, "Unknown session", "GET", "/sessions/nope/transport/webrtc/ice_servers")
    await refused(404, "", "GET", f"{routes}/connections/4242/sdp_params")

    body = {"name": "a.png", "size": 4, "mime_type": "image/png"}
    upload = (await client.http.post(f"/sessions/{session}/uploads", json=body)).json()
    await refused(400, "4 were declared", "PUT", upload["presigned_url"], content=b"12345")
    await refused(400, "size", "POST", f"/sessions/{session}/uploads", json={**body, "size": 0})
    await refused(422, "name", "POST", f"/sessions/{session}/uploads", json={"size": 4, "mime_type": "a/b"})
    await goes_on(watcher)


async def test_garbage_bytes_in_the_binary_protocol_are_answered_there(bars: Server):
    viewer = await Viewer.start()
    client = RawClient(bars, viewer, 0)
    try:
        await client.connect()
        viewer.send(b"\x99\x99\x99\x99 no protobuf", 0)
        await viewer.wait("message", 0, binary=True)
    finally:
        await client.http.post("/stop_session")
        await client.close()
        await viewer.stop()
