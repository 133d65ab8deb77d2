"""A client that may only watch: it sees and hears all, and moves nothing."""

from __future__ import annotations

import asyncio
from typing import get_args

import numpy as np
import pytest

from reactor_runtime.engine.admission import Admission, Role
from reactor_runtime.interface import Input, ModelMessage, ReactorModel, Video, event
from reactor_runtime.media.frames import Picture as MediaPicture
from reactor_runtime.wire import messages as wire

from .scenario import World, grey, levels, play

VIEWER = Admission(Role.VIEW, base="/t/abc")


class Told(ModelMessage):
    text: str


class Camera(Input):
    camera: Video


class Painter(ReactorModel):
    input: Camera

    def load(self, config) -> None:
        self.painted: list[int] = []

    @event(name="paint")
    async def paint(self, level: int = 0):
        self.painted.append(level)
        await self.send(Told(text=f"painted {level}"))
        await self.emit(grey(level))


def test_a_viewer_sees_what_others_do_and_does_nothing_itself():
    async def scenario(world: World) -> None:
        controller = await world.connect()
        viewer = world.transport.connect(admission=VIEWER)
        assert isinstance(await controller.command("paint", level=7), wire.Reply)
        refused = await viewer.command("paint", level=9)
        assert isinstance(refused, wire.Refusal)
        assert (refused.command, refused.code) == ("paint", "forbidden")
        assert "only watch" in refused.message
        await asyncio.sleep(1)
        assert levels(viewer) == levels(controller) == [7]
        assert viewer.messages == [wire.Message("told", {"text": "painted 7"})]
        assert world.runtime.counters["messages.forbidden"] == 1
        assert world.runtime.counters["commands.received"] == 1

        assert world.model.painted == [7]

    play(Painter, scenario)


def test_a_viewer_publishes_nothing():
    async def scenario(world: World) -> None:
        controller = await world.connect()
        viewer = world.transport.connect(admission=VIEWER)
        viewer.client.receive(wire.PublishTrack("camera", "p1"))
        refused = viewer.received[-1][1]
        assert isinstance(refused, wire.PublishRefused)
        assert (refused.name, refused.request_id) == ("camera", "p1")
        viewer.client.frame("camera", MediaPicture.of(np.zeros((4, 4, 3), np.uint8)))
        assert world.runtime.counters["input.refused"] == 1
        assert world.runtime.counters["input.frames"] == 0
        controller.client.receive(wire.PublishTrack("camera", "p2"))
        assert isinstance(controller.received[-1][1], wire.PublishGranted)

    play(Painter, scenario)


@pytest.mark.parametrize(
    "message",
    [
        wire.RequestStep("s1"),
        wire.FileUploaded(wire.UploadReference("u", "a.png", "image/png", 3)),
    ],
    ids=lambda message: type(message).__name__,
)
def test_nothing_else_gets_through_either(message):
    async def scenario(world: World) -> None:
        await world.connect()
        viewer = world.transport.connect(admission=VIEWER)
        viewer.client.receive(message)
        assert world.runtime.counters["messages.forbidden"] == 1
        assert world.runtime.counters["uploads.unknown_notice"] == 0

    play(Painter, scenario)


def test_what_is_not_named_is_refused():
    """A kind of message that is added later is not for viewers until somebody says so."""
    allowed = {
        "Ping",
        "RequestSchema",
        "RequestClip",
        "RequestRecording",
        "UnpublishTrack",
        "PauseTrack",
        "ResumeTrack",
        "WatchFigures",
        "ClientStats",
    }

    async def scenario(world: World) -> None:
        controller = await world.connect()
        controller.client.receive(wire.PublishTrack("camera", "p"))
        viewer = world.transport.connect(admission=VIEWER)
        for kind in get_args(wire.ClientMessage):
            before = world.runtime.counters["messages.forbidden"]
            viewer.client.receive(made(kind))
            refused = world.runtime.counters["messages.forbidden"] > before
            assert refused is (kind.__name__ not in allowed), kind
        assert world.runtime.session.publisher("camera") is controller.client
        assert world.model.painted == []

    play(Painter, scenario)


def made(kind):
    """A message of a kind."""
    given = {
        "name": "camera",
        "request_id": "r",
        "reference": wire.UploadReference("u"),
        "duration_seconds": 1.0,
        "on": False,
    }
    return kind(**{name: value for name, value in given.items() if name in kind.__dataclass_fields__})


def test_a_viewer_may_pause_ask_for_the_schema_and_be_heard():
    async def scenario(world: World) -> None:
        await world.connect()
        viewer = world.transport.connect(admission=VIEWER)
        viewer.client.receive(wire.RequestSchema("r"))
        assert isinstance(viewer.received[-1][1], wire.Schema)
        for _ in range(5):
            await asyncio.sleep(15)
            viewer.client.receive(wire.Ping(None))
        assert world.runtime.counters["messages.forbidden"] == 0
        assert viewer.client.present

    play(Painter, scenario)
