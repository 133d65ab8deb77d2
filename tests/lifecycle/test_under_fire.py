"""Clients that come and go as no client should: in storms, twice on one id, while a session ends, without a goodbye."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from collections.abc import Callable

import pytest

from reactor_runtime.engine.state import State
from reactor_runtime.limits import Limits
from tests.limits.pair import Client, Pair, pair
from tests.server.house import OFFER_BODY, WAIT, House, serve
from tests.transport.support import Viewer, threads

STORM = 50
AT_ONCE = 5


async def until_true(condition: Callable[[], bool], what: str) -> None:
    """Wait for what the server does by itself."""
    try:
        async with asyncio.timeout(WAIT):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"this did not happen: {what}") from None


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def alive() -> int:
    """The connections that anything still refers to."""
    gc.collect()
    return sum(
        1 for found in gc.get_objects() if type(found).__name__ in ("Peer", "Bridge", "Channels", "SessionClient")
    )


async def come_and_go(both: Pair, number: int) -> None:
    """One that connects and leaves; some say something in between."""
    client = Client(both.house, both.viewer, number)
    await client.connect()
    if number % 3:
        assert (await client.command("paint", level=7))["ok"] is True
    client.leave()


@pytest.mark.skipif(sys.platform != "linux", reason="it counts what /proc tells")
async def test_a_storm_of_clients_leaves_nothing_behind_and_the_picture_goes_on() -> None:
    async with pair(Limits()) as both:
        runtime = both.house.runtime

        async def storm(first: int, count: int) -> None:
            for begin in range(first, first + count, AT_ONCE):
                await asyncio.gather(*(come_and_go(both, number) for number in range(begin, begin + AT_ONCE)))
                await both.watcher_is_served()
            await until_true(lambda: len(runtime.find_session().clients) == 2, "all of them are gone")
            await until_true(lambda: alive() == before_peers, "nothing refers to them")

        before_peers = alive()
        await storm(100, 2 * AT_ONCE)  # what is made once is made
        files, running = open_files(), threads()
        await storm(200, STORM)
        # The media engine's threads end when they have had nothing to do for a while.
        await until_true(lambda: open_files() <= files + 2 and threads() <= running + 1, "files and threads are gone")
        counts = both.counters
        assert counts.get("transport.connections_refused", 0) == 0 and counts.get("transport.faults", 0) == 0


async def test_offers_that_never_become_connections_are_bounded_and_keep_nobody_out_for_long() -> None:
    limits = Limits(connections=3, connect_timeout=0.5)
    async with serve(limits=limits) as house:
        url = await house.transport_url()

        async def offer() -> int:
            registered = await house.http.post(f"{url}/connections")
            if registered.status_code != 201:
                return registered.status_code
            cid = registered.json()["connection_id"]
            return (await house.http.post(f"{url}/connections/{cid}/sdp_params", json=OFFER_BODY)).status_code

        assert [await offer() for _ in range(5)] == [202, 202, 202, 503, 503]
        assert house.runtime.counters["transport.connections_refused"] == 2

        async def until_admitted() -> None:
            async with asyncio.timeout(WAIT):
                while await offer() != 202:
                    await asyncio.sleep(0.05)

        await until_admitted()
        assert house.runtime.counters["transport.connect_timeouts"] >= 1


async def test_a_second_offer_on_one_id_replaces_the_first_and_nobody_else() -> None:
    async with pair(Limits()) as both:
        house, viewer = both.house, both.viewer
        url = f"/sessions/{house.runtime.find_session().id}/transport/webrtc/connections"
        cid = (await house.http.post(url)).json()["connection_id"]
        for peer in (10, 11):
            made = await viewer.offer(peer)
            tracks = [
                {"mid": track.mid, "name": track.name, "kind": track.kind, "direction": track.direction}
                for track in made.tracks
            ]
            body = {"sdp_offer": made.sdp, "track_mapping": tracks}
            assert (await house.http.put(f"{url}/{cid}/sdp_params", json=body)).status_code == 202
            answer = await house.http.get(f"{url}/{cid}/sdp_params")
            while answer.status_code == 202:
                answer = await house.http.get(f"{url}/{cid}/sdp_params")
            viewer.do("answer", peer, sdp=answer.json()["sdp_answer"])
            await viewer.wait("open", peer, label="data")
        await viewer.wait("close", 10, label="data")
        await until_true(lambda: len(house.runtime.find_session().clients) == 3, "the second is in, the first is out")
        await both.watcher_is_served()


async def test_offers_while_a_session_closes_are_refused_and_the_next_session_is_sound() -> None:
    async with pair(Limits()) as both:
        house = both.house
        url = f"/sessions/{house.runtime.find_session().id}/transport/webrtc/connections"

        async def offers() -> list[int]:
            registered = [await house.http.post(url) for _ in range(3)]
            known = [reply.json()["connection_id"] for reply in registered if reply.status_code == 201] or [7000]
            made = [await house.http.put(f"{url}/{cid}/sdp_params", json=OFFER_BODY) for cid in known]
            return [reply.status_code for reply in (*registered, *made)]

        stopped, *rounds = await asyncio.gather(house.http.post("/stop_session"), *(offers() for _ in range(5)))
        assert stopped.status_code == 200
        assert {status for statuses in rounds for status in statuses} <= {201, 202, 400, 404, 422, 503}
        assert {status for statuses in rounds for status in statuses} & {400, 404}
        await until_true(lambda: house.runtime.state is State.READY, "the session is over")
        next_one = Client(house, both.viewer, 30)
        await next_one.connect()
        assert (await next_one.command("paint", level=9))["ok"] is True
        assert len(house.runtime.find_session().clients) == 1
        assert both.counters.get("http.failed", 0) == 0


async def test_a_client_that_is_killed_is_gone_after_a_silence() -> None:
    limits = Limits(silence=4.0, orphan_timeout=60)
    async with pair(limits) as both:
        house, other = both.house, await Viewer.start()
        killed = Client(house, other, 0)
        await killed.connect()

        async def lives(client: Client) -> None:
            while True:
                client.text({"scope": "runtime", "data": {"type": "ping", "data": {}}})
                await asyncio.sleep(0.1)

        pinging = [asyncio.create_task(lives(client)) for client in (both.offender, both.watcher, killed)]
        try:
            await until_true(lambda: len(house.runtime.find_session().clients) == 3, "all three are in")
            pinging.pop().cancel()
            other.process.kill()
            await until_true(lambda: len(house.runtime.find_session().clients) == 2, "the one that was killed is gone")
            assert house.runtime.counters["connections.silent"] == 1
            await both.watcher_is_served()
        finally:
            for task in pinging:
                task.cancel()
            await other.stop()


async def test_stop_while_it_loads_is_refused_and_the_load_goes_on() -> None:
    gate = threading.Event()
    async with serve(config={"gate": gate}, load=False) as house:
        house.runtime.start()
        refused = await house.http.post("/stop_session")
        assert refused.status_code == 409 and "loading" in refused.json()["detail"]
        assert (await house.http.post("/start_session")).status_code == 503
        gate.set()
        await house.runtime.loaded()
        assert (await house.http.post("/start_session")).status_code == 200


async def test_a_runtime_that_is_closed_while_it_loads_ends_in_time() -> None:
    gate = threading.Event()

    async with serve(config={"gate": gate}, load=False) as house:
        house.runtime.start()
        await until_true(lambda: "gate.wait" in house.runtime.holdup, "the load has begun")
        assert await house.runtime.close("over", timeout=0.1) is False
        assert house.runtime.state is State.TERMINATED
        assert (await house.http.post("/start_session")).status_code == 503
        gate.set()


async def storm_of_starts(house: House) -> set[int]:
    replies = await asyncio.gather(
        *(house.http.post(path) for _ in range(10) for path in ("/start_session", "/stop_session"))
    )
    return {reply.status_code for reply in replies}


async def test_a_storm_of_starts_and_stops_ends_in_a_sound_state() -> None:
    async with serve() as house:
        assert await storm_of_starts(house) <= {200, 400, 409}
        await house.start()
        async with asyncio.timeout(WAIT):
            assert (await house.http.get("/health")).json()["state"] == "serving"
        assert house.runtime.counters["http.failed"] == 0
