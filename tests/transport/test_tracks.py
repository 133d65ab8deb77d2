"""Several tracks both ways, pictures and sound, with real peers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
import pytest_asyncio

from reactor_runtime.interface.tracks import TrackInfo
from reactor_runtime.media.frameset import FrameSet
from reactor_runtime.media.sound import Sound
from reactor_runtime.transport.webrtc.peer import Peer

from .support import DEADLINE, Guest, House, Viewer, one_colour, until

pytestmark = pytest.mark.asyncio

TRACKS = (
    TrackInfo("webcam", "video", "in"),
    TrackInfo("screen", "video", "in"),
    TrackInfo("microphone", "audio", "in", 48_000),
    TrackInfo("colour", "video", "out"),
    TrackInfo("depth", "video", "out"),
    TrackInfo("voice", "audio", "out", 24_000),
)
WAYS = {"in": "sendonly", "out": "recvonly"}
MEDIA = [(track.kind, WAYS[track.direction], track.name) for track in TRACKS]
COLOUR, DEPTH, VOICE = 0, 1, 2
"""The place of each among the tracks that a viewer receives."""
BLUE, GREEN, RED, GREY = (230, 20, 20), (20, 230, 20), (20, 20, 230), (128, 128, 128)
TONE = Sound((8000 * np.sin(np.arange(12_000) * 2 * np.pi * 440 / 24_000))[None].astype(np.int16), 24_000)

QUIET = Sound(np.zeros((1, 800), np.int16), 24_000)


@pytest_asyncio.fixture
async def house() -> AsyncIterator[House]:
    made = House(tracks=TRACKS)
    yield made
    await made.peers.close()


async def see(viewer: Viewer, track: int, colour: tuple[int, int, int], peer: int = 0) -> None:
    await until(lambda: sees(viewer, track, colour, peer), viewer.changed, f"viewer {peer} sees {colour} on {track}")


def sees(viewer: Viewer, track: int, colour: tuple[int, int, int], peer: int = 0) -> bool:
    return any(
        all(abs(seen - meant) < 60 for seen, meant in zip(frame["pixel"], colour, strict=True))
        for frame in viewer.all("frame", peer, track=track)
    )


def hears(viewer: Viewer, peer: int = 0) -> bool:
    return any(block["peak"] > 2000 for block in viewer.all("sound", peer, track=VOICE))


async def again(changed: asyncio.Event, condition: Callable[[], bool], send: Callable[[], None]) -> None:
    """Send until it has arrived, as what sends all the time does: engines leave some of it out."""
    async with asyncio.timeout(DEADLINE):
        while not condition():
            send()
            changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), 0.02)


async def playing(guest: Guest, *wanted: str) -> None:
    """Wait until these and no other tracks are played."""
    connection = guest.connection
    assert isinstance(connection, Peer)
    async with asyncio.timeout(DEADLINE):
        while connection.playing != set(wanted):
            await asyncio.sleep(0)


async def play_all(guest: Guest) -> None:
    for name in ("colour", "depth", "voice"):
        guest.connection.play(name, True)
    await playing(guest, "colour", "depth", "voice")


async def test_each_track_arrives_on_its_own_place(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house, media=MEDIA)
    await play_all(guest)
    house.show(FrameSet({"colour": one_colour(*RED), "depth": one_colour(*GREY)}, {"voice": TONE}))
    await see(viewer, COLOUR, RED)
    await see(viewer, DEPTH, GREY)
    await until(lambda: hears(viewer), viewer.changed, "it hears the tone")
    assert not sees(viewer, DEPTH, RED) and not sees(viewer, COLOUR, GREY)
    blocks = viewer.all("sound", track=VOICE)
    assert {block["rate"] for block in blocks} == {48_000}


async def test_each_track_pauses_by_itself(house: House, viewer: Viewer) -> None:
    _, first = await viewer.connect(house, media=MEDIA)
    _, second = await viewer.connect(house, peer=1, media=MEDIA)
    await play_all(first)
    await play_all(second)
    first.connection.play("colour", False)
    first.connection.play("voice", False)
    await playing(first, "depth")
    house.show(FrameSet({"colour": one_colour(*BLUE), "depth": one_colour(*GREEN)}, {"voice": TONE}))
    await see(viewer, COLOUR, BLUE, peer=1)
    await until(lambda: hears(viewer, 1), viewer.changed, "the other one hears the tone")
    await see(viewer, DEPTH, GREEN, peer=0)
    assert not sees(viewer, COLOUR, BLUE, peer=0) and not hears(viewer, 0)
    first.connection.play("depth", False)
    first.connection.play("colour", True)
    first.connection.play("voice", True)
    await playing(first, "colour", "voice")
    await see(viewer, COLOUR, BLUE, peer=0)  # the last picture, again
    house.show(FrameSet({"depth": one_colour(*RED)}, {"voice": TONE}))
    await until(lambda: hears(viewer, 0), viewer.changed, "it hears the tone again")
    await see(viewer, DEPTH, RED, peer=1)
    assert not sees(viewer, DEPTH, RED, peer=0)


async def test_no_picture_waits_for_a_sound_that_nobody_hears(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house, media=MEDIA)
    guest.connection.play("colour", True)
    await playing(guest, "colour")
    house.show(FrameSet({"colour": one_colour(*RED)}, {"voice": TONE}))
    await see(viewer, COLOUR, RED)
    assert not viewer.all("sound")


async def test_a_flush_drops_the_picture_that_waits_for_its_sound(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house, media=MEDIA)
    await play_all(guest)
    house.show(FrameSet({"colour": one_colour(*RED)}, {"voice": TONE}))
    house.peers.flush(FrameSet({"colour": one_colour(*BLUE)}))
    await see(viewer, COLOUR, BLUE)
    house.show(FrameSet({"depth": one_colour(*GREEN)}, {"voice": QUIET}))
    await see(viewer, DEPTH, GREEN)
    assert not sees(viewer, COLOUR, RED) and not hears(viewer)


async def test_what_clients_send_reaches_its_track(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house, media=MEDIA)

    def show() -> None:
        for camera, colour in ((0, BLUE), (1, GREEN)):
            viewer.do("show", camera=camera, size=[320, 192], pixel=colour)

    await again(house.changed, lambda: {name for name, _ in guest.frames} == {"webcam", "screen"}, show)
    pixels = {name: picture.rgb()[96, 160] for name, picture in guest.frames}
    assert pixels["webcam"][2] > 180 > 80 > pixels["webcam"][1]
    assert pixels["screen"][1] > 180 > 80 > pixels["screen"][2]

    def loud() -> bool:
        return any(np.abs(sound.samples.astype(int)).max() > 2000 for _, sound in guest.sounds)

    await again(house.changed, loud, lambda: viewer.do("speak", loud=8000))
    name, sound = guest.sounds[-1]
    assert (name, sound.rate) == ("microphone", 48_000)
    assert sound.samples.shape == (1, 480) and sound.samples.dtype == np.int16


@pytest.mark.parametrize(("width", "height"), [(2, 2), (321, 193), (192, 320), (640, 360)])
async def test_pictures_come_in_at_whatever_size(house: House, viewer: Viewer, width: int, height: int) -> None:
    _, guest = await viewer.connect(house, media=MEDIA)
    blue = lambda: viewer.do("show", camera=0, size=[320, 192], pixel=BLUE)  # noqa: E731
    await again(house.changed, lambda: bool(guest.frames), blue)

    def arrived() -> bool:
        return any(picture.width == width and picture.height == height for _, picture in guest.frames)

    await again(house.changed, arrived, lambda: viewer.do("show", camera=0, size=[width, height], pixel=GREEN))
    picture = next(picture for _, picture in guest.frames if picture.width == width)
    assert picture.rgb().shape == (height, width, 3)


async def test_metadata_travels_with_a_picture_both_ways(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house, media=MEDIA)
    await play_all(guest)
    blue = one_colour(*BLUE)
    tagged = type(blue)(blue.width, blue.height, blue.bgra, b'{"step":7}')

    def tags(track: int) -> set[str]:
        """Of the pictures but the first: the engine may begin to send metadata after that."""
        return {frame["metadata"] for frame in viewer.all("frame", track=track)[1:]}

    frames = FrameSet({"colour": tagged, "depth": one_colour(*RED)})
    await again(viewer.changed, lambda: bool(tags(COLOUR) and tags(DEPTH)), lambda: house.show(frames))
    assert tags(COLOUR) == {'{"step":7}'} and tags(DEPTH) == {""}
    green = lambda: viewer.do("show", camera=1, size=[320, 192], pixel=GREEN, metadata='{"lens":"wide"}')  # noqa: E731
    await again(house.changed, lambda: len(guest.frames) > 1, green)
    assert guest.frames[1][1].user_data == b'{"lens":"wide"}'
