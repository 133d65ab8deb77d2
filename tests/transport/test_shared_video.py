"""One encoder for all viewers, with real peers; and those who cannot share it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
import reactor_webrtc as rw

from reactor_runtime.media.frames import black
from reactor_runtime.media.frameset import FrameSet
from reactor_runtime.transport.webrtc import MappedTrack, Offer
from reactor_runtime.transport.webrtc.peer import Peer
from reactor_runtime.transport.webrtc.sdp import first_codec
from reactor_runtime.transport.webrtc.video.desk import Desk
from reactor_runtime.transport.webrtc.video.retired import Retired
from reactor_runtime.transport.webrtc.video.subscription import Subscription
from reactor_runtime.transport.webrtc.video.viewer import RawViewer

from .support import DEADLINE, Guest, Happening, House, Viewer, one_colour, until

pytestmark = pytest.mark.asyncio

BLUE, GREEN, RED = (230, 20, 20), (20, 230, 20), (20, 20, 230)
SHARED = "libvpx, shared"
LINE = "retracting encoder slot"


def near(frame: Happening, colour: tuple[int, int, int]) -> bool:
    return all(abs(seen - meant) < 60 for seen, meant in zip(frame["pixel"], colour, strict=True))


def seen(viewer: Viewer, colour: tuple[int, int, int], peer: int = 0, width: int | None = None) -> bool:
    frames = viewer.all("frame", peer)
    return any(near(frame, colour) and width in (None, frame["width"]) for frame in frames)


async def see(viewer: Viewer, colour: tuple[int, int, int], *peers: int, width: int | None = None) -> None:
    """Wait until each of them has seen it."""
    for peer in peers:
        what = f"viewer {peer} sees {colour}"
        await until(lambda peer=peer: seen(viewer, colour, peer, width), viewer.changed, what)  # type: ignore[misc]


def show(house: House, colour: tuple[int, int, int], width: int = 320, height: int = 192) -> None:
    house.show(FrameSet({"main_video": one_colour(*colour, width, height)}))


@contextlib.asynccontextmanager
async def film(house: House, colour: tuple[int, int, int]) -> AsyncIterator[None]:
    """Pictures all the time."""

    async def run() -> None:
        while True:
            show(house, colour)
            await asyncio.sleep(1 / 30)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def attached(guest: Guest) -> None:
    """Wait until it is served."""
    connection = guest.connection
    assert isinstance(connection, Peer)
    async with asyncio.timeout(DEADLINE):
        while "main_video" not in connection.playing:
            await asyncio.sleep(0.001)


async def resting(guest: Guest) -> None:
    """Wait until it is paused."""
    connection = guest.connection
    assert isinstance(connection, Peer)
    async with asyncio.timeout(DEADLINE):
        while connection.playing:
            await asyncio.sleep(0.001)


async def encoder(guest: Guest) -> str | None:
    """What encodes for it, once there is one."""
    async with asyncio.timeout(DEADLINE):
        while (found := await guest.connection.sending()) is None or not found.tracks["main_video"].encoder:
            await asyncio.sleep(0.01)
    return found.tracks["main_video"].encoder


def desk(house: House) -> Desk:
    found = house.peers._engine.desk
    assert found is not None
    return found


def without_vp8(offer: Offer) -> Offer:
    """The same from a client that has no VP8."""
    lines = offer.sdp.splitlines()
    gone = {line[9:].split(" ")[0] for line in lines if line.startswith("a=rtpmap:") and " VP8/" in line}
    assert gone
    gone |= {line[7:].split(" ")[0] for line in lines if line.startswith("a=fmtp:") and line.split("apt=")[-1] in gone}

    def keep(line: str) -> str | None:
        if line.startswith("m=video"):
            words = line.split(" ")
            return " ".join(words[:3] + [word for word in words[3:] if word not in gone])
        name, _, rest = line.partition(":")
        about = name in ("a=rtpmap", "a=fmtp", "a=rtcp-fb") and rest.split(" ")[0] in gone
        return None if about else line

    kept = [changed for line in lines if (changed := keep(line)) is not None]
    return Offer("".join(f"{line}\r\n" for line in kept), offer.tracks)


async def connect(house: House, viewer: Viewer, peer: int, change: Callable[[Offer], Offer]) -> Guest:
    """As `Viewer.connect`, with an offer that is changed on its way."""
    offer = change(await viewer.offer(peer))
    before = len(house.guests)
    cid = house.peers.register()
    await house.peers.offer(cid, offer)
    viewer.do("answer", peer, sdp=await house.answer(cid))
    return await house.guest(before)


@pytest_asyncio.fixture(params=["by the first offer", "already"])
async def ready(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """A house in which what all viewers need is made by the first offer, or is there."""
    made = House()
    if request.param == "already":
        await made.peers._engine.prepare()
    yield made
    await made.peers.close()


async def test_eight_who_join_at_once_share_one_encoder(ready: House, viewer: Viewer) -> None:
    house = ready
    offers = [await viewer.offer(peer) for peer in range(8)]
    show(house, RED)
    cids = [house.peers.register() for _ in offers]
    await asyncio.gather(*(house.peers.offer(cid, offer) for cid, offer in zip(cids, offers, strict=True)))
    house.on_join = lambda connection: connection.play("main_video", True)
    for peer, cid in enumerate(cids):
        viewer.do("answer", peer, sdp=await house.answer(cid))
    guests = [await house.guest(index) for index in range(8)]
    await see(viewer, RED, *range(8))
    assert [await encoder(guest) for guest in guests] == [SHARED] * 8
    for guest in guests:
        await attached(guest)
    show(house, BLUE)
    await see(viewer, BLUE, *range(8))
    assert house.counters["transport.encoders_not_shared"] == 0
    assert house.counters["transport.faults"] == 0
    assert house.counters["transport.play_failed"] == 0


async def test_who_joins_a_film_shares_it(house: House, viewer: Viewer) -> None:
    guests = []
    async with film(house, GREEN):
        for peer in range(4):
            _, guest = await viewer.connect(house, peer)
            guest.connection.play("main_video", True)
            guests.append(guest)
            await see(viewer, GREEN, *range(peer + 1))
    assert [await encoder(guest) for guest in guests] == [SHARED] * 4


async def test_a_picture_shown_once_reaches_who_joins_later(house: House, viewer: Viewer) -> None:
    show(house, RED)
    for peer in range(3):
        _, guest = await viewer.connect(house, peer)
        guest.connection.play("main_video", True)
        await see(viewer, RED, peer)


async def test_what_was_sent_is_told(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house)
    guest.connection.play("main_video", True)
    show(house, RED)
    await see(viewer, RED, 0)
    found = await guest.connection.sending()
    assert found is not None
    sent = found.tracks["main_video"]
    assert (sent.codec, sent.encoder, sent.width, sent.height) == ("VP8", SHARED, 320, 192)
    assert sent.frames_encoded >= 1 and sent.encode_seconds > 0 and sent.packets >= 1


@pytest.mark.parametrize("order", ["the other first", "the other last"])
async def test_a_client_without_vp8_has_an_encoder_of_its_own(house: House, viewer: Viewer, order: str) -> None:
    show(house, BLUE)
    kinds: list[Callable[[Offer], Offer]] = [without_vp8, lambda offer: offer]
    if order == "the other last":
        kinds.reverse()
    guests = []
    for peer, change in enumerate(kinds):
        guests.append(await connect(house, viewer, peer, change))
        guests[-1].connection.play("main_video", True)
        await see(viewer, BLUE, peer)
    encoders = [await encoder(guest) for guest in guests]
    other = kinds.index(without_vp8)
    assert encoders[1 - other] == SHARED
    assert encoders[other] not in (SHARED, None, "ReactorCustom")
    sending = await guests[other].connection.sending()
    assert sending is not None and sending.tracks["main_video"].codec != "VP8"
    for guest in guests:
        await attached(guest)
    show(house, RED)
    await see(viewer, RED, 0, 1)
    _, third = await viewer.connect(house, 2)
    third.connection.play("main_video", True)
    await see(viewer, RED, 2)
    assert await encoder(third) == SHARED
    assert house.counters["transport.encoders_not_shared"] == 0


async def test_without_a_libvpx_all_see_the_picture(
    viewer: Viewer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("reactor_runtime.transport.webrtc.engine.find_libvpx", lambda: None)
    house = House()
    try:
        show(house, RED)
        guests = []
        for peer in range(3):
            _, guest = await viewer.connect(house, peer)
            guest.connection.play("main_video", True)
            guests.append(guest)
        await see(viewer, RED, 0, 1, 2)
        for guest in guests:
            await attached(guest)
        show(house, BLUE)
        await see(viewer, BLUE, 0, 1, 2)
        assert SHARED not in [await encoder(guest) for guest in guests]
        guests[1].connection.play("main_video", False)
        guests[1].connection.play("main_video", True)
        show(house, GREEN)
        await see(viewer, GREEN, 0, 1, 2)
        assert house.counters["transport.encoders_not_shared"] == 0
    finally:
        await house.peers.close()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_where_the_engine_takes_no_part_all_see_the_picture(
    house: House, viewer: Viewer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(factory: object, names: object) -> None:
        raise RuntimeError("it does not")

    monkeypatch.setattr("reactor_runtime.transport.webrtc.video.desk.make_tickers", fail)
    show(house, RED)
    guests = []
    for peer in range(2):
        _, guest = await viewer.connect(house, peer)
        guest.connection.play("main_video", True)
        guests.append(guest)
    await see(viewer, RED, 0, 1)
    assert SHARED not in [await encoder(guest) for guest in guests]
    warned = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert warned == ["the media engine encodes for each viewer alone: it does not"]


async def test_the_size_may_change_in_mid_stream(house: House, viewer: Viewer) -> None:
    guests = []
    for peer in range(2):
        _, guest = await viewer.connect(house, peer)
        guest.connection.play("main_video", True)
        guests.append(guest)
        await attached(guest)
    for colour, size, width in ((RED, (320, 192), 320), (BLUE, (641, 361), 642), (GREEN, (128, 320), 128)):
        show(house, colour, *size)
        await see(viewer, colour, 0, 1, width=width)
    show(house, BLUE, 320, 192)
    await see(viewer, BLUE, 0, 1, width=320)


async def test_pausing_and_resuming(house: House, viewer: Viewer) -> None:
    guests = []
    for peer in range(3):
        _, guest = await viewer.connect(house, peer)
        guest.connection.play("main_video", True)
        guests.append(guest)
        await attached(guest)
    show(house, RED)
    await see(viewer, RED, 0, 1, 2)
    for guest in guests[:2]:
        guest.connection.play("main_video", False)
        await resting(guest)
    show(house, GREEN)
    await see(viewer, GREEN, 2)
    show(house, BLUE)
    await see(viewer, BLUE, 2)
    guests[0].connection.play("main_video", True)
    await see(viewer, BLUE, 0)
    assert not seen(viewer, GREEN, 0)
    assert not seen(viewer, GREEN, 1) and not seen(viewer, BLUE, 1)
    assert await encoder(guests[0]) == SHARED


async def test_who_resumes_alone_sees_what_was_shown_meanwhile(house: House, viewer: Viewer) -> None:
    """Nothing was encoded while it rested: the last key frame is of an old picture."""
    _, guest = await viewer.connect(house)
    guest.connection.play("main_video", True)
    await attached(guest)
    show(house, RED)
    await see(viewer, RED, 0)
    guest.connection.play("main_video", False)
    await resting(guest)
    show(house, BLUE)
    guest.connection.play("main_video", True)
    await see(viewer, BLUE, 0)


async def test_a_viewer_that_leaves_while_it_waits_for_its_turn(house: House, viewer: Viewer) -> None:
    show(house, RED)
    _, leaving = await viewer.connect(house, 0)
    _, staying = await viewer.connect(house, 1)
    async with desk(house).turn:
        leaving.connection.play("main_video", True)
        staying.connection.play("main_video", True)
        async with asyncio.timeout(DEADLINE):
            while len(desk(house).turn._waiters or ()) < 2:
                await asyncio.sleep(0)
        await leaving.connection.close()
    await see(viewer, RED, 1)
    assert await encoder(staying) == SHARED
    assert not viewer.all("frame", 0)


@pytest.mark.parametrize("call", [0, 1], ids=["its own track", "the ticks"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_viewer_that_leaves_while_it_is_attached_harms_nobody(
    house: House,
    viewer: Viewer,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    call: int,
    when: str,
) -> None:
    show(house, RED)
    _, staying = await viewer.connect(house, 0)
    staying.connection.play("main_video", True)
    await see(viewer, RED, 0)
    _, leaving = await viewer.connect(house, 1)
    _, next_one = await viewer.connect(house, 2)

    attach = Subscription._attach
    there, calls = asyncio.Event(), 0

    async def stop_there(self: Subscription, track: rw.Track | rw.EncodedVideoTrack) -> None:
        nonlocal calls
        if self._label != leaving.connection.label:
            await attach(self, track)
            return
        calls += 1
        if when == "after" or calls <= call:
            await attach(self, track)
        if calls > call:
            there.set()
            await asyncio.Event().wait()  # until it is cancelled

    monkeypatch.setattr(Subscription, "_attach", stop_there)
    leaving.connection.play("main_video", True)
    async with asyncio.timeout(DEADLINE):
        await there.wait()
    next_one.connection.play("main_video", True)
    await leaving.connection.close()
    await see(viewer, RED, 2)
    await attached(next_one)
    show(house, BLUE)
    await see(viewer, BLUE, 0, 2)
    assert [await encoder(guest) for guest in (staying, next_one)] == [SHARED, SHARED]
    assert not viewer.all("frame", 1)
    assert house.counters["transport.encoders_not_shared"] == 0
    assert house.counters["transport.faults"] == 0
    assert LINE not in capfd.readouterr().err


async def test_viewers_that_come_and_go_all_the_time_harm_nobody(house: House, viewer: Viewer) -> None:
    _, staying = await viewer.connect(house, 0)
    staying.connection.play("main_video", True)
    async with film(house, RED):
        await see(viewer, RED, 0)
        for peer in range(1, 9):
            _, leaving = await viewer.connect(house, peer)
            leaving.connection.play("main_video", True)
            if peer % 2:
                await see(viewer, RED, peer)
            viewer.do("close", peer)
            if peer % 3:
                await until(lambda leaving=leaving: bool(leaving.reasons), house.changed, "it left")  # type: ignore[misc]
        _, last = await viewer.connect(house, 9)
        last.connection.play("main_video", True)
        await see(viewer, RED, 9)
        assert [await encoder(guest) for guest in (staying, last)] == [SHARED, SHARED]
    await attached(last)
    show(house, BLUE)
    await see(viewer, BLUE, 0, 9)
    assert house.counters["transport.encoders_not_shared"] == 0
    assert house.counters["transport.faults"] == 0


@pytest.mark.parametrize("then", ["it rests", "it leaves", "it rests and leaves"])
async def test_a_client_without_vp8_that_has_no_encoder_yet_takes_nobodys(
    house: House, viewer: Viewer, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine gives the next encoder it makes to the track that has waited for one longest."""
    show(house, RED)
    other = await connect(house, viewer, 0, without_vp8)
    connection = other.connection
    own, taken = Subscription._own, asyncio.Event()

    async def stop_there(self: Subscription, track: rw.Track) -> None:
        await own(self, track)
        taken.set()
        if then != "it rests":
            await asyncio.Event().wait()  # until it is cancelled

    monkeypatch.setattr(Subscription, "_own", stop_there)
    push = RawViewer.push
    monkeypatch.setattr(RawViewer, "push", lambda *picture: None)  # none of them has come to it yet
    connection.play("main_video", True)
    async with asyncio.timeout(DEADLINE):
        await taken.wait()
    if then != "it leaves":
        connection.play("main_video", False)
        await resting(other)
    if then != "it rests":
        await connection.close()
    monkeypatch.setattr(RawViewer, "push", push)
    guests = []
    for peer in (1, 2):
        _, guest = await viewer.connect(house, peer)
        guest.connection.play("main_video", True)
        guests.append(guest)
        await see(viewer, RED, peer)
    assert [await encoder(guest) for guest in guests] == [SHARED, SHARED]
    assert house.counters["transport.encoders_not_shared"] == 0
    if then == "it rests":
        connection.play("main_video", True)
        await see(viewer, RED, 0)


