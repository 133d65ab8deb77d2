"""Clients come and go: hooks, the gate, epochs, late joiners."""

from __future__ import annotations

import asyncio

import pytest

from reactor_runtime.engine.state import State
from reactor_runtime.errors import BufferClosed, NotReady, SessionError, UnknownSession
from reactor_runtime.interface import (
    ClientInfo,
    Input,
    InputField,
    ModelMessage,
    ReactorModel,
    Video,
    connected,
    disconnected,
    event,
    session_ended,
    session_started,
)
from reactor_runtime.media.frames import Picture as Raw
from reactor_runtime.media.frames import picture_from_rgb
from reactor_runtime.wire.messages import (
    Ping,
    PublishGranted,
    PublishRefused,
    PublishTrack,
    Refusal,
    Reply,
    UnpublishTrack,
)

from .scenario import World, grey, levels, play, play_with_model


class Note(ModelMessage):
    text: str


class Stateful(ReactorModel):
    """The page's closing model: state made in @connected, a blocking step, flush in @disconnected."""

    def load(self, config):
        self.clock = config["clock"]
        self.log = []
        self.people = 0

    @session_started
    def begin(self):
        self.log.append("session started")

    @connected
    async def on_connect(self, client: ClientInfo):
        self.log.append(f"connecting {client.id}")
        await asyncio.sleep(0.05)  # the gate must not open meanwhile
        self.people += 1
        self.value = self.people * 10
        self.log.append(f"connected {client.id}")

    @disconnected
    async def on_disconnect(self, client: ClientInfo):
        self.log.append(f"disconnected {client.id}")
        self.output_buffer.flush()

    @session_ended
    async def end(self):
        self.log.append("session ended")

    @event(name="set")
    def set(self, value: int = InputField(default=0)):
        self.log.append(f"set {value}")
        self.value = value

    async def run(self):
        while True:
            await self.connected.wait()
            self.log.append("run begins")
            while self.connected.is_set():
                value = self.value
                self.clock.advance(0.2)
                await self.emit(grey(value))
            self.log.append("run pauses")


def test_hooks_fire_per_client_and_the_gate_opens_after_the_first_hook_has_ended():
    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(1)
        two = await world.connect()
        await asyncio.sleep(1)
        one.leave()
        await asyncio.sleep(1)
        two.leave()
        await asyncio.sleep(1)
        await world.runtime.stop_session("done")
        await asyncio.sleep(1)
        assert world.model.log == [
            "session started",
            "connecting 1",
            "connected 1",
            "run begins",
            "connecting 2",
            "connected 2",
            "disconnected 1",
            "disconnected 2",
            "run pauses",
            "session ended",
        ]

    play_with_model(Stateful, scenario)


def test_a_client_that_returns_within_one_step_finds_fresh_state():
    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(1)
        assert levels(one)[-1] == 10
        one.leave()
        two = await world.connect()  # in the same step of run()
        await asyncio.sleep(1)
        assert "run pauses" in world.model.log
        # nothing of the one before but the black that its flush marked the boundary with
        assert set(levels(two)) == {0, 20}
        assert world.model.log.index("run pauses") < world.model.log.index("connecting 2")

    play_with_model(Stateful, scenario)


def test_a_command_of_the_one_who_left_runs_before_its_disconnect_hook():
    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(1)
        one.post("set", {"value": 77})
        one.leave()
        await asyncio.sleep(1)
        log = world.model.log
        assert log.index("set 77") < log.index("disconnected 1")

    play_with_model(Stateful, scenario)


def test_nothing_of_one_session_is_visible_in_the_next():
    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(1)
        first = world.runtime.session
        late = one.post("set", {"value": 99})
        await world.runtime.stop_session("over")
        assert (await late).code == "session_ended"
        assert one.ended == "over" and one.closed
        two = await world.connect()
        await asyncio.sleep(1)
        assert world.runtime.session is not first and first.closed
        assert "set 99" not in world.model.log
        assert set(levels(two)) == {20}
        assert one.frames[-1].at <= two.frames[0].at

    play_with_model(Stateful, scenario)


def test_a_late_joiner_sees_the_last_picture_at_once_and_none_after_a_flush():
    class Still(ReactorModel):
        @event(name="draw")
        async def draw(self, level: int):
            await self.emit(grey(level))

        @event(name="wipe")
        def wipe(self, hold: bool = False):
            self.output_buffer.flush(hold=hold)

    async def scenario(world: World) -> None:
        one = await world.connect()
        await one.command("draw", level=50)
        two = await world.connect()
        assert levels(two) == [50]
        one.pause("main_video")
        await one.command("draw", level=60)
        assert levels(one) == [50]
        one.resume("main_video")
        assert levels(one) == [50, 60]
        await one.command("wipe", hold=True)
        assert levels(two)[-1] == 60
        assert levels(await world.connect()) == []
        await one.command("wipe")
        assert levels(two)[-1] == 0  # black marks the boundary

    play(Still, scenario)


