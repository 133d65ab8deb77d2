"""Who asks for a clip is answered once, whatever there is of it."""

from __future__ import annotations

import asyncio

from reactor_runtime.errors import ClipError
from reactor_runtime.interface import ReactorModel
from reactor_runtime.media.clips import Clip
from reactor_runtime.media.frameset import FrameSet
from reactor_runtime.wire.messages import ClipFailed, ClipReady, RequestClip, RequestRecording

from .scenario import World, grey, play


class Still(ReactorModel):
    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                await self.emit(grey(100))


class Shelf:
    """Keeps what it was asked, and what it was given to record."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, float | None]] = []
        self.told: list[tuple[str, str]] = []
        self.times: list[float] = []

    def clip(self, session: str, seconds: float | None) -> Clip:
        self.asked.append((session, seconds))
        if seconds == 13:
            raise ClipError("nothing has been recorded yet", status=410)
        return Clip(session, "recording" if seconds is None else "snap", 1.0, 4.0, 4.5, 77, "/clips?x")

    def begin(self, session: str) -> None:
        self.told.append(("begin", session))

    def take(self, frames: FrameSet, at: float) -> None:
        self.times.append(at)

    def end(self, session: str) -> None:
        self.told.append(("end", session))


def test_a_clip_is_of_the_session_that_asks():
    async def scenario(world: World) -> None:
        world.runtime.clips = shelf = Shelf()
        client = await world.connect()
        session = world.runtime.find_session().id
        for request in (RequestClip(3.0, "a"), RequestRecording("b"), RequestClip(13, "c"), RequestRecording(None)):
            client.client.receive(request)
        answers = [said for _, said in client.received if isinstance(said, (ClipReady, ClipFailed))]
        assert answers == [
            ClipReady(session, "snap", 1.0, 4.0, 4.5, 77, "/clips?x", "a"),
            ClipReady(session, "recording", 1.0, 4.0, 4.5, 77, "/clips?x", "b"),
            ClipFailed("nothing has been recorded yet", "c"),
            ClipReady(session, "recording", 1.0, 4.0, 4.5, 77, "/clips?x", None),
        ]
        assert shelf.asked == [(session, 3.0), (session, None), (session, 13), (session, None)]

    assert play(Still, scenario).counts["clips.refused"] == 1


def test_where_nothing_is_recorded_the_clients_know_the_words():
    async def scenario(world: World) -> None:
        client = await world.connect()
        client.client.receive(RequestClip(3.0, "a"))
        assert client.received[-1][1] == ClipFailed("recorder disabled", "a")

    play(Still, scenario)


def test_a_tap_has_every_frame_between_the_ends_of_a_session():
    async def scenario(world: World) -> None:
        tap = Shelf()
        world.runtime.add_tap(tap)
        client = await world.connect()
        session = world.runtime.find_session().id
        await asyncio.sleep(2)
        assert tap.told == [("begin", session)]
        assert len(tap.times) == len(client.frames) > 30
        assert tap.times == sorted(tap.times)
        await world.runtime.stop_session()
        seen = len(tap.times)
        await asyncio.sleep(2)
        assert tap.told == [("begin", session), ("end", session)]
        assert len(tap.times) == seen

    play(Still, scenario)
