"""The test kit: time, clients, answers, frames, files, inputs, and what it says when a model fails."""

from __future__ import annotations

import asyncio
import sys
import threading
import time

import numpy as np
import pytest

from reactor_runtime.errors import ManifestError, OutputError
from reactor_runtime.interface import (
    Audio,
    BufferClosed,
    ClientInfo,
    CommandError,
    Input,
    InputField,
    ModelMessage,
    Output,
    ReactorModel,
    ReadMode,
    UploadedFile,
    Video,
    connected,
    disconnected,
    event,
    file_uploaded,
    session_ended,
    session_started,
)
from reactor_runtime.testing import Answer, Client, Harness, work


class Frame(Output):
    main_video: Video


class Level(ModelMessage):
    level: int
    by: int


class Glow(ReactorModel):
    fps = 20

    def load(self, config):
        self.level = config.get("level", 7)
        self.events = []

    @session_started
    def begin(self):
        self.events.append("started")

    @session_ended
    def end(self):
        self.events.append("ended")

    @connected
    async def join(self, client: ClientInfo):
        self.events.append(f"joined {client.id}")
        await client.send(Level(level=self.level, by=client.id))

    @disconnected
    def leave(self, client: ClientInfo):
        self.events.append(f"left {client.id}")

    @event(name="set_level")
    def set_level(self, client: ClientInfo, level: int = InputField(default=1, ge=0, le=255)) -> Level:
        self.level = level
        return Level(level=level, by=client.id)

    @event(name="ack")
    def ack(self):
        pass

    @event(name="refuse")
    def refuse(self):
        raise CommandError("nope", "never")

    @event(name="fail")
    def fail(self):
        raise RuntimeError("secret")

    @event(name="shout")
    async def shout(self):
        await self.send(Level(level=self.level, by=0))

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                await self.emit(Frame(main_video=np.full((4, 6, 3), self.level, np.uint8)))


def levels(client: Client) -> list[int]:
    return [int(frame.image[0, 0, 0]) for frame in client.frames]


def test_a_minute_passes_at_once_and_frames_have_their_times():
    began = time.process_time()
    with Harness(Glow) as harness:
        client = harness.connect()
        harness.run(60)
        assert harness.now == pytest.approx(60)
        times = [frame.at for frame in client.frames]
        assert len(times) == 1201
        assert np.allclose(np.diff(times), 0.05)
        assert client.image.shape == (4, 6, 3) and client.image.dtype == np.uint8
        assert {frame.track for frame in client.frames} == {"main_video"}
        assert client.connected
    assert time.process_time() - began < 60  # the processor's time, not the clock's: no minute was slept through


def test_answers_are_what_a_client_gets():
    with Harness(Glow, config={"level": 9}) as harness:
        client, other = harness.connect(), harness.connect()
        assert client.command("set_level", level=200) == Answer("set_level", True, "level", {"level": 200, "by": 1})
        assert client.command("ack") == Answer("ack", True)
        assert client.command("refuse") == Answer("refuse", False, code="nope", text="never")
        assert client.command("fail").code == "internal_error"
        refused = other.command("set_level", level=300)
        assert (refused.code, refused.text) == ("invalid_command", "set_level: level: 300 is above the maximum 255")
        assert other.command("set_level", level=float("nan")).code == "invalid_command"
        assert other.command("set_levle").text == "set_levle: no such command; did you mean set_level?"
        assert [message.data for message in client.messages] == [{"level": 9, "by": 1}]
        other.command("shout")
        assert client.messages[-1].data == other.messages[-1].data == {"level": 200, "by": 0}
        assert harness.counts["commands.refused.nope"] == 1


def test_a_command_shows_in_the_frames_that_follow():
    with Harness(Glow) as harness:
        client = harness.connect()
        harness.run(1)
        client.command("set_level", level=100)
        client.wait_for_frame()
        harness.run(0.2)
        assert levels(client)[-1] == 100
        assert levels(client) == sorted(levels(client))


def test_posted_commands_are_answered_as_time_passes():
    class Slow(Glow):
        @event(name="think")
        async def think(self) -> Level:
            await asyncio.sleep(1)
            return Level(level=1, by=0)

    with Harness(Slow) as harness:
        client = harness.connect()
        pending = client.post("think")
        assert not pending.answered
        with pytest.raises(LookupError, match="no answer yet"):
            _ = pending.answer
        harness.until(lambda: pending.answered)
        assert 1.0 <= harness.now < 1.01 and pending.answer.message == {"level": 1, "by": 0}


