"""Pictures both ways, with real peers."""

from __future__ import annotations

import asyncio

import pytest

from reactor_runtime.media.frameset import FrameSet
from reactor_runtime.transport.webrtc.peer import Peer

from .support import DEADLINE, WATCH, Guest, Happening, House, Viewer, one_colour, until

pytestmark = pytest.mark.asyncio

BLUE, GREEN, RED = (230, 20, 20), (20, 230, 20), (20, 20, 230)


def near(frame: Happening, colour: tuple[int, int, int]) -> bool:
    return all(abs(seen - meant) < 60 for seen, meant in zip(frame["pixel"], colour, strict=True))


def sees(viewer: Viewer, colour: tuple[int, int, int], peer: int = 0, track: int = 0) -> bool:
    return any(near(frame, colour) for frame in viewer.all("frame", peer, track=track))


async def see(viewer: Viewer, colour: tuple[int, int, int], peer: int = 0, track: int = 0) -> None:
    await until(lambda: sees(viewer, colour, peer, track), viewer.changed, f"viewer {peer} sees {colour}")


async def playing(house: House, guest: Guest, wanted: bool) -> None:
    """Wait until what was asked of playback has happened."""
    connection = guest.connection
    assert isinstance(connection, Peer)
    async with asyncio.timeout(DEADLINE):
        while ("main_video" in connection.playing) is not wanted:
            await asyncio.sleep(0)


async def test_a_registered_viewer_starts_paused_and_gets_the_last_picture(house: House, viewer: Viewer) -> None:
    house.show(FrameSet({"main_video": one_colour(*BLUE)}))
    _, guest = await viewer.connect(house)
    house.show(FrameSet({"main_video": one_colour(*RED)}))
    guest.connection.play("main_video", True)
    await see(viewer, RED)
    assert not sees(viewer, BLUE)


async def test_pause_is_for_one_viewer_and_resume_shows_at_once(house: House, viewer: Viewer) -> None:
    _, first = await viewer.connect(house, peer=0)
    _, second = await viewer.connect(house, peer=1)
    for guest in (first, second):
        guest.connection.play("main_video", True)
    house.show(FrameSet({"main_video": one_colour(*BLUE)}))
    await see(viewer, BLUE, peer=0)
    await see(viewer, BLUE, peer=1)
    first.connection.play("main_video", False)
    await playing(house, first, False)
    house.show(FrameSet({"main_video": one_colour(*RED)}))
    await see(viewer, RED, peer=1)
    assert not sees(viewer, RED, peer=0)
    first.connection.play("main_video", True)
    await see(viewer, RED, peer=0)


async def test_a_shared_viewer_plays_at_once(house: House, viewer: Viewer) -> None:
    house.show(FrameSet({"main_video": one_colour(*GREEN)}))
    await viewer.connect(house, labels=("data",), shared=True)
    await see(viewer, GREEN)


async def test_a_forgotten_picture_is_not_shown(house: House, viewer: Viewer) -> None:
    house.show(FrameSet({"main_video": one_colour(*RED)}))
    house.peers.flush(FrameSet())
    _, guest = await viewer.connect(house)
    guest.connection.play("main_video", True)
    await playing(house, guest, True)
    house.show(FrameSet({"main_video": one_colour(*BLUE)}))
    await see(viewer, BLUE)
    assert not sees(viewer, RED)


async def test_the_size_of_pictures_may_change(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house)
    guest.connection.play("main_video", True)
    house.show(FrameSet({"main_video": one_colour(*RED)}))
    await see(viewer, RED)
    house.show(FrameSet({"main_video": one_colour(*BLUE, width=641, height=361)}))
    await see(viewer, BLUE)


async def test_a_camera_reaches_its_track(house: House, viewer: Viewer) -> None:
    media = [
        ("audio", "sendonly", ""),
        ("video", "sendonly", ""),
        ("video", "recvonly", "main_video"),
        ("video", "sendonly", "camera"),
    ]
    _, guest = await viewer.connect(house, media=media)
    for camera, colour in ((0, BLUE), (1, GREEN)):
        viewer.do("show", camera=camera, size=[320, 192], pixel=colour)
    await until(lambda: bool(guest.frames), house.changed, "a frame of the camera")
    name, picture = guest.frames[0]
    assert (name, picture.width, picture.height) == ("camera", 320, 192)
    pixel = picture.rgb()[96, 160]
    assert pixel[1] > 180
    assert pixel[2] < 80
    guest.connection.play("main_video", True)
    house.show(FrameSet({"main_video": one_colour(*RED)}))
    await see(viewer, RED)


async def test_output_tracks_keep_their_order_and_codec(house: House, viewer: Viewer) -> None:
    media = [("audio", "recvonly", ""), *WATCH, ("video", "sendonly", "camera")]
    offer = await viewer.offer(media=media)
    cid = house.peers.register()
    await house.peers.offer(cid, offer)
    answer = house.peers.collect(cid)
    assert answer is not None
    audio, video, camera, channels = answer.split("\r\nm=")[1:]
    assert "a=inactive" in audio
    assert "a=sendonly" in video
    assert "a=recvonly" in camera
    assert channels.startswith("application")
    first = video.split("\r\n")[0].split(" ")[3]
    assert f"a=rtpmap:{first} VP8/90000" in video


async def test_a_picture_carries_when_it_left_to_those_who_ask(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house)
    guest.connection.play("main_video", True)
    await playing(house, guest, True)
    left = []
    async with asyncio.timeout(DEADLINE):
        while not (seen := [frame["captured"] for frame in viewer.all("frame") if frame["captured"]]):
            left.append(house.clock.now())
            house.peers.show(FrameSet({"main_video": one_colour(*RED)}), left[-1])
            await asyncio.sleep(0.02)
    assert set(seen) <= {guest.connection.media_time(at) for at in left}


async def test_the_sender_is_looked_at(house: House, viewer: Viewer) -> None:
    _, guest = await viewer.connect(house)
    guest.connection.play("main_video", True)
    house.show(FrameSet({"main_video": one_colour(*RED, width=320, height=192)}))
    await see(viewer, RED)
    found = await guest.connection.sending()
    assert found is not None
    sent = found.tracks["main_video"]
    assert (sent.codec, sent.width, sent.height) == ("VP8", 320, 192)
    assert sent.frames_encoded >= 1 and sent.encode_seconds > 0 and sent.packets >= 1
    assert found.rtt is not None and found.rtt >= 0
    await guest.connection.close()
    assert await guest.connection.sending() is None
