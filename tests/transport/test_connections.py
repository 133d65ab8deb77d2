"""Connecting, talking, closing: with real peers."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import os
import signal
from dataclasses import replace

import pytest

from reactor_runtime.errors import ManifestError, SignallingError
from reactor_runtime.limits import Limits
from reactor_runtime.transport.webrtc import Candidate, IceServer, IceSettings
from reactor_runtime.wire.messages import (
    Command,
    Message,
    Ping,
    PublishGranted,
    Reply,
    ResumeTrack,
    Schema,
    SessionEnded,
)

from .support import DEADLINE, WATCH, House, Viewer, threads, until

pytestmark = pytest.mark.asyncio

PING = json.dumps({"scope": "runtime", "data": {"type": "ping", "data": {}}})


def command(name: str, **arguments: object) -> str:
    return json.dumps({"scope": "application", "data": {"type": name, "data": arguments}})


async def test_a_client_connects_and_both_sides_talk(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house)
    guest.connection.send(Message("hello", {"n": 1}))
    viewer.send(command("go"))
    await until(lambda: bool(guest.received), house.changed, "the command arrives")
    assert guest.received == [Command("go")]
    heard = await viewer.wait("message", label="data")
    assert not heard["binary"]
    viewer.send(PING)
    await until(lambda: len(guest.received) == 2, house.changed, "the ping arrives")
    assert guest.received[1] == Ping()


async def test_close_flushes_and_the_client_sees_it(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house)
    viewer.send(PING)
    await until(lambda: bool(guest.received), house.changed, "the ping arrives")
    for number in range(50):
        guest.connection.send(Message("block", {"n": number, "text": "x" * 20_000}))
    guest.connection.send(SessionEnded("bye"))
    await guest.connection.close()
    await guest.connection.close()
    await viewer.wait("close", label="data")
    assert len(viewer.all("message")) == 51
    assert guest.reasons == []


async def test_nothing_is_said_before_the_client_shows_its_wire(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house)
    guest.connection.send(Message("greeting", {}))
    viewer.send(b"\x0a\x06ctrl_1\x10\x03\x52\x00", label="control")  # a ping of the protobuf wire
    heard = await viewer.wait("message")
    assert heard["binary"]
    assert guest.received == [Ping()]


async def test_the_channels_are_told_apart_by_label(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house, labels=("control", "anything"))
    viewer.send(PING, label="anything")
    guest.connection.send(PublishGranted("camera", "1"))
    guest.connection.send(Message("hello", {}))
    await viewer.wait("message", label="control")
    await viewer.wait("message", label="anything")
    viewer.send(json.dumps({"type": "notification", "event": "nonsense", "data": {}}), label="control")
    await until(lambda: bool(guest.faults), house.changed, "the fault")
    assert guest.faults[0].control


@pytest.mark.limit("early_messages", counted="transport.early_messages_dropped")
async def test_early_messages_are_delivered_after_the_join(viewer: Viewer) -> None:
    house = House(replace(Limits(), early_messages=3))
    try:
        # The control channel opens and talks before there is a data channel, so the client has not joined yet.
        cid = house.peers.register()
        await house.peers.offer(cid, await viewer.offer(labels=("control",)))
        viewer.do("answer", sdp=await house.answer(cid))
        await viewer.wait("open", label="control")
        resume = {"type": "notification", "event": "resume_track", "data": {"name": "main_video"}}
        viewer.send(json.dumps(resume), label="control", times=5)
        async with asyncio.timeout(DEADLINE):
            while house.counters["transport.early_messages_dropped"] < 2:
                await asyncio.sleep(0)
        assert not house.guests
        viewer.do("channel", label="data")
        guest = await house.guest()
        await until(lambda: len(guest.received) == 3, house.changed, "the early messages")
        assert guest.received == [ResumeTrack("main_video")] * 3
    finally:
        await house.peers.close()


async def test_a_message_that_is_too_large_or_senseless_is_refused(viewer: Viewer) -> None:
    house = House(replace(Limits(), message_bytes=1000))
    try:
        _, guest = await viewer.connect(house)
        viewer.send(command("go", text="x" * 2000))
        viewer.send("{")
        viewer.send(command("go"))
        await until(lambda: bool(guest.received), house.changed, "the good command")
        assert len(guest.faults) == 2
        assert "1000" in str(guest.faults[0])
    finally:
        await house.peers.close()


async def test_chunking_is_spoken_with_those_who_can(house: House) -> None:
    viewer = await Viewer.start("--chunking")
    try:
        _, guest = await viewer.connect(house)
        viewer.send(command("go", text="x" * 200_000))
        await until(lambda: bool(guest.received), house.changed, "the command")
        guest.connection.send(Message("large", {"text": "x" * 600_000}))
        heard = await viewer.wait("message")
        assert len(heard["data"]) > 600_000
        viewer.send(command("go", text="x" * 500_000))
        await until(lambda: bool(guest.faults), house.changed, "the refusal")
    finally:
        await viewer.stop()


@pytest.mark.parametrize(("said", "limit"), [("", 65536), ("a=max-message-size:100000\r\n", 100_000)])
async def test_a_message_above_the_clients_maximum_costs_no_connection(
    house: House, viewer: Viewer, said: str, limit: int
) -> None:
    offer = await viewer.offer()
    assert "a=max-message-size:262144\r\n" in offer.sdp
    cid = house.peers.register()
    await house.peers.offer(cid, replace(offer, sdp=offer.sdp.replace("a=max-message-size:262144\r\n", said)))
    viewer.do("answer", sdp=await house.answer(cid))
    await viewer.wait("open", label="data")
    guest = await house.guest()
    viewer.send(PING)
    await until(lambda: bool(guest.received), house.changed, "the ping arrives")
    large = Message("large", {"text": "x" * limit})
    guest.connection.send(large)
    guest.connection.send(Reply("go", large, "r1"))
    guest.connection.send(Schema({"text": "x" * limit}, "r2"))
    guest.connection.send(Message("fits", {"text": "x" * (limit - 100)}))
    heard = [json.loads(base64.b64decode((await viewer.wait("message", count=n))["data"]))["data"] for n in (1, 2, 3)]
    assert [letter["type"] for letter in heard] == ["commandResponse", "commandResponse", "fits"]
    for letter, request in zip(heard, ("r1", "r2"), strict=False):
        assert letter["data"]["request_id"] == request
        assert letter["data"]["error"]["code"] == "internal_error"
        assert f"bytes; this client takes {limit}" in letter["data"]["error"]["message"]
    assert house.counters["transport.messages_dropped"] == 1
    assert guest.reasons == []


async def test_a_registered_client_may_do_without_a_control_channel(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house, labels=("data",))
    viewer.send(PING)
    await until(lambda: bool(guest.received), house.changed, "the ping arrives")
    guest.connection.send(PublishGranted("camera", "1"))
    await viewer.wait("message", label="data")


async def test_a_client_that_closes_leaves(house: House, viewer: Viewer) -> None:
    cid, guest = await viewer.connect(house)
    viewer.do("close")
    await until(lambda: bool(guest.reasons), house.changed, "the guest leaves")
    assert len(guest.reasons) == 1
    with pytest.raises(SignallingError) as caught:
        house.peers.collect(cid)
    assert caught.value.status == 404 and f"connection {cid} is over" in str(caught.value)
    with pytest.raises(SignallingError) as caught:
        house.peers.collect(cid % 9999 + 1)
    assert caught.value.status == 404 and "there is no connection" in str(caught.value)


async def test_a_connection_that_left_makes_room_at_once(viewer: Viewer) -> None:
    house = House(replace(Limits(), connections=2))
    try:
        for number in range(5):
            _, guest = await viewer.connect(house, number)
            viewer.do("close", number)
            await until(lambda guest=guest: bool(guest.reasons), house.changed, "the guest leaves")
    finally:
        await house.peers.close()


async def test_an_offer_on_a_living_id_replaces_it(house: House, viewer: Viewer) -> None:
    cid, first = await viewer.connect(house, peer=0)
    offer = await viewer.offer(peer=1)
    await house.peers.offer(cid, offer)
    assert first.reasons == ["a new offer replaced it"]
    answer = await house.answer(cid)
    viewer.do("answer", peer=1, sdp=answer)
    await house.guest(1)
    await viewer.wait("close", peer=0, label="data")


async def test_a_refused_offer_leaves_the_living_connection_alone(house: House, viewer: Viewer) -> None:
    cid, guest = await viewer.connect(house)
    offer = await viewer.offer(peer=1)
    with pytest.raises(SignallingError) as caught:
        await house.peers.offer(cid, replace(offer, tracks=[replace(offer.tracks[0], name="nothing")]))
    assert caught.value.status == 422
    assert "track_mapping[0].name" in str(caught.value)
    broken = "\r\n".join(line for line in offer.sdp.splitlines() if not line.startswith("a=fingerprint"))
    with pytest.raises(SignallingError) as caught:
        await house.peers.offer(cid, replace(offer, sdp=broken))
    assert caught.value.status == 422
    viewer.send(PING)
    await until(lambda: bool(guest.received), house.changed, "the ping arrives")
    assert guest.reasons == []


async def test_an_offer_on_an_id_that_was_never_registered_works(house: House, viewer: Viewer) -> None:
    offer = await viewer.offer()
    await house.peers.offer(4321, offer)
    viewer.do("answer", sdp=await house.answer(4321))
    await house.guest()
    with pytest.raises(SignallingError) as caught:
        await house.peers.offer(1000, offer)
    assert caught.value.status == 400


async def test_an_answer_is_given_once(house: House, viewer: Viewer) -> None:
    cid = house.peers.register()
    assert house.peers.collect(cid) is None
    await house.peers.offer(cid, await viewer.offer())
    answer = await house.answer(cid)
    assert "a=candidate:" in answer
    assert "a=end-of-candidates" in answer
    assert "a=sendonly" in answer
    assert house.peers.collect(cid) is None


async def test_an_unreachable_server_does_not_hold_up_the_answer(viewer: Viewer) -> None:
    nowhere = IceServer(("stun:192.0.2.200:3478",))
    house = House(ice=IceSettings(servers=(nowhere,), port_range=(51000, 51100)))
    try:
        assert house.peers.ice_servers() == [nowhere]
        cid = house.peers.register()
        await house.peers.offer(cid, await viewer.offer())
        async with asyncio.timeout(1.0):
            while (answer := house.peers.collect(cid)) is None:
                await asyncio.sleep(0.01)
        ports = [int(line.split(" ")[5]) for line in answer.splitlines() if line.startswith("a=candidate:")]
        assert ports
        assert all(51000 <= port <= 51100 for port in ports)
        viewer.do("answer", sdp=answer)
        await house.guest()
    finally:
        await house.peers.close()


async def test_candidates_before_and_after_the_offer(house: House, viewer: Viewer) -> None:
    offer = await viewer.offer()
    await viewer.wait("candidate", count=2)
    cid = house.peers.register()
    early, *late = viewer.candidates()
    hidden = Candidate("candidate:1 1 udp 2122260223 0b0e9a5e-3b1c.local 50000 typ host generation 0", "0", 0)
    await house.peers.candidates(cid, [early, hidden, Candidate("")])
    await house.peers.offer(cid, offer)
    await house.peers.candidates(cid, [*late, hidden])
    assert house.counters["transport.candidates_dropped"] == 2
    with pytest.raises(SignallingError) as caught:
        await house.peers.candidates(cid, [early, Candidate("candidate:nonsense")])
    assert caught.value.status == 422
    assert "candidates[1]" in str(caught.value)
    with pytest.raises(SignallingError) as caught:
        await house.peers.candidates(10_000, [early])
    assert caught.value.status == 400
    viewer.do("answer", sdp=await house.answer(cid))
    await house.guest()


async def test_shared_offers_live_side_by_side(house: House, viewer: Viewer) -> None:
    first = await viewer.offer(peer=0, labels=("data",))
    second = await viewer.offer(peer=1, labels=("data",))
    assert await house.peers.offer_shared(first) == 1001
    assert await house.peers.offer_shared(second) == 1001
    viewer.do("answer", peer=0, sdp=house.peers.collect_shared())
    viewer.do("answer", peer=1, sdp=house.peers.collect_shared())
    assert house.peers.collect_shared() is None
    await house.guest(1)
    for guest in house.guests:
        guest.connection.send(PublishGranted("camera", "1"))  # no control channel: it goes on data, unasked
    await viewer.wait("message", peer=0, label="data")
    await viewer.wait("message", peer=1, label="data")
    assert [guest.reasons for guest in house.guests] == [[], []]


async def test_a_page_loaded_again_gets_its_own_answer(house: House, viewer: Viewer) -> None:
    left = await viewer.offer(peer=0, labels=("data",))
    again = await viewer.offer(peer=1, labels=("data",))
    await house.peers.offer_shared(left, "127.0.0.1:1000")
    await house.peers.offer_shared(again, "127.0.0.1:1000")
    viewer.do("answer", peer=1, sdp=house.peers.collect_shared("127.0.0.1:1000"))
    await viewer.wait("open", peer=1, label="data")


async def test_two_pages_that_poll_crosswise_get_their_own_answers(house: House, viewer: Viewer) -> None:
    first = await viewer.offer(peer=0, labels=("data",))
    second = await viewer.offer(peer=1, labels=("data",))
    await asyncio.gather(house.peers.offer_shared(first, "a:1"), house.peers.offer_shared(second, "b:2"))
    viewer.do("answer", peer=1, sdp=house.peers.collect_shared("b:2"))
    viewer.do("answer", peer=0, sdp=house.peers.collect_shared("a:1"))
    await viewer.wait("open", peer=0, label="data")
    await viewer.wait("open", peer=1, label="data")


async def test_shared_answers_come_in_the_order_the_offers_arrived_in(house: House, viewer: Viewer) -> None:
    slow = await viewer.offer(peer=0, labels=("data",), media=WATCH)
    quick = await viewer.offer(peer=1, labels=("data",), media=[])
    broken = replace(slow, sdp=slow.sdp.replace("a=fingerprint", "a=x-fingerprint"))
    refused, *_ = await asyncio.gather(
        house.peers.offer_shared(broken),
        house.peers.offer_shared(slow),
        house.peers.offer_shared(quick),
        return_exceptions=True,
    )
    assert isinstance(refused, SignallingError)
    viewer.do("answer", peer=0, sdp=house.peers.collect_shared())
    viewer.do("answer", peer=1, sdp=house.peers.collect_shared())
    await viewer.wait("open", peer=0, label="data")
    await viewer.wait("open", peer=1, label="data")


async def test_an_ice_server_the_engine_does_not_take_is_named() -> None:
    with pytest.raises(ManifestError, match="stun:a b:99999999"):
        House(ice=IceSettings(servers=(IceServer(("stun:127.0.0.1:3478",)), IceServer(("stun:a b:99999999",)))))
    await House().peers.close()


async def test_an_engine_that_makes_no_connection_is_not_available(house: House, viewer: Viewer) -> None:
    offer = await viewer.offer()
    await house.peers.close()
    with pytest.raises(SignallingError) as caught:
        await house.peers.offer(5000, offer)
    assert caught.value.status == 503


@pytest.mark.parametrize("index", [-1, 2**40, 2**70])
async def test_a_candidate_of_an_impossible_section(house: House, viewer: Viewer, index: int) -> None:
    candidate = Candidate("candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host", None, index)
    offer = await viewer.offer()
    cid = house.peers.register()
    await house.peers.candidates(cid, [candidate])
    await house.peers.offer(cid, offer)
    assert house.counters["transport.candidates_dropped"] == 1
    with pytest.raises(SignallingError) as caught:
        await house.peers.candidates(cid, [candidate])
    assert caught.value.status == 422
    viewer.do("answer", sdp=await house.answer(cid))
    await house.guest()


async def test_ids_that_were_in_use_are_the_last_to_be_given_again() -> None:
    now = 100.0

    class Clock:
        def now(self) -> float:
            return now

    house = House(clock=Clock())
    try:
        given = set()
        for _ in range(4000):
            given.add(house.peers.register())
            now += 60.0  # nothing comes of it
        assert len(given) == 4000
        assert 5000 <= house.peers.register() <= 9999
    finally:
        await house.peers.close()


async def test_an_answer_does_not_outlive_its_connection(house: House, viewer: Viewer) -> None:
    house.on_join = lambda connection: None
    nowhere = await viewer.offer()
    cid = house.peers.register()
    taking = asyncio.create_task(house.peers.offer(cid, nowhere))
    while not (found := [task for task in asyncio.all_tasks() if task.get_name() == f"peer {cid}: answer"]):
        await asyncio.sleep(0)
    replaced = [peer for peer in gc.get_objects() if type(peer).__name__ == "Peer" and peer.label == f"peer {cid}"]
    replaced[0].leave("it left before it was answered")
    await asyncio.wait(found)
    await taking
    with pytest.raises(SignallingError, match="is over"):
        house.peers.collect(cid)


@pytest.mark.parametrize("ending", [False, True])
async def test_a_client_that_misses_the_last_words_is_news_unless_the_server_ends(
    house: House, viewer: Viewer, caplog: pytest.LogCaptureFixture, ending: bool
) -> None:
    _, guest = await viewer.connect(house)
    viewer.send(PING)
    await until(lambda: bool(guest.received), house.changed, "the ping arrives")
    viewer.process.send_signal(signal.SIGSTOP)
    await asyncio.to_thread(os.waitid, os.P_PID, viewer.process.pid, os.WSTOPPED)  # until then it may take words yet
    if ending:
        house.peers.expect_end()
    for _ in range(20):
        guest.connection.send(Message("block", {"text": "x" * 200_000}))
    await guest.connection.close()
    assert house.counters["transport.unflushed"] == 1
    assert ("closed before it had taken all" in caplog.text) is not ending


@pytest.mark.limit("connect_timeout", counted="transport.connect_timeouts")
async def test_a_connection_that_does_not_come_is_reaped(viewer: Viewer) -> None:
    house = House(replace(Limits(), connect_timeout=0.2, connections=1))
    try:
        await house.peers.offer_shared(await viewer.offer())
        with pytest.raises(SignallingError) as caught:
            house.peers.register()
        assert caught.value.status == 503
        async with asyncio.timeout(DEADLINE):
            while not house.counters["transport.connect_timeouts"]:
                await asyncio.sleep(0)
        house.peers.register()
    finally:
        await house.peers.close()


async def test_without_a_session_nobody_joins(viewer: Viewer) -> None:
    house = House(session=False)
    try:
        cid = house.peers.register()
        await house.peers.offer(cid, await viewer.offer())
        viewer.do("answer", sdp=await house.answer(cid))
        await viewer.wait("close", label="data")
        assert house.counters["transport.joins_refused"] == 1
    finally:
        await house.peers.close()


async def test_reset_drops_who_has_not_joined(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house, peer=0)
    await house.peers.offer_shared(await viewer.offer(peer=1))
    cid = house.peers.register()
    await house.peers.reset()
    assert house.peers.collect_shared() is None
    with pytest.raises(SignallingError) as caught:
        house.peers.collect(cid)
    assert caught.value.status == 404
    viewer.send(PING)
    await until(lambda: bool(guest.received), house.changed, "the ping arrives")


async def test_a_second_engine_is_refused(house: House) -> None:
    with pytest.raises(RuntimeError):
        House()
    await house.peers.close()
    again = House()
    await again.peers.close()


async def test_connections_leave_nothing_behind(house: House, viewer: Viewer) -> None:
    def alive() -> int:
        gc.collect()
        return sum(1 for found in gc.get_objects() if type(found).__name__ in ("Peer", "Bridge", "Channels"))

    async def come_and_go(number: int) -> None:
        _, guest = await viewer.connect(house, peer=number)
        if number % 2:
            viewer.do("close", peer=number)
            await until(lambda: bool(guest.reasons), house.changed, "the guest leaves")
            await guest.connection.close()
        else:
            await guest.connection.close()
            await viewer.wait("close", peer=number, label="data")
            viewer.do("close", peer=number)

    for number in range(2):
        await come_and_go(number)
    house.guests.clear()
    before = threads()
    for number in range(2, 12):
        await come_and_go(number)
        house.guests.clear()
    async with asyncio.timeout(DEADLINE):
        while alive():
            await asyncio.sleep(0)
    assert threads() <= before + 1
