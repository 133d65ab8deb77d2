"""A script drives a model: what happens when, what is refused, and that it is the same each time."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest

from reactor_runtime.errors import ModelError, ScriptError
from reactor_runtime.interface import Audio, BufferClosed, Input, ReactorModel, ReadMode, event
from reactor_runtime.manifest import Manifest
from reactor_runtime.media.frameset import FrameSet
from reactor_runtime.media.movie import MovieWriter
from reactor_runtime.media.sound import Sound
from reactor_runtime.replay import Rendering

from .models import NOTHING, Diary, Frame, Hashes, Mirror, grey_film, render, script


def test_commands_come_in_their_time_and_in_their_order(tmp_path):
    events = script(
        tmp_path,
        '{"at": 0.38, "command": "set_level", "arguments": {"level": 50}}',
        '{"at": 0.38, "command": "set_level", "arguments": {"level": 60}}',
        '{"at": 0.48, "client": 2, "connect": true}',
        '{"at": 0.48, "client": 2, "command": "set_level", "arguments": {"level": 70}}',
        '{"at": 0.7, "client": 2, "leave": true}',
        '{"at": 0.8, "command": "set_level", "arguments": {"level": 256}}',
        '{"at": 1, "end": true}',
    )
    outcome, hashes = render(Diary, events)
    assert Diary.log == [
        ("started",),
        ("joined", 1),
        ("set_level", 1, 50),
        ("set_level", 1, 60),
        ("joined", 2),
        ("set_level", 2, 70),
        ("left", 2),
        ("left", 1),
        ("ended",),
    ]
    assert [at for at, _ in hashes.levels] == pytest.approx([n / 20 for n in range(20)])
    assert [level for _, level in hashes.levels] == [10] * 8 + [60] * 2 + [70] * 10
    assert outcome.seconds == pytest.approx(1.0) and outcome.commands == 4
    assert [(item.where, item.code) for item in outcome.refused] == [(f"{tmp_path}/script.jsonl:6", "invalid_command")]
    assert outcome.refused[0].text == "set_level: level: 256 is above the maximum 255"
    assert outcome.failure is None and outcome.faults == []


def test_how_long_it_takes(tmp_path):
    assert render(Diary)[0].seconds == 10
    assert render(Diary, seconds=0.5)[0].seconds == 0.5
    late = script(tmp_path, '{"at": 2.5, "command": "set_level"}')
    assert render(Diary, late)[0].seconds == 3.5
    assert render(Diary, late, seconds=1)[0].commands == 0
    grey_film(tmp_path / "cam.mp4", [0] * 30, fps=10)
    film = script(tmp_path, '{"at": 2, "stream": "webcam", "path": "cam.mp4"}')
    assert render(Mirror, film)[0].seconds == pytest.approx(6.0, abs=0.01)


def test_files_arrive_with_their_bytes_also_where_the_command_came_first(tmp_path):
    (tmp_path / "a.png").write_bytes(b"first")
    (tmp_path / "big.bin").write_bytes(b"x" * 3_000_000)
    events = script(
        tmp_path,
        '{"at": 0, "upload": "a.png"}',
        '{"at": 0, "command": "pin", "arguments": {"image": {"upload_id": "a.png"}, "words": ["w"]}}',
        '{"at": 1, "command": "pin", "uploads": {"image": "big"}}',
        '{"at": 2, "upload": "B", "path": "big.bin", "mime_type": "text/x", "id": "big"}',
        '{"at": 3, "command": "pin", "arguments": {"image": {"upload_id": "other"}}}',
    )
    outcome, _ = render(Diary, events)
    assert [entry for entry in Diary.log if entry[0] == "pin"] == [
        ("pin", "a.png", "image/png", b"first", ["w"]),
        ("pin", "B", "text/x", b"x" * 3_000_000, None),
    ]
    assert [item.code for item in outcome.refused] == ["unresolved_upload"]


def test_a_second_session_has_its_own_files(tmp_path):
    (tmp_path / "a.png").write_bytes(b"first")
    events = script(
        tmp_path,
        '{"at": 0, "connect": true}',
        '{"at": 1, "leave": true}',
        '{"at": 60, "connect": true}',
        '{"at": 61, "upload": "a.png"}',
        '{"at": 61, "command": "pin", "uploads": {"image": "a.png"}}',
    )
    outcome, hashes = render(Diary, events)
    assert [entry[0] for entry in Diary.log] == [
        "started",
        "joined",
        "left",
        "ended",
        "started",
        "joined",
        "pin",
        "left",
        "ended",
    ]
    assert outcome.refused == []
    assert max(np.diff([at for at, _ in hashes.levels])) == pytest.approx(59, abs=0.1)


def test_a_film_is_the_webcam_at_its_own_times_and_sizes(tmp_path):
    grey_film(tmp_path / "cam.mp4", [40, 80, 120, 160], fps=10, size=(32, 20))
    events = script(
        tmp_path,
        '{"at": 1, "stream": "webcam", "path": "cam.mp4"}',
        '{"at": 2, "stream": "webcam", "path": "cam.mp4", "loop": true}',
        '{"at": 2.7, "stop_stream": "webcam"}',
    )
    render(Mirror, events)
    times, levels, shapes = zip(*Mirror.log, strict=True)
    assert times == pytest.approx([1.0, 1.1, 1.2, 1.3, 2.0, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6], abs=0.002)
    assert levels == pytest.approx([40, 80, 120, 160] * 2 + [40, 80, 120], abs=3)
    assert set(shapes) == {(20, 32, 3)}


class Microphone(Input):
    microphone: Audio


class Recorder(ReactorModel):
    input: Microphone

    def load(self, config):
        type(self).heard = []

    async def run(self):
        while True:
            await self.connected.wait()
            with suppress(BufferClosed):
                self.heard.append((await self.input.microphone.read(mode=ReadMode.FIFO))[0].data.copy())


def test_sound_is_the_microphone(tmp_path):
    writer = MovieWriter(tmp_path / "tone.mp4", audio={"a": 48_000})
    writer.add(FrameSet(sounds={"a": Sound(np.full((1, 48_000), 5000, np.int16), 48_000)}), 0.0)
    writer.close()
    render(Recorder, script(tmp_path, '{"at": 0.5, "stream": "microphone", "path": "tone.mp4"}'), seconds=1.4)
    sound = np.concatenate(Recorder.heard, axis=1)[0]
    assert len(sound) == pytest.approx(0.9 * 48_000, abs=48_000 * 0.05)
    assert np.median(sound) == pytest.approx(5000, abs=50)


class Threads(ReactorModel):
    """Computes on other threads, which take now more, now less."""

    fps = 20

    def load(self, config):
        self.value = 0
        self.slow = config["slow"]

    @event(name="add")
    async def add(self, n: int):
        self.value += await asyncio.to_thread(self.compute, n)

    def compute(self, n):
        time.sleep(next(self.slow))
        return n

    async def run(self):
        await self.connected.wait()
        while True:
            one, two = await asyncio.gather(asyncio.to_thread(self.compute, 1), asyncio.to_thread(self.compute, 2))
            self.value = (self.value * 3 + one + two) % 251
            await self.emit(Frame(main_video=np.full((4, 6, 3), self.value, np.uint8)))


def now_more_now_less(seed: int) -> Iterator[float]:
    """Seconds; now and then more than the test kit's clock stands still for."""
    random = np.random.default_rng(seed)
    return itertools.cycle(np.where(random.random(500) < 0.05, 0.08, random.random(500) * 0.003).tolist())