def test_hooks_run_in_order_and_a_session_has_an_end():
    with Harness(Glow) as harness:
        first, second = harness.connect(), harness.connect()
        first.leave()
        first.leave()
        second.leave()
        harness.run(1)
        assert harness.state == "orphaned" and not first.connected
        harness.connect()
        harness.stop_session("enough")
        joined_and_left = ["joined 1", "joined 2", "left 1", "left 2", "joined 3", "left 3"]
        assert harness.model.events == ["started", *joined_and_left, "ended"]
        assert harness.state == "ready"
        with pytest.raises(RuntimeError, match="client 1 cannot send ack: it is not connected"):
            first.command("ack")
        last = harness.connect()
        harness.stop_session("over")
        assert last.ended == "over"
        with pytest.raises(RuntimeError, match="not connected any more: over"):
            last.command("ack")


def test_waiting_for_a_message_and_for_a_frame():
    with Harness(Glow) as harness:
        client = harness.connect()
        client.wait_for_frame("main_video")
        client.command("shout")
        assert [client.wait_for_message("level").data["by"] for _ in range(2)] == [1, 0]
        client.post("shout")
        assert client.wait_for_message("level").data["by"] == 0
        with pytest.raises(TimeoutError, match=r"client 1: no message 'nothing' within 0\.5 s"):
            client.wait_for_message("nothing", within=0.5)
        with pytest.raises(TimeoutError, match="no frame of depth"):
            client.wait_for_frame("depth", within=0.5)
        with pytest.raises(TimeoutError, match="did not come true within 1 s"):
            harness.until(lambda: False, within=1)


def test_pausing_a_track():
    with Harness(Glow) as harness:
        client, paused = harness.connect(), harness.connect(paused=True)
        harness.run(1)
        client.pause("main_video")
        seen = len(client.frames)
        harness.run(1)
        assert len(client.frames) == seen and not paused.frames
        with pytest.raises(LookupError, match="seen no frame yet"):
            _ = paused.image
        paused.resume("main_video")
        assert len(paused.frames) == 1  # the last picture at once
        harness.run(1)
        assert len(paused.frames) > 15


class Collage(ReactorModel):
    def load(self, config):
        self.files = []

    @file_uploaded
    def on_file(self, uploaded_file: UploadedFile):
        self.files.append((uploaded_file.name, uploaded_file.mime_type, uploaded_file.data))

    @event(name="add")
    def add(self, image: UploadedFile, more: list[UploadedFile] | None = None):
        self.sizes = [image.size, *(file.size for file in more or [])]


def test_files(tmp_path):
    (tmp_path / "note.txt").write_text("hello")
    with Harness(Collage) as harness:
        client = harness.connect()
        reference = client.upload(tmp_path / "note.txt")
        assert client.command("add", image=reference, more=(UploadedFile("a.png", data=b"123"), reference)).ok
        assert harness.model.sizes == [5, 3, 5]
        assert harness.model.files == [("note.txt", "text/plain", b"hello"), ("a.png", "image/png", b"123")]


class Camera(Input):
    webcam: Video


class Mirror(ReactorModel):
    input: Camera

    async def run(self):
        while True:
            await self.connected.wait()
            try:
                frames = await self.input.webcam.read()
            except BufferClosed:
                continue
            self.frames = [*getattr(self, "frames", []), frames[0].client]
            await self.emit(Frame(main_video=np.asarray(frames[0])[:, ::-1]))


def test_input_frames():
    picture = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    with Harness(Mirror) as harness:
        client = harness.connect()
        client.push("webcam", picture)
        client.wait_for_frame()
        assert np.array_equal(client.image, picture[:, ::-1])
        client.stream("webcam", picture, fps=10)
        harness.run(2)
        assert len(client.frames) == pytest.approx(21, abs=1)
        with pytest.raises(ValueError, match="'camera' is no input track of this model; there is webcam"):
            client.push("camera", picture)
        with pytest.raises(OutputError, match="got dtype int32"):
            client.push("webcam", np.zeros((4, 6, 3), np.int32))
        client.leave()
        again = harness.connect()
        again.stream("webcam", (np.full((2, 2, 3), level, np.uint8) for level in range(3)), fps=5)
        harness.run(2)
        assert levels(again) == [0, 1, 2] and harness.model.frames[-1] == 2


def test_a_stream_that_fails_is_not_silent():
    with Harness(Mirror) as harness:
        client = harness.connect()
        client.stream("webcam", [np.zeros((2, 2), np.uint8)])
        with pytest.raises(OutputError, match=r"push\(\): track 'webcam'"):
            harness.run(1)


def test_a_failing_run_raises_where_it_happens():
    class Breaks(Glow):
        async def run(self):
            await self.connected.wait()
            await asyncio.sleep(2)
            raise ValueError("no such weights")

    with Harness(Breaks) as harness:
        harness.connect()
        harness.run(1)
        with pytest.raises(ValueError, match="no such weights") as caught:
            harness.run(5)
        assert caught.value.__notes__ == ["in run() of Breaks, 2.000 s in"]
    with Harness(Breaks, raise_faults=False) as harness:
        client = harness.connect()
        harness.run(5)
        assert client.ended == "the model's run() failed with ValueError; the server's log has more"