def test_flush_from_a_disconnect_hook_leaves_the_others_their_picture():
    async def scenario(world: World) -> None:
        one, two = await world.connect(), await world.connect()
        await asyncio.sleep(1)
        one.leave()
        await asyncio.sleep(1)
        assert 0 not in levels(two)

    play_with_model(Stateful, scenario)


def test_a_frame_whose_step_was_under_way_at_a_flush_is_not_shown():
    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(1)
        world.runtime._stage.player.flush(hold=True)  # as a handler's flush, in the middle of a step
        before = len(one.frames)
        stale = world.counts.get("frames.stale", 0)
        await asyncio.sleep(0.5)
        assert world.counts["frames.stale"] == stale + 1
        assert len(one.frames) > before

    play_with_model(Stateful, scenario)


class BlindGate(Stateful):
    """Consults the gate once, and then never looks again."""

    async def run(self):
        await self.connected.wait()
        while True:
            self.clock.advance(0.2)
            await self.emit(grey(self.value))


def test_a_model_that_never_looks_at_the_gate_keeps_nobody_waiting_for_ever():
    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(1)
        one.leave()
        await world.connect()
        await asyncio.sleep(2)
        assert "connected 2" in world.model.log

    play_with_model(BlindGate, scenario)


class NeverEmits(Stateful):
    """Consults the gate once, then neither looks nor emits."""

    async def run(self):
        await self.connected.wait()
        while True:
            await asyncio.sleep(1)


def test_a_model_that_neither_looks_nor_emits_keeps_nobody_waiting_for_ever():
    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(1)
        one.leave()
        two = await world.connect()
        await asyncio.sleep(5)
        assert "connected 2" not in world.model.log
        for _ in range(8):
            two.client.receive(Ping())
            await asyncio.sleep(8)
        assert "connected 2" in world.model.log

    play_with_model(NeverEmits, scenario)


def test_a_handler_that_waits_for_the_gate_is_told_that_it_never_opens():
    class Waits(ReactorModel):
        @connected
        async def wrong(self):
            await self.connected.wait()

    async def scenario(world: World) -> None:
        await world.connect()
        await asyncio.sleep(0.1)
        assert world.counts["hooks.failed"] == 1

    play(Waits, scenario)


def test_a_failing_connect_hook_lets_the_client_in_and_is_named_by_the_step_that_fails_of_it(caplog):
    class Fails(ReactorModel):
        @connected
        def prepare(self):
            raise KeyError("checkpoint")

        async def run(self):
            await self.connected.wait()
            await self.emit(grey(self.missing))

    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(0.1)
        assert "AttributeError" in one.ended and "prepare()" in one.ended and "KeyError" in one.ended

    play(Fails, scenario)


# -- sessions


def test_states_follow_the_clients():
    async def scenario(world: World) -> None:
        states = [world.runtime.state]
        session = await world.runtime.start_session()
        assert await world.runtime.start_session() is session
        states.append(world.runtime.state)
        one = await world.connect()
        states.append(world.runtime.state)
        one.leave()
        states.append(world.runtime.state)
        await world.connect()
        states.append(world.runtime.state)
        await world.runtime.stop_session()
        with pytest.raises(SessionError):
            await world.runtime.stop_session()
        await world.runtime.start_session()
        states.append(world.runtime.state)
        assert states == [
            State.READY,
            State.WAITING,
            State.STREAMING,
            State.ORPHANED,
            State.STREAMING,
            State.WAITING,
        ]

    world = play_with_model(Stateful, scenario)
    assert world.runtime.state is State.TERMINATED


@pytest.mark.limit("orphan_timeout")
def test_a_session_nobody_is_in_ends_after_the_orphan_timeout():
    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(1)
        one.leave()
        await asyncio.sleep(29)
        assert world.runtime.state is State.ORPHANED
        await asyncio.sleep(2)
        assert world.runtime.state is State.READY
        with pytest.raises(UnknownSession):
            world.transport.connect()

    play_with_model(Stateful, scenario)


@pytest.mark.limit("silence", counted="connections.silent")
def test_a_client_that_says_nothing_for_20_s_is_gone():
    async def scenario(world: World) -> None:
        quiet, chatty = await world.connect(), await world.connect()
        for _ in range(12):
            await asyncio.sleep(2)
            await chatty.command("set", value=1)
        assert quiet.closed and not chatty.closed
        assert world.counts["connections.silent"] == 1

    play_with_model(Stateful, scenario)


