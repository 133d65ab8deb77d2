"""The media engine behind damaged offers, in a process of its own: what they can do to it is to end the process.

Reads offers as JSON lines of `{"sdp", "tracks"}`; says of each, as a line, what became of it. At the end good offers
are answered, as at the beginning, and all that was made is closed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from reactor_runtime.errors import SignallingError
from reactor_runtime.transport.webrtc import MappedTrack, Offer
from tests.fuzz.offers import MAPPING, RECORDED, TRACKS
from tests.transport.support import House

_WAIT = 20.0


async def outcome(house: House, offer: Offer) -> dict[str, Any]:
    peers = house.peers
    cid = peers.register()
    try:
        async with asyncio.timeout(_WAIT):
            await peers.offer(cid, offer)
            answer = await house.answer(cid)
    except SignallingError as error:
        return {"refused": error.status, "why": str(error)}
    finally:
        await peers.reset()  # no session goes on: what has not joined is closed
    return {"answered": len(answer)}


async def main() -> None:
    house = House(tracks=TRACKS)
    good = [Offer(sdp, MAPPING) for sdp in RECORDED.values()]
    damaged = []
    for line in sys.stdin:
        told = json.loads(line)
        damaged.append(Offer(told["sdp"], [MappedTrack(*track) for track in told["tracks"]]))
    for offer in [*good, *damaged, *good]:
        print(json.dumps(await outcome(house, offer)), flush=True)
    await house.peers.close()
    print("closed", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