def test_a_failing_hook_raises_also_at_the_very_end():
    class Breaks(Glow):
        @session_ended
        def end(self):
            raise ValueError("in the last hook")

    harness = Harness(Breaks)
    harness.connect()
    with pytest.raises(ValueError, match="in the last hook"):
        harness.close()
    harness.close()
    with pytest.raises(RuntimeError, match="this harness is closed"):
        harness.run(1)


def test_the_error_of_a_test_is_not_hidden_by_the_models():
    class Breaks(Glow):
        @disconnected
        def leave(self):
            raise ValueError("at the end")

    def test() -> None:
        with Harness(Breaks) as harness:
            harness.connect()
            raise AssertionError("the test's own")

    with pytest.raises(AssertionError) as caught:
        test()
    assert caught.value.__notes__ == ["besides, the model failed: ValueError: at the end"]


def test_what_load_raises_is_raised():
    class Breaks(Glow):
        def load(self, config):
            raise FileNotFoundError(config["checkpoint"])

    with pytest.raises(FileNotFoundError, match="weights"):
        Harness(Breaks, config={"checkpoint": "weights.pt"})


def test_work_takes_virtual_time_and_paces_the_model():
    class Slow(Glow):
        async def run(self):
            while True:
                await self.connected.wait()
                while self.connected.is_set():
                    work(0.25)
                    await self.emit(Frame(main_video=np.zeros((2, 2, 3), np.uint8)))

    with Harness(Slow) as harness:
        client = harness.connect()
        harness.run(10)
        assert np.allclose(np.diff([frame.at for frame in client.frames]), 0.25) and len(client.frames) > 39


def test_time_does_not_jump_while_another_thread_works():
    class Decodes(Glow):
        @event(name="decode")
        async def decode(self) -> Level:
            thread = await asyncio.to_thread(threading.get_ident)
            started = time.monotonic()
            asyncio.get_running_loop().call_later(600, self.late.set)
            await asyncio.to_thread(time.sleep, 0.3)
            real = time.monotonic() - started
            virtual = asyncio.get_running_loop().time() - self.began
            return Level(level=int(virtual <= real), by=int(thread != threading.get_ident()))

        def load(self, config):
            super().load(config)
            self.late = threading.Event()
            self.began = asyncio.get_running_loop().time()

    with Harness(Decodes) as harness:
        client = harness.connect()
        assert client.command("decode").message == {"level": 1, "by": 1}
        assert not harness.model.late.is_set()


def test_a_thread_may_emit_through_the_loop():
    class Steps(Glow):
        async def run(self):
            loop = asyncio.get_running_loop()

            def pipe():  # as a pipeline with a callback for each of its steps does
                for level in range(5):
                    frame = Frame(main_video=np.full((2, 2, 3), level, np.uint8))
                    asyncio.run_coroutine_threadsafe(self.emit(frame), loop).result()

            while True:
                await self.connected.wait()
                await asyncio.to_thread(pipe)
                await asyncio.sleep(3600)

    with Harness(Steps) as harness:
        client = harness.connect()
        harness.run(2)
        assert levels(client) == list(range(5))


def test_what_comes_through_a_pipe_is_waited_for():
    class Asks(Glow):
        @event(name="ask")
        async def ask(self) -> Level:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", "print(7)", stdout=asyncio.subprocess.PIPE
            )
            said = await asyncio.wait_for(process.stdout.read(), 60)
            return Level(level=int(said), by=0)

    with Harness(Asks) as harness:
        assert harness.connect().command("ask").message == {"level": 7, "by": 0}


@pytest.mark.parametrize("step", [0.1, 0.05])
def test_a_slow_models_pace_does_not_drift(step):
    class Slow(Glow):
        fps = 240

        async def run(self):
            while True:
                await self.connected.wait()
                while self.connected.is_set():
                    work(step)
                    await self.emit(Frame(main_video=np.zeros((2, 2, 3), np.uint8)))

    with Harness(Slow) as harness:
        client = harness.connect()
        harness.run(600)
        assert np.allclose(np.diff([frame.at for frame in client.frames]), step)


def test_who_presses_control_c_in_a_handler_is_heard():
    class Stops(Glow):
        @event(name="stop")
        def stop(self):
            raise KeyboardInterrupt

    harness = Harness(Stops)
    client = harness.connect()
    with pytest.raises(KeyboardInterrupt):
        client.command("stop")
    harness.close()


