"""Two connections of one media engine: what it writes behind the pictures it encodes, read before it is taken off.

Prints one line of JSON for each picture that arrived: the bytes behind the last one's picture, in hexadecimal, what was
captured when, and with which user data. A program of its own, as a process can have one media engine only.
"""

from __future__ import annotations

import asyncio
import json
import os

import reactor_webrtc as rw

SAID = [b"", b"{}", b'{"frame":1}', bytes(range(256)), b"x" * 300]
CAPTURED = 1_234_567_890
DEADLINE = 40.0


async def main() -> None:
    factory = rw.PeerConnectionFactoryBuilder().build()
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()
    arrived: list[bytes] = []
    observers = [rw.PeerConnectionObserver(), rw.PeerConnectionObserver()]
    found: list[tuple[int, rw.IceCandidate]] = []
    gathered = [asyncio.Event(), asyncio.Event()]
    kept: list[rw.Track] = []

    def observe(number: int) -> None:
        def on_gathering(state: rw.IceGatheringState) -> None:
            if state == rw.IceGatheringState.Complete:
                loop.call_soon_threadsafe(gathered[number].set)

        observers[number].on_ice_candidate = lambda candidate: found.append((1 - number, candidate))
        observers[number].on_ice_gathering_change = on_gathering
        observers[number].on_track = lambda kind, track: kept.append(track)

    def look(frame: rw.EncodedFrame) -> rw.FrameAction:
        arrived.append(bytes(frame.data))
        loop.call_soon_threadsafe(changed.set)
        return rw.FrameAction.Forward

    for number in (0, 1):
        observe(number)
    ends = [factory.create_peer_connection(rw.RtcConfiguration(), observer) for observer in observers]
    here, there = ends
    track = factory.create_video_track("sent")
    await here.add_transceiver(rw.MediaKind.Video, rw.TransceiverDirection.SendOnly).set_track(track)
    offer = (await here.create_offer()).with_frame_metadata()
    await here.set_local_description(offer)
    await there.set_remote_description(offer)
    (receiver,) = await there.transceivers()
    receiver.set_receiver_transform(rw.FrameTransform(look))
    answer = await there.create_answer()
    await there.set_local_description(answer)
    await here.set_remote_description(answer)
    await asyncio.gather(*(event.wait() for event in gathered))
    for to, candidate in found:
        await ends[to].add_ice_candidate(candidate)

    captured, told = CAPTURED, set[bytes]()
    grey = b"\x80\x80\x80\xff" * (64 * 64)
    while told != set(SAID):  # until it is connected, and has sent each of them
        said = next(one for one in SAID if one not in told)
        captured += 33_333
        before = len(arrived)
        track.push_video_frame(grey, 64, 64, said, capture_time_us=captured)
        changed.clear()
        try:
            await asyncio.wait_for(changed.wait(), 0.2)
        except TimeoutError:
            continue
        if len(arrived) == before + 1 and captured_in(arrived[-1], captured):
            told.add(said)
            print(json.dumps({"tail": arrived[-1][-400:].hex(), "captured": captured, "said": said.hex()}), flush=True)
    os._exit(0)  # nothing is to be closed in order here


def captured_in(data: bytes, captured: int) -> bool:
    """Whether a picture is that one and not another: its capture time is written as a varint."""
    written = bytearray()
    while captured > 127:
        written.append(captured & 127 | 128)
        captured >>= 7
    written.append(captured)
    return bytes(written) in data


async def bounded() -> None:
    async with asyncio.timeout(DEADLINE):
        await main()


asyncio.run(bounded())
