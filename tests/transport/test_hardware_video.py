"""Pictures of another codec than VP8, from an encoder as hardware has it, with real peers. Software stands in."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from reactor_runtime.limits import Limits
from reactor_runtime.media.frames import Picture
from reactor_runtime.media.frameset import FrameSet
from reactor_runtime.media.hardware.recipes import SPARES, Recipe
from reactor_runtime.transport.webrtc import Offer

from .support import DEADLINE, Guest, House, Viewer, one_colour
from .test_shared_video import BLUE, GREEN, RED, attached, encoder, film, see, show

pytestmark = pytest.mark.asyncio

CODECS = ("AV1", "VP9")


def only(offer: Offer, *codecs: str) -> Offer:
    """The same from a client that takes these codecs alone."""
    lines = offer.sdp.splitlines()
    names = {line[9:].split(" ")[0]: line.split(" ")[1].split("/")[0] for line in lines if line.startswith("a=rtpmap:")}
    gone = {payload for payload, name in names.items() if name not in (*codecs, "rtx")}
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


async def join(house: House, viewer: Viewer, peer: int, *codecs: str) -> Guest:
    """Connect, and play. With `codecs`, these alone."""
    offer = await viewer.offer(peer)
    offer = only(offer, *codecs) if codecs else offer
    before = len(house.guests)
    cid = house.peers.register()
    await house.peers.offer(cid, offer)
    viewer.do("answer", peer, sdp=await house.answer(cid))
    guest = await house.guest(before)
    guest.connection.play("main_video", True)
    return guest


async def codec(guest: Guest) -> tuple[str | None, str | None]:
    """What it is sent, and by what."""
    by = await encoder(guest)
    sending = await guest.connection.sending()
    assert sending is not None
    return sending.tracks["main_video"].codec, by


@contextlib.asynccontextmanager
async def housed(recipe: Recipe) -> AsyncIterator[House]:
    """A house that has found the encoder."""
    house = House(Limits(encoder_probe=DEADLINE), encoders=[recipe])
    try:
        assert await asyncio.to_thread(house.peers._engine.search.wait, DEADLINE)
        assert house.peers._engine.search.found is not None
        yield house
    finally:
        await house.peers.close()


@pytest_asyncio.fixture(params=CODECS)
async def hardware(request: pytest.FixtureRequest) -> AsyncIterator[tuple[House, Recipe]]:
    """A house with an encoder of that codec."""
    recipe = SPARES[request.param]
    async with housed(recipe) as house:
        yield house, recipe


async def test_who_takes_its_codec_shares_it_and_the_others_share_vp8(
    hardware: tuple[House, Recipe], viewer: Viewer
) -> None:
    house, recipe = hardware
    show(house, RED)
    guests = [await join(house, viewer, 0), await join(house, viewer, 1, "VP8"), await join(house, viewer, 2)]
    await see(viewer, RED, 0, 1, 2)
    for guest in guests:
        await attached(guest)
    show(house, BLUE)
    await see(viewer, BLUE, 0, 1, 2)
    best, plain = (recipe.codec, f"{recipe.name}, shared"), ("VP8", "libvpx, shared")
    assert [await codec(guest) for guest in guests] == [best, plain, best]
    assert house.counters["transport.encoders_not_shared"] == 0
    assert house.counters["transport.faults"] == 0
    assert house.counters["video.hardware_lost"] == 0


async def test_pictures_carry_their_metadata(hardware: tuple[House, Recipe], viewer: Viewer) -> None:
    house, recipe = hardware
    guest = await join(house, viewer, 0)
    await attached(guest)
    said = [{"n": 1}, {"n": 2, "long": "x" * 300}, {}]
    for colour, words in zip((RED, GREEN, BLUE), said, strict=True):
        text = str(words)
        picture = one_colour(*colour)
        house.show(FrameSet({"main_video": Picture(picture.width, picture.height, picture.bgra, text.encode())}))
        await see(viewer, colour, 0)
        frame = viewer.all("frame", 0)[-1]
        assert frame["metadata"] == text and frame["captured"] > 0
    assert (await codec(guest))[0] == recipe.codec


async def test_who_joins_a_film_in_its_midst_sees_it(hardware: tuple[House, Recipe], viewer: Viewer) -> None:
    house, _ = hardware
    async with film(house, GREEN):
        for peer in range(3):
            await join(house, viewer, peer)
            await see(viewer, GREEN, *range(peer + 1))
    assert house.counters["transport.faults"] == 0


async def test_the_size_may_change_and_playing_may_pause(hardware: tuple[House, Recipe], viewer: Viewer) -> None:
    house, _ = hardware
    guest = await join(house, viewer, 0)
    await attached(guest)
    for colour, size, width in ((RED, (320, 192), 320), (BLUE, (641, 361), 642)):
        show(house, colour, *size)
        await see(viewer, colour, 0, width=width)
    guest.connection.play("main_video", False)
    show(house, GREEN)
    guest.connection.play("main_video", True)
    await see(viewer, GREEN, 0)


async def test_where_it_fails_the_next_pictures_come_in_software(
    viewer: Viewer, caplog: pytest.LogCaptureFixture
) -> None:
    """As when a driver goes, or its sessions are all taken. Who comes later has VP8."""
    async with housed(SPARES["AV1"]) as house:
        first = await join(house, viewer, 0)
        await attached(first)
        show(house, RED)
        await see(viewer, RED, 0)
        output = house.peers._engine.output("main_video")
        assert output is not None and output.hardware is not None
        found = output.hardware._search._found
        assert found is not None
        output.hardware._search._found = replace(found, recipe=replace(found.recipe, options={"preset": "99"}))
        for colour in (GREEN, BLUE):
            show(house, colour, 640, 384)
            await see(viewer, colour, 0, width=640)
        second = await join(house, viewer, 1)
        await see(viewer, BLUE, 1)
        assert [(await codec(guest))[0] for guest in (first, second)] == ["AV1", "VP8"]
        assert house.counters["video.hardware_lost"] == 1
        warned = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
        assert len(warned) == 1 and "track 'main_video': libsvtav1 is left for libsvtav1" in warned[0]