@pytest.mark.limit("crashes", counted="run.ended")
def test_run_that_raises_ends_the_session_and_the_next_one_runs_again():
    class Crashes(ReactorModel):
        lives = 0

        @event(name="crash")
        def crash(self):
            self.broken = True

        async def run(self):
            Crashes.lives += 1
            self.broken = False
            while True:
                await self.connected.wait()
                await self.emit(grey(Crashes.lives))
                if self.broken:
                    raise RuntimeError("out of memory")

    async def scenario(world: World) -> None:
        for life in (1, 2, 3):
            client = await world.connect()
            await asyncio.sleep(0.2)
            assert levels(client)[-1] == life
            await client.command("crash")
            await asyncio.sleep(0.2)
            assert "RuntimeError" in client.ended and "out of memory" not in client.ended
            assert world.runtime.fatal.done() == (life == 3)
        assert not world.runtime.healthy

    play(Crashes, scenario)


def test_run_that_returns_is_reported_the_same_way():
    class Returns(ReactorModel):
        async def run(self):
            await self.connected.wait()

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(0.1)
        assert "returned" in client.ended

    play(Returns, scenario)


def test_no_session_starts_while_the_model_loads():
    from reactor_runtime.engine.execution import InlineExecution
    from reactor_runtime.engine.runtime import Runtime
    from reactor_runtime.testing.virtual_time import VirtualClock, run

    class LoadsSlowly(ReactorModel):
        async def load(self, config):
            await asyncio.sleep(5)

    clock = VirtualClock()

    async def whole() -> None:
        runtime = Runtime(LoadsSlowly, name="x", clock=clock, execution=InlineExecution(clock.call_at))
        runtime.start()
        with pytest.raises(NotReady) as refusal:
            await runtime.start_session()
        assert refusal.value.retry_after == 1 and runtime.state is State.LOADING
        await runtime.loaded()
        assert runtime.state is State.READY
        await runtime.close("over")

    run(whole(), clock)


# -- input


class Cam(Input):
    camera: Video


class Watcher(ReactorModel):
    input: Cam

    def load(self, config):
        self.seen = []
        self.closed = 0

    @event(name="count")
    def count(self) -> Note:
        return Note(text=str(self.input.camera.available))

    async def run(self):
        while True:
            await self.connected.wait()
            try:
                while True:
                    frame = (await self.input.camera.read())[0]
                    self.seen.append((int(frame.data[0, 0, 0]), frame.client))
            except BufferClosed:
                self.closed += 1


def picture(level: int) -> Raw:
    return picture_from_rgb(grey(level).main_video)


def test_input_frames_reach_the_model_and_buffers_close_and_open_with_the_clients():
    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(0.1)
        for level in (1, 2, 3):
            one.client.frame("camera", picture(level))
            await asyncio.sleep(0.01)
        one.client.frame("nothing", picture(9))
        one.leave()
        await asyncio.sleep(0.1)
        assert world.model.closed == 1
        two = await world.connect()
        await asyncio.sleep(0.1)
        two.client.frame("camera", picture(4))
        one.client.frame("camera", picture(5))  # it has left
        await asyncio.sleep(0.1)
        assert world.model.seen == [(1, 1), (2, 1), (3, 1), (4, 2)]

    assert play_with_model(Watcher, scenario).counts["input.refused"] == 2


def test_a_track_is_published_by_one_client_at_a_time():
    async def scenario(world: World) -> None:
        one, two = await world.connect(), await world.connect()
        await asyncio.sleep(0.1)
        for client in (one, two, one):
            client.client.receive(PublishTrack("camera", "r"))
        assert isinstance(one.received[0][1], PublishGranted)
        assert isinstance(two.received[0][1], PublishRefused) and "another client" in two.received[0][1].message
        assert isinstance(one.received[1][1], PublishRefused)
        two.client.frame("camera", picture(8))
        one.client.frame("camera", picture(7))
        await asyncio.sleep(0.1)
        assert world.model.seen == [(7, 1)]
        one.client.receive(UnpublishTrack("camera"))
        two.client.receive(PublishTrack("camera", "r"))
        assert isinstance(two.received[1][1], PublishGranted)
        two.client.receive(PublishTrack("depth", "r"))
        assert "camera" in two.received[2][1].message
        two.leave()
        one.client.receive(PublishTrack("camera", "r"))
        assert isinstance(one.received[2][1], PublishGranted)

    play_with_model(Watcher, scenario)


def test_a_command_after_the_session_has_gone_reaches_nobody():
    async def scenario(world: World) -> None:
        one = await world.connect()
        await world.runtime.stop_session()
        future = one.post("set", {"value": 5})
        await asyncio.sleep(1)
        assert not future.done() and "set 5" not in world.model.log

    assert play_with_model(Stateful, scenario).counts["messages.stale"] == 1


def test_a_second_client_does_not_wait_for_the_first_ones_command():
    async def scenario(world: World) -> None:
        one, two = await world.connect(), await world.connect()
        answers = await asyncio.gather(one.post("set", {"value": 1}), two.post("set", {"value": "x"}))
        assert isinstance(answers[0], Reply) and isinstance(answers[1], Refusal)

    play_with_model(Stateful, scenario)
