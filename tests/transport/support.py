"""A viewer process to connect with, and a session that writes down what it is told."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from reactor_runtime.clock import Clock, SystemClock
from reactor_runtime.counters import Counters
from reactor_runtime.engine.connection import Connection
from reactor_runtime.errors import SessionError, WireError
from reactor_runtime.interface.tracks import TrackInfo
from reactor_runtime.limits import Limits
from reactor_runtime.media.frames import Picture
from reactor_runtime.media.frameset import FrameSet
from reactor_runtime.media.hardware import Recipe
from reactor_runtime.media.sound import Sound
from reactor_runtime.transport.webrtc import Candidate, IceSettings, MappedTrack, Offer, Peers
from reactor_runtime.wire.messages import ClientMessage

TRACKS = (TrackInfo("camera", "video", "in"), TrackInfo("main_video", "video", "out"))
WATCH = [("video", "recvonly", "main_video")]
DEADLINE = 40.0

Happening = dict[str, Any]


async def until(condition: Callable[[], bool], changed: asyncio.Event, what: str) -> None:
    """Wait for `condition`, which can become true when `changed` is set."""
    try:
        async with asyncio.timeout(DEADLINE):
            while not condition():
                changed.clear()
                await changed.wait()
    except TimeoutError:
        raise AssertionError(f"this did not happen: {what}") from None


def one_colour(blue: int, green: int, red: int, width: int = 320, height: int = 192) -> Picture:
    return Picture(width, height, bytes([blue, green, red, 255]) * (width * height))


class Guest:
    """One client of the recording session."""

    def __init__(self, connection: Connection, changed: asyncio.Event) -> None:
        self.connection = connection
        self.changed = changed
        self.loop = asyncio.get_running_loop()
        self.received: list[ClientMessage] = []
        self.faults: list[WireError] = []
        self.frames: list[tuple[str, Picture]] = []
        self.sounds: list[tuple[str, Sound]] = []
        self.reasons: list[str] = []

    def receive(self, message: ClientMessage) -> None:
        self.received.append(message)
        self.changed.set()

    def malformed(self, error: WireError) -> None:
        self.faults.append(error)
        self.changed.set()

    def frame(self, track: str, picture: Picture) -> None:
        self.frames.append((track, picture))
        self.loop.call_soon_threadsafe(self.changed.set)

    def sound(self, track: str, sound: Sound) -> None:
        self.sounds.append((track, sound))
        self.loop.call_soon_threadsafe(self.changed.set)

    def left(self, reason: str) -> None:
        self.reasons.append(reason)
        self.changed.set()


class House:
    """The lobby, the transport and what is around it."""

    def __init__(
        self,
        limits: Limits | None = None,
        ice: IceSettings | None = None,
        *,
        session: bool = True,
        clock: Clock | None = None,
        tracks: Sequence[TrackInfo] = TRACKS,
        encoders: Sequence[Recipe] = (),
    ) -> None:
        self.limits = limits or Limits()
        self.counters = Counters()
        self.guests: list[Guest] = []
        self.changed = asyncio.Event()
        self.session = session
        self.on_join: Callable[[Connection], None] = lambda connection: None
        self.clock = clock or SystemClock()
        self.peers = Peers(
            self,
            tracks,
            clock=self.clock,
            limits=self.limits,
            counters=self.counters,
            ice=ice or IceSettings(),
            encoders=encoders,
        )

    def show(self, frames: FrameSet) -> None:
        """Let `frames` leave at this moment."""
        self.peers.show(frames, self.clock.now())

    async def answer(self, cid: int | None) -> str:
        """Poll for the answer to the offer on `cid` (None: on the shared routes), as clients do, until it is there."""
        async with asyncio.timeout(DEADLINE):
            while (answer := self.peers.collect_shared() if cid is None else self.peers.collect(cid)) is None:
                await asyncio.sleep(0.01)
        return answer

    def join(self, connection: Connection) -> Guest:
        if not self.session:
            raise SessionError("no session runs")
        guest = Guest(connection, self.changed)
        self.guests.append(guest)
        self.on_join(connection)
        self.changed.set()
        return guest

    async def guest(self, index: int = 0) -> Guest:
        await until(lambda: len(self.guests) > index, self.changed, f"guest {index} joins")
        return self.guests[index]


class Viewer:
    """The process of clients."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.happened: list[Happening] = []
        self.changed = asyncio.Event()
        self.reading = asyncio.create_task(self.read())

    @classmethod
    async def start(cls, *arguments: str) -> Viewer:
        script = Path(__file__).with_name("viewer.py")
        process = await asyncio.create_subprocess_exec(
            sys.executable, script, *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=1 << 26
        )
        return cls(process)

    async def read(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            self.happened.append(json.loads(line))
            self.changed.set()

    def do(self, what: str, peer: int = 0, **details: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write((json.dumps({"do": what, "peer": peer, **details}) + "\n").encode())

    def all(self, event: str, peer: int = 0, **details: Any) -> list[Happening]:
        wanted = {"event": event, "peer": peer, **details}
        return [happening for happening in self.happened if wanted.items() <= happening.items()]

    async def wait(self, event: str, peer: int = 0, count: int = 1, **details: Any) -> Happening:
        """The `count`-th happening of this kind."""
        what = f"{event} of viewer {peer} {details or ''}"
        await until(lambda: len(self.all(event, peer, **details)) >= count, self.changed, what)
        return self.all(event, peer, **details)[count - 1]

    async def offer(
        self,
        peer: int = 0,
        media: list[tuple[str, str, str]] | None = None,
        labels: tuple[str, ...] = ("data", "control"),
        ice: dict[str, Any] | None = None,
    ) -> Offer:
        """An offer of the media sections `(kind, direction, track)`; an empty track is not mapped. `ice` may have
        `servers`, as signalling tells them, and a `policy`."""
        media = WATCH if media is None else media
        sections = [[kind, direction] for kind, direction, _ in media]
        self.do("offer", peer, media=sections, labels=list(labels), ice=ice or {})
        made = await self.wait("offer", peer)
        mapping = [
            MappedTrack(mid, name, kind, direction)
            for mid, (kind, direction, name) in zip(made["mids"], media, strict=True)
            if name
        ]
        return Offer(made["sdp"], mapping)

    def send(self, text: str | bytes, peer: int = 0, label: str = "data", times: int = 1) -> None:
        data = text.encode() if isinstance(text, str) else text
        encoded = base64.b64encode(data).decode()
        self.do("send", peer, label=label, data=encoded, binary=isinstance(text, bytes), times=times)

    async def connect(
        self,
        house: House,
        peer: int = 0,
        media: list[tuple[str, str, str]] | None = None,
        labels: tuple[str, ...] = ("data", "control"),
        *,
        shared: bool = False,
    ) -> tuple[int, Guest]:
        """Connect and join."""
        offer = await self.offer(peer, media, labels)
        before = len(house.guests)
        peers = house.peers
        cid = await peers.offer_shared(offer) if shared else peers.register()
        if not shared:
            await peers.offer(cid, offer)
        self.do("answer", peer, sdp=await house.answer(None if shared else cid))
        for label in labels:
            await self.wait("open", peer, label=label)
        return cid, await house.guest(before)

    def candidates(self, peer: int = 0) -> list[Candidate]:
        return [Candidate(c["candidate"], c["mid"], c["index"]) for c in self.all("candidate", peer)]

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await self.reading


def threads() -> int:
    return len(os.listdir("/proc/self/task"))