@pytest.mark.parametrize("kept", [True, False], ids=["kept for a while", "let go of at once"])
async def test_viewers_who_go_leave_no_line_behind(
    viewer: Viewer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], kept: bool
) -> None:
    """Which the media engine writes for each. Were it not written any more, nothing would have to be kept."""
    if not kept:
        monkeypatch.setattr(Retired, "add", lambda self, track: None)
    house = House()
    try:
        show(house, RED)
        guests = []
        for peer in range(4):
            _, guest = await viewer.connect(house, peer)
            guest.connection.play("main_video", True)
            guests.append(guest)
        await see(viewer, RED, *range(4))
        for guest in guests[:3]:
            await attached(guest)
            await guest.connection.close()
        assert len(desk(house).retired) == (3 if kept else 0)
        show(house, BLUE)
        await see(viewer, BLUE, 3)
    finally:
        await house.peers.close()
    assert (LINE in capfd.readouterr().err) is not kept


async def test_a_picture_too_large_for_the_encoder_is_left_out(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house)
    guest.connection.play("main_video", True)
    await attached(guest)
    house.show(FrameSet({"main_video": black(16_386, 16)}))
    async with asyncio.timeout(DEADLINE):
        while not house.counters["transport.faults"]:
            await asyncio.sleep(0.001)
    show(house, RED)
    await see(viewer, RED, 0)


async def test_offers_say_what_they_have_first(viewer: Viewer) -> None:
    offer = await viewer.offer(media=[("audio", "recvonly", ""), ("video", "recvonly", "main_video")])
    (mapped,) = offer.tracks
    assert isinstance(mapped, MappedTrack)
    assert first_codec(offer.sdp, mapped.mid) == "VP8"
    assert first_codec(without_vp8(offer).sdp, mapped.mid) in ("VP9", "AV1")
    assert first_codec(offer.sdp, "0") == ""  # sound
    assert first_codec(offer.sdp, "nowhere") == ""
