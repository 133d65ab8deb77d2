"""What clients did, written as a script, does the same again."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reactor_runtime.counters import Counters
from reactor_runtime.engine.witness import Witness
from reactor_runtime.limits import Limits
from reactor_runtime.media.frames import Picture
from reactor_runtime.media.sound import Sound
from reactor_runtime.replay import MediaFile, Tracer, read_script
from reactor_runtime.testing.virtual_time import VirtualClock
from reactor_runtime.testing.world import World, play
from reactor_runtime.wire.messages import Command, Ping, UploadReference

from .models import Diary, Mirror, render


def traced(path: Path, model: Any, scenario: Any) -> World:
    """Play a scenario with a tracer; returns when all is written."""
    tracers: list[Tracer] = []

    async def with_tracer(world: World) -> None:
        outputs = [track.name for track in world.runtime.tracks if track.direction == "out"]
        tracers.append(Tracer(path, outputs, clock=world.clock, limits=Limits(), counters=world.runtime.counters))
        world.runtime.witness = tracers[0]
        await scenario(world)

    world = play(model, with_tracer)
    assert tracers[0].close(30)
    return world


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def lively(world: World) -> None:
    one = await world.connect()
    await asyncio.sleep(0.25)
    await one.command("set_level", level=50)
    two = await world.connect()
    image = await world.upload("../cat 猫.png", b"meow" * 1000, "image/png")
    big = await world.upload("big", b"x" * 3_000_000, "application/x")
    await two.command("pin", image={"upload_id": image}, words=["a", "ä"])
    two.post("pin", {}, {"image": UploadReference(big)})
    await two.command("set_level", level=300)
    await one.command("set_levl")
    await asyncio.sleep(0.5)
    one.pause("main_video")
    one.pause("no such track")
    one.resume("main_video")
    for level in range(5):
        one.post("set_level", {"level": level})
        two.post("set_level", {"level": level + 100})
    one.client.receive(Ping())
    one.leave()
    await asyncio.sleep(1)
    await world.runtime.stop_session("enough")


def test_a_traced_session_happens_again(tmp_path):
    path = tmp_path / "drive.jsonl"
    traced(path, Diary, lively)
    happened = Diary.log
    outcome, hashes = render(Diary, read_script(path))
    assert Diary.log == happened and len(happened) > 18
    assert [item.code for item in outcome.refused] == ["invalid_command", "invalid_command"]
    assert outcome.seconds == pytest.approx(1.75) and outcome.commands == 15 and hashes.frames


def test_what_is_written(tmp_path):
    path = tmp_path / "drive.jsonl"
    traced(path, Diary, lively)
    written = lines(path)
    assert written[:3] == [
        {"at": 0.0, "client": 1, "connect": True},
        {"at": 0.25, "client": 1, "command": "set_level", "arguments": {"level": 50}},
        {"at": 0.25, "client": 2, "connect": True},
    ]
    upload = written[3]
    assert upload["upload"] == "../cat 猫.png" and upload["mime_type"] == "image/png" and len(upload["id"]) == 32
    assert (tmp_path / upload["path"]).read_bytes() == b"meow" * 1000
    assert (tmp_path / upload["path"]).parent == tmp_path / "drive.files"
    assert written[6]["uploads"] == {"image": written[4]["id"]}
    assert [line["pause"] for line in written if "pause" in line] == ["main_video"]
    assert next(line for line in written if "leave" in line)["client"] == 1
    assert written[-1] == {"at": 1.75, "end": True, "reason": "enough"}


def test_each_session_has_a_script_of_its_own_and_nothing_is_written_over(tmp_path):
    (tmp_path / "drive-2.jsonl").write_text("mine")

    async def two_sessions(world: World) -> None:
        for level in (1, 2):
            client = await world.connect()
            await client.command("set_level", level=level)
            await asyncio.sleep(level)
            await world.runtime.stop_session()
            await world.runtime._closing

    traced(tmp_path / "drive.jsonl", Diary, two_sessions)
    assert (tmp_path / "drive-2.jsonl").read_text() == "mine"
    for number, name in ((1, "drive.jsonl"), (2, "drive-3.jsonl")):
        assert lines(tmp_path / name)[1]["arguments"] == {"level": number}
        assert lines(tmp_path / name)[-1]["at"] == pytest.approx(number, abs=0.1)


def test_a_webcam_is_written_as_a_film_and_seen_again(tmp_path):
    async def film(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(0.5)
        for number in range(20):
            size = (32, 16) if number < 12 else (20, 30)
            level = number * 10
            client.client.frame("webcam", Picture(*size, bytes([level, level, level, 255]) * (size[0] * size[1])))
            await asyncio.sleep(0.1)
        client.leave()

    traced(tmp_path / "cam.jsonl", Mirror, film)
    seen = Mirror.log
    assert len(seen) == 20
    streams = [line for line in lines(tmp_path / "cam.jsonl") if "stream" in line]
    assert [(line["at"], line["client"]) for line in streams] == [(0.5, 1), (pytest.approx(1.7), 1)]
    render(Mirror, read_script(tmp_path / "cam.jsonl"))
    assert [at for at, _, _ in Mirror.log] == pytest.approx([at for at, _, _ in seen], abs=0.002)
    assert [level for _, level, _ in Mirror.log] == pytest.approx([level for _, level, _ in seen], abs=4)
    assert [shape for _, _, shape in Mirror.log] == [shape for _, _, shape in seen]


def test_sound_is_written_too(tmp_path):
    clock = VirtualClock()
    tracer = Tracer(tmp_path / "mic.jsonl", [], clock=clock, limits=Limits(), counters=Counters())
    tracer.began("s")
    tracer.joined(1)
    for _ in range(50):
        clock.advance(0.02)
        tracer.heard(1, "microphone", Sound(np.full((1, 960), 3000, np.int16), 48_000))
    tracer.left(1)
    assert tracer.close(30)
    stream = lines(tmp_path / "mic.jsonl")[1]
    assert (stream["at"], stream["stream"]) == (0.0, "microphone")
    sound = [item for _, item in MediaFile(tmp_path / stream["path"], "audio").sounds(48_000)]
    samples = np.concatenate([piece.samples for piece in sound], axis=1)[0]
    assert len(samples) == pytest.approx(48_000, abs=2048) and np.median(samples) == pytest.approx(3000, abs=30)


def test_lines_are_there_as_soon_as_they_happen(tmp_path):
    """A process that is killed leaves what there was."""
    tracer = Tracer(tmp_path / "drive.jsonl", [], clock=VirtualClock(), limits=Limits(), counters=Counters())
    tracer.began("s")
    tracer.joined(1)
    tracer.said(1, Command("go", {"x": 1.5}))
    written = threading.Event()
    tracer._put(written.set)
    assert written.wait(30)
    assert lines(tmp_path / "drive.jsonl")[1] == {"at": 0.0, "client": 1, "command": "go", "arguments": {"x": 1.5}}
    assert tracer.close(30)


@pytest.mark.limit("trace_bytes", counted="trace.dropped")
@pytest.mark.limit("trace_events", counted="trace.dropped")
def test_what_the_writer_cannot_follow_is_left_out_and_counted(tmp_path, caplog):
    limits = Limits(trace_bytes=10 * 32 * 16 * 4, trace_events=20)  # ten pictures and ten commands
    counters = Counters()
    tracer = Tracer(tmp_path / "drive.jsonl", [], clock=VirtualClock(), limits=limits, counters=counters)
    held, goes_on = threading.Event(), threading.Event()
    tracer.began("s")
    tracer._put(lambda: (held.set(), goes_on.wait(30)))
    assert held.wait(30)
    caplog.set_level("INFO")
    for _ in range(30):
        tracer.saw(1, "webcam", Picture(32, 16, bytes(32 * 16 * 4)))
    for number in range(30):
        tracer.said(1, Command(str(number)))
    goes_on.set()
    tracer.ended("enough")
    assert tracer.close(30)
    assert counters.snapshot() == {"trace.dropped": 20 + 20}
    assert lines(tmp_path / "drive.jsonl")[-1]["end"]
    assert [line["command"] for line in lines(tmp_path / "drive.jsonl")[1:-1]] == [str(n) for n in range(10)]
    assert "the trace falls behind" in caplog.text and "40 events and frames are left out" in caplog.text


def test_a_disk_that_is_full_ends_the_trace_and_nothing_else(tmp_path, caplog):
    if not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    (tmp_path / "drive.jsonl").symlink_to("/dev/full")

    async def session(world: World) -> None:
        client = await world.connect()
        assert (await client.command("set_level", level=3)).message is not None

    class Full(Tracer):
        def _open(self, session: str) -> None:
            super()._open(session)
            assert self._writer is not None
            self._writer._file = open("/dev/full", "wb")  # noqa: SIM115 - the writer closes it

    async def with_tracer(world: World) -> None:
        world.runtime.witness = Full(
            tmp_path / "drive.jsonl", [], clock=world.clock, limits=Limits(), counters=world.runtime.counters
        )
        await session(world)
        assert world.runtime.witness.close(30)

    play(Diary, with_tracer)
    assert caplog.text.count("cannot be written, so this session's trace ends here: No space left on device") == 1


def test_a_witness_takes_no_notice_by_itself():
    witness = Witness()
    assert witness.said(1, Ping()) is witness.began("s") is None