def test_a_load_that_takes_a_path_gets_the_manifests(tmp_path):
    (tmp_path / "reactor.yaml").write_text(
        "model: {name: m}\nruntime: {import: 'kit_path:M', config: c.yml, orphan_timeout: 5}\n"
    )
    (tmp_path / "c.yml").write_text("a: 1\n")
    (tmp_path / "kit_path.py").write_text(
        "from pathlib import Path\nfrom reactor_runtime import ReactorModel\n"
        "class M(ReactorModel):\n    def load(self, config: Path):\n        self.text = config.read_text()\n"
    )
    with Harness(tmp_path) as harness:
        assert harness.model.text == "a: 1\n"
        harness.connect().leave()
        harness.run(6)
        assert harness.state == "ready"  # the manifest's limit, not the thirty seconds of the runtime


def test_a_loop_that_never_waits_does_not_stop_time():
    class Polls(Glow):
        async def run(self):
            while True:
                await asyncio.sleep(0)

    with Harness(Polls) as harness:
        client = harness.connect()
        harness.run(1)
        assert client.command("ack").ok and harness.now >= 1


def test_a_client_keeps_its_newest_pictures_only(monkeypatch):
    monkeypatch.setattr("reactor_runtime.testing.harness.KEEP_BYTES", 10 * 4 * 6 * 3)
    with Harness(Glow) as harness:
        client = harness.connect()
        harness.run(2)
        frames = client.frames
        assert len(frames) == 41 and frames[-10].image.shape == (4, 6, 3)
        assert frames[-11].at == pytest.approx(1.5)
        with pytest.raises(LookupError, match="the pixels of this frame are gone"):
            _ = frames[-11].image


def test_connecting_waits_for_the_hook_unless_told_otherwise():
    class Welcomes(Glow):
        @connected
        async def join(self):
            await asyncio.sleep(2)

    with Harness(Welcomes) as harness:
        assert not harness.connect(wait=False).admitted
        assert harness.now == 0
        assert harness.connect().admitted
        assert harness.now == pytest.approx(4, abs=0.01)


async def test_a_running_loop_is_refused():
    with pytest.raises(RuntimeError, match="use it in a plain `def`"):
        Harness(Glow)


def test_a_folder_a_file_and_what_is_none(tmp_path):
    (tmp_path / "reactor.yaml").write_text("model: {name: m}\nruntime: {import: 'kit_model:M', config: c.yml}\n")
    (tmp_path / "c.yml").write_text("a: 1\nb: 2\n")
    (tmp_path / "kit_model.py").write_text(
        "from reactor_runtime import ReactorModel\n"
        "class M(ReactorModel):\n    def load(self, config):\n        self.config = config\n"
    )
    with Harness(tmp_path, config={"b": 3}) as harness:
        assert harness.model.config == {"a": 1, "b": 3} and harness.model.config.b == 3
    with Harness(str(tmp_path / "kit_model.py")) as harness:
        assert harness.model.config == {}
    with pytest.raises(ManifestError, match="no such file or folder"):
        Harness(tmp_path / "nothing")


def test_the_fixture_runs_and_closes(harness):
    made = harness(Glow, config={"level": 3})
    client = made.connect()
    made.run(0.2)
    assert levels(client)[-1] == 3
    assert "set_level" in str(made.schema["paths"])


class Ears(Input):
    ear: Audio


class Radio(Output):
    left: Audio
    right: Audio


class Repeater(ReactorModel):
    output: Radio
    input: Ears

    async def run(self):
        while True:
            await self.connected.wait()
            try:
                blocks = await self.input.ear.read(2, mode=ReadMode.FIFO)
            except BufferClosed:
                continue
            sound = np.concatenate(blocks, axis=1)
            await self.emit(Radio(left=sound, right=-sound))


def test_sound_in_and_out():
    tone = (8000 * np.sin(np.arange(24_000) / 8)).astype(np.int16)
    with Harness(Repeater) as harness:
        client = harness.connect()
        client.stream("ear", tone)
        harness.run(1.0)
        left, right = client.heard("left")[0], client.heard("right")[0]
        assert len(left) > 20_000 and (left == -right).all()
        assert (left[: len(tone)] == tone[: len(left)]).all()
        with pytest.raises(ValueError, match=r"heard\(\): name an audio output of the model; there is left, right"):
            client.heard()
        with pytest.raises(ValueError, match=r"heard\('up'\): name an audio output of the model; there is left, right"):
            client.heard("up")
        client.push("ear", tone[:4800])
        with pytest.raises(ValueError, match=r"0.5 s of sound at once, and clients send no more than 0.2 s"):
            client.push("ear", tone)
        with pytest.raises(OutputError, match="track 'ear': samples are int16, or floats"):
            client.push("ear", np.zeros(10, np.int32))