def test_the_same_script_gives_the_same_frames(tmp_path):
    grey_film(tmp_path / "cam.mp4", list(range(0, 250, 10)), fps=12.5)
    film = script(tmp_path, '{"at": 0.3, "stream": "webcam", "path": "cam.mp4", "loop": true}', name="film.jsonl")
    first, second = (render(Mirror, film, seconds=4)[1].frames for _ in range(2))
    assert first == second and len({hash for _, hash in first}) > 20

    lines = [f'{{"at": {n * 0.05 + 0.02}, "command": "add", "arguments": {{"n": {n}}}}}' for n in range(20)]
    adding = script(tmp_path, *lines, name="adding.jsonl")
    runs = [render(Threads, adding, seconds=1.5, slow=now_more_now_less(seed))[1].frames for seed in range(2)]
    assert runs[0] == runs[1] and len(runs[0]) == 30 and len({hash for _, hash in runs[0]}) > 15


def test_a_run_that_fails_ends_it_and_a_hook_or_a_handler_does_not(tmp_path):
    class Breaks(Diary):
        async def run(self):
            await self.connected.wait()
            await asyncio.sleep(1.0)
            raise RuntimeError("no such weights")

    outcome, _ = render(Breaks, seconds=20)
    assert outcome.failure is not None and str(outcome.failure.error) == "no such weights"
    assert 1.0 <= outcome.seconds <= 1.2

    class Hooks(Diary):
        def join(self, client):
            raise RuntimeError("no welcome")

    class Unready(Mirror):
        async def run(self):
            await self.connected.wait()
            await self.input.webcam.read()

    outcome, _ = render(Unready, seconds=1)  # it fails as the last client leaves, which is the end of the rendering
    assert outcome.failure is None and outcome.seconds == 1
    assert [type(fault.error) for fault in outcome.faults] == [BufferClosed]

    outcome, hashes = render(Hooks, script(tmp_path, '{"at": 0.2, "command": "fail"}'))
    assert outcome.failure is None and len(hashes.frames) == 24
    assert [str(fault.error) for fault in outcome.faults] == ["no welcome"]
    assert [item.code for item in outcome.refused] == ["internal_error"]


def test_a_model_that_does_not_load(tmp_path):
    class Heavy(Diary):
        def load(self, config):
            raise MemoryError("too heavy")

    with pytest.raises(ModelError) as raised:
        render(Heavy)
    assert isinstance(raised.value.__cause__, MemoryError)


def test_files_and_tracks_are_looked_at_before_it_loads(tmp_path):
    (tmp_path / "text.mp4").write_text("no film")
    for line, problem in (
        ('{"at": 0, "stream": "webcam", "path": "text.mp4"}', "path: .*text.mp4: cannot be read as picture or video"),
        ('{"at": 0, "stream": "camera", "path": "text.mp4"}', "no input track 'camera'"),
    ):
        with pytest.raises(ScriptError, match=f"script.jsonl:1: {problem}"):
            Rendering(Mirror, Manifest("", tmp_path), script(tmp_path, line))


def test_it_can_be_stopped_from_a_thread():
    rendering = Rendering(Diary, Manifest("", None), NOTHING, 24 * 3600)  # type: ignore[arg-type]
    told = []

    def on_time(seconds):
        told.append(seconds)
        if len(told) == 20:
            thread = threading.Thread(target=rendering.stop)
            thread.start()
            thread.join()

    outcome = rendering.run(Hashes, on_time)
    assert told == pytest.approx([n / 10 for n in range(20)], abs=0.001)
    assert 1.9 <= outcome.seconds <= 2.1 and Diary.log[-1] == ("ended",)
