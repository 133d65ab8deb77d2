"""Several tracks, sound and metadata through the official Python client. Prints one JSON object for each check.

python -m tests.e2e.tracks_client --url http://127.0.0.1:8080
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from reactor_sdk import Reactor

SECONDS = 15.0
failed = 0


def check(name: str, ok: bool, figure: object = None) -> None:
    global failed
    failed += not ok
    print(json.dumps({"name": name, "ok": bool(ok), "figure": figure, "required": True}, default=str), flush=True)


class Watched:
    """What arrived on a video track; written on the client's media thread."""

    def __init__(self) -> None:
        self.count = 0
        self.shape: tuple[int, ...] = ()
        self.pixel: list[int] = []
        self.numbers: list[int] = []
        self.untagged = 0

    def __call__(self, frame: Any, frame_id: int, timestamp_us: int, user_data: bytes) -> None:
        height, width = frame.shape[:2]
        self.shape = frame.shape
        self.pixel = [int(value) for value in frame[height // 2, width // 2]]
        self.numbers += [json.loads(user_data)["number"]] if user_data else []
        self.untagged += not user_data
        self.count += 1

    def near(self, *colour: int) -> bool:
        return bool(self.pixel) and max(abs(a - b) for a, b in zip(self.pixel, colour, strict=True)) < 40


class Heard:
    """What arrived on an audio track."""

    def __init__(self) -> None:
        self.samples = np.zeros(0, np.int16)
        self.loud = 0

    def __call__(self, frame: Any, sample_rate: int, channels: int) -> None:
        assert sample_rate == 48_000
        self.loud += int(np.abs(frame.astype(int)).max() > 1000)
        self.samples = np.concatenate([self.samples, frame[:, 0]])[-48_000:]

    def hertz(self) -> float:
        wave = self.samples.astype(float)
        return float(np.argmax(np.abs(np.fft.rfft(wave * np.hanning(len(wave))))) * 48_000 / len(wave))


async def until(condition: Callable[[], Any], do: Callable[[], Any] = lambda: None) -> bool:
    """Whether it comes true in good time; `do` is done every 10 ms until then."""
    for _ in range(round(SECONDS / 0.01)):
        if condition():
            return True
        do()
        await asyncio.sleep(0.01)
    return bool(condition())


async def main(url: str) -> None:
    reactor = Reactor("tracks", api_url=url, local=True)
    colour, depth, voice = Watched(), Watched(), Heard()
    reactor.track("colour").on_frame(colour)
    reactor.track("depth").on_frame(depth)
    reactor.track("voice").on_frame(voice)
    await asyncio.wait_for(reactor.connect(), 45)

    check("colour", await until(lambda: colour.count > 5 and colour.near(230, 0, 0)), [colour.count, colour.pixel])
    check("depth", await until(lambda: depth.count > 5 and depth.near(128, 128, 128)), [depth.count, depth.pixel])
    # the encoder pads odd sizes, or cuts them, by a pixel
    check("size", colour.shape == (192, 320, 3) and max(abs(depth.shape[0] - 181), abs(depth.shape[1] - 321)) <= 1)
    check("voice", await until(lambda: len(voice.samples) == 48_000 and abs(voice.hertz() - 600) < 5), voice.hertz())
    check("metadata", await until(lambda: len(colour.numbers) > 10 and len(depth.numbers) > 10), colour.untagged)
    check("metadata in order", colour.numbers == sorted(colour.numbers) and depth.untagged == 0, colour.numbers[:5])

    await reactor.track("colour").pause()
    await reactor.track("voice").pause()
    # what was on its way arrives yet; once a number is seen on the other track it is too late for the paused one
    last = depth.numbers[-1] + 30
    await until(lambda: depth.numbers[-1] > last)
    before, sounds = colour.count, voice.loud
    last = depth.numbers[-1] + 30
    check("depth goes on", await until(lambda: depth.numbers[-1] > last), depth.count)
    check("colour and voice pause", colour.count == before and voice.loud == sounds, [colour.count - before])
    await reactor.track("colour").resume()
    await reactor.track("voice").resume()
    check("colour resumes", await until(lambda: colour.count > before + 5), colour.count)
    check("voice resumes", await until(lambda: voice.loud > sounds + 50), voice.loud)

    for name in ("webcam", "screen", "microphone"):
        await reactor.track(name).publish()
    blue, green = np.zeros((240, 320, 3), np.uint8), np.zeros((360, 640, 3), np.uint8)
    blue[..., 2], green[..., 1] = 220, 220
    tone = (9000 * np.sin(2 * np.pi * 400 * np.arange(480) / 48_000)).astype(np.int16)  # 4 whole periods
    seen: dict[str, Any] = {}

    def send() -> None:
        reactor.track("webcam").push_frame(blue, user_data=b'{"lens":"wide"}')
        reactor.track("screen").push_frame(green)
        reactor.track("microphone").push_frame(tone, sample_rate=48_000)

    def tone_arrived() -> bool:
        # while the sound fades in, its pitch is there before its loudness
        return bool(seen["loudest"] > 1000 and abs(seen["hertz"] - 400) < 5)

    for _ in range(30):
        for _ in range(50):
            send()
            await asyncio.sleep(0.01)
        answer = await reactor.send_command("seen", {})
        seen = dict(answer.get("data", answer))
        if seen["screen"] and seen["webcam"] and tone_arrived() and seen["lens"]:
            break
    check("webcam", seen["webcam"] is not None and seen["webcam"][2] > 170 > 60 > seen["webcam"][0], seen["webcam"])
    check("screen", seen["screen"] is not None and seen["screen"][1] > 170 > 60 > seen["screen"][0], seen["screen"])
    check("metadata in", seen["lens"] == "wide", seen["lens"])
    check("microphone", tone_arrived(), [seen["loudest"], seen["hertz"]])

    await asyncio.wait_for(reactor.disconnect(), 45)
    reactor.close()
    print(json.dumps({"name": "SUMMARY", "ok": not failed, "figure": failed, "required": True}), flush=True)
    sys.exit(bool(failed))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    asyncio.run(main(parser.parse_args().url))
