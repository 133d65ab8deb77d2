"""Two connections of one media engine: messages of all sizes go from one to the other by `Bulk`.

Prints how many were sent and how many arrived, whether these are the same in the same order, whether they were chunked,
and in how many of Python's thread states they were taken. A program of its own, as a process can have one media engine
only.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import threading

import reactor_webrtc as rw

from reactor_runtime.transport.webrtc.data.bulk import Bulk
from reactor_runtime.transport.webrtc.thread_state import keep_state

BURSTS = 300
DEADLINE = 40.0


async def main(chunking: bool) -> None:
    builder = rw.PeerConnectionFactoryBuilder()
    builder.with_dc_callbacks_on_network_thread(True)
    if chunking:
        builder.with_dc_chunking()
    factory = builder.build()
    loop = asyncio.get_running_loop()
    opened, arrived, received = asyncio.Event(), asyncio.Event(), list[bytes]()
    found: list[tuple[int, rw.IceCandidate]] = []
    gathered = [asyncio.Event(), asyncio.Event()]
    observers = [rw.PeerConnectionObserver(), rw.PeerConnectionObserver()]
    kept: list[rw.DataChannel] = []

    def observe(number: int) -> None:
        def on_gathering(state: rw.IceGatheringState) -> None:
            if state == rw.IceGatheringState.Complete:
                loop.call_soon_threadsafe(gathered[number].set)

        observers[number].on_ice_candidate = lambda candidate: found.append((1 - number, candidate))
        observers[number].on_ice_gathering_change = on_gathering

    state, states = threading.local(), 0

    def take(data: bytes, binary: bool) -> None:
        nonlocal states
        if not hasattr(state, "seen"):
            state.seen = True
            states += 1
            keep_state()
        received.append(data)
        loop.call_soon_threadsafe(arrived.set)

    def on_channel(channel: rw.DataChannel) -> None:
        kept.append(channel)
        channel.on_message(take)

    for number in (0, 1):
        observe(number)
    observers[1].on_data_channel = on_channel
    ends = [factory.create_peer_connection(rw.RtcConfiguration(), observer) for observer in observers]
    channel = ends[0].create_data_channel("data")
    channel.on_open(lambda: loop.call_soon_threadsafe(opened.set))
    offer = await ends[0].create_offer()
    await ends[0].set_local_description(offer)
    await ends[1].set_remote_description(offer)
    answer = await ends[1].create_answer()
    await ends[1].set_local_description(answer)
    await ends[0].set_remote_description(answer)
    await asyncio.gather(*(event.wait() for event in gathered))
    for to, candidate in found:
        await ends[to].add_ice_candidate(candidate)
    await opened.wait()

    dice = random.Random(1)
    bulk = Bulk(channel, lambda error: sys.exit(f"refused: {error}"))
    sent: list[bytes] = []
    for _ in range(BURSTS):
        for _ in range(dice.choice((1, 2, 3, 40, 200))):
            size = dice.randrange(100_000) if dice.random() < 0.02 else dice.randrange(100)
            sent.append(len(sent).to_bytes(4, "big") + bytes(size))
            bulk.put(sent[-1], True)
        await asyncio.sleep(0)
        while len(sent) - len(received) > 2000:  # the channel is at times full, and at times empty
            arrived.clear()
            await arrived.wait()
    while len(received) < len(sent):
        arrived.clear()
        await arrived.wait()
    print(len(sent), len(received), received == sent, channel.is_chunked(), states, flush=True)
    os._exit(0)  # nothing is to be closed in order here


async def bounded() -> None:
    async with asyncio.timeout(DEADLINE):
        await main("--chunking" in sys.argv)


asyncio.run(bounded())
