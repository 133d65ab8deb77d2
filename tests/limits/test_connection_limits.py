"""Limits of what one connection may send: over each there is a clear refusal, and the other client goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from reactor_runtime.limits import Limits
from tests.server.house import WAIT, serve
from tests.transport.support import until

from .pair import pair

FILE = {"name": "a.png", "size": 6, "mime_type": "image/png"}


@pytest.mark.limit("message_bytes", counted="messages.malformed")
async def test_a_message_that_is_too_long() -> None:
    async with pair(Limits(message_bytes=1000)) as both:
        both.offender.text("x" * 1001)
        assert "the maximum is 1000" in (await both.offender.runtime_message("commandRejected"))["message"]
        assert (await both.offender.command("paint", level=3))["ok"] is True
        await both.watcher_is_served()
        assert both.counters["messages.malformed"] == 1


@pytest.mark.limit("message_depth", counted="messages.malformed")
async def test_a_message_that_nests_too_deep() -> None:
    async with pair(Limits(message_depth=6)) as both:
        both.offender.text('{"type":"paint","data":{"level":' + "[" * 8 + "]" * 8 + "}}")
        assert "deeper than 6 levels" in (await both.offender.runtime_message("commandRejected"))["message"]
        await both.watcher_is_served()
        assert both.counters["messages.malformed"] == 1


@pytest.mark.limit("message_rate", counted="messages.rate_limited")
@pytest.mark.limit("message_burst", counted="messages.rate_limited")
async def test_messages_that_come_too_fast() -> None:
    async with pair(Limits(message_rate=1, message_burst=20)) as both:
        await both.offender.command("paint", level=1)
        for number in range(40):
            both.offender.text(both.offender.request(number, level=1))
        await until(lambda: len(both.offender.answers()) == 40, both.viewer.changed, "40 answers")
        refused = [answer["error"] for answer in both.offender.answers() if not answer["ok"]]
        assert len(refused) >= 10 and {error["code"] for error in refused} == {"rate_limited"}
        assert "more than 1 messages a second" in refused[0]["message"]
        assert {answer["request_id"]: answer["ok"] for answer in both.offender.answers()}["many0"] is True
        await both.watcher_is_served()
        assert both.counters["messages.rate_limited"] == len(refused)


async def test_one_who_expects_no_answer_is_told_once_in_a_while() -> None:
    async with pair(Limits(message_rate=1, message_burst=5)) as both:
        for _ in range(40):
            both.offender.text({"type": "paint", "data": {"level": 1}})
        rejected = await both.offender.runtime_message("commandRejected")
        assert (rejected["command"], rejected["code"]) == ("paint", "rate_limited")
        async with asyncio.timeout(WAIT):
            while both.counters["messages.rate_limited"] < 30:
                await asyncio.sleep(0.01)
        said = [message["data"]["type"] for message in both.offender.messages() if message["scope"] == "runtime"]
        assert said.count("commandRejected") <= 5  # one a second
        await both.watcher_is_served()


def stand_still_until(condition: Callable[[], bool]) -> None:
    """The server's loop does nothing else, as on a machine that is busy."""
    deadline = time.monotonic() + WAIT
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)


@pytest.mark.limit("inbox_messages", counted="transport.inbox_dropped")
async def test_more_messages_than_the_server_reads() -> None:
    async with pair(Limits(inbox_messages=10)) as both:
        both.viewer.send(both.offender.request(1, level=1), 0, times=50)
        stand_still_until(lambda: both.house.runtime.counters["transport.inbox_dropped"] > 0)
        rejected = await both.offender.runtime_message("commandRejected")
        assert rejected["code"] == "rate_limited" and "faster than the server reads" in rejected["message"]
        await both.watcher_is_served()


@pytest.mark.limit("inbox_bytes", counted="transport.inbox_dropped")
async def test_more_bytes_than_the_server_reads() -> None:
    async with pair(Limits(inbox_bytes=1000)) as both:
        both.viewer.send(both.offender.request(1, level=1), 0, times=50)
        stand_still_until(lambda: both.house.runtime.counters["transport.inbox_dropped"] > 0)
        rejected = await both.offender.runtime_message("commandRejected")
        assert rejected["code"] == "rate_limited" and "faster than the server reads" in rejected["message"]
        await both.watcher_is_served()


@pytest.mark.limit("upload_bytes", counted="http.413")
async def test_a_file_that_is_too_large() -> None:
    async with serve(limits=Limits(upload_bytes=1000)) as house:
        uploads = f"/sessions/{await house.start()}/uploads"
        refused = await house.http.post(uploads, json={**FILE, "size": 1001})
        assert refused.status_code == 413
        assert "above the limit of 0.0 MiB a file" in refused.json()["detail"]
        assert (await house.http.post(uploads, json=FILE)).status_code == 201


@pytest.mark.limit("session_uploads", counted="http.413")
async def test_too_many_files() -> None:
    async with serve(limits=Limits(session_uploads=2)) as house:
        uploads = f"/sessions/{await house.start()}/uploads"
        urls = [(await house.http.post(uploads, json=FILE)).json()["presigned_url"] for _ in range(2)]
        refused = await house.http.post(uploads, json=FILE)
        assert (refused.status_code, refused.json()["detail"]) == (
            413,
            "the session holds 2 uploads already, its limit",
        )
        for url in urls:
            assert (await house.http.put(url, content=b"abcdef")).status_code == 200
