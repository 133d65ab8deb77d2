"""A client that uses everything of the model in `tracks`, until its standard input ends.

python -m tests.e2e.watched_client --url http://127.0.0.1:8080
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import suppress

import numpy as np
from reactor_sdk import Reactor, ReactorError

SECONDS = 45.0


async def main(url: str) -> None:
    reactor = Reactor("tracks", api_url=url, local=True)
    seen = asyncio.Event()
    loop = asyncio.get_running_loop()
    reactor.track("colour").on_frame(lambda *frame: loop.call_soon_threadsafe(seen.set))
    await asyncio.wait_for(reactor.connect(), SECONDS)
    await asyncio.wait_for(seen.wait(), SECONDS)
    for name in ("webcam", "microphone"):
        await reactor.track(name).publish()
    await reactor.send_command("seen", {})
    with suppress(ReactorError):
        await reactor.send_command("seen", {"nothing": "like this"})
    with suppress(ReactorError):
        await reactor.request_clip(3)  # of a model that is not recorded
    print("ready", flush=True)
    picture, sound = np.zeros((240, 320, 3), np.uint8), np.zeros(480, np.int16)
    end = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    while not end.done():
        reactor.track("webcam").push_frame(picture)
        reactor.track("microphone").push_frame(sound, sample_rate=48_000)
        await asyncio.sleep(0.02)
    await asyncio.wait_for(reactor.disconnect(), SECONDS)
    reactor.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    asyncio.run(main(parser.parse_args().url))
