"""`ReactorPipeline` in a runtime: its state, its generator, and how both meet sessions and clients."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from reactor_runtime.engine.replacement import Replacement
from reactor_runtime.errors import BufferClosed
from reactor_runtime.interface import (
    CommandError,
    Idle,
    Input,
    InputField,
    InputFrame,
    InputState,
    ModelMessage,
    Output,
    ReactorPipeline,
    UploadedFile,
    Video,
    connected,
    event,
    file_uploaded,
    session_ended,
    session_started,
)
from reactor_runtime.interface.host import NullHost
from reactor_runtime.interface.model import bind
from reactor_runtime.limits import Limits
from reactor_runtime.testing.virtual_time import VirtualClock, run
from reactor_runtime.wire.messages import Refusal, Reply, UploadReference

from .scenario import Picture, World, grey, levels, play, play_with_model


class Knobs(InputState):
    level: int = InputField(default=10, ge=0, le=255)
    name: str = ""
    _steps: list[int] = field(default_factory=list)


class Camera(Input):
    webcam: Video


class Note(ModelMessage):
    level: int


def array(level: int) -> np.ndarray:
    return np.full((4, 6, 3), level, np.uint8)


class Log(ReactorPipeline):
    """What happened to it, in order."""

    state: Knobs
    output: Picture

    def load(self, config):
        self.clock = config["clock"]
        self.log: list[Any] = []

    @session_ended
    def ended(self):
        self.log.append("session ended")

    def inference(self):
        self.log.append("begun")
        try:
            while True:
                self.state._steps.append(self.state.level)
                yield grey(self.state.level)
        finally:
            self.log.append("closed")


class AsyncLog(Log):
    """The same, with a step of 0.1 s that lets others run."""

    async def inference(self):
        self.log.append("begun")
        try:
            while True:
                level = self.state.level
                await asyncio.sleep(0.1)
                self.log.append((level, self.state.level))
                yield grey(self.state.level)
        finally:
            self.log.append("closed")


BOTH = pytest.mark.parametrize("model", [Log, AsyncLog])


# -- the state


@BOTH
def test_a_set_command_shows_in_the_next_step_and_a_wrong_one_is_refused(model):
    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        assert set(levels(client)) == {10}
        assert await client.command("set_level", level=20) == Reply("set_level", None, "request_1")
        await asyncio.sleep(1)
        assert levels(client)[-1] == 20
        refused = await client.command("set_level", level=300)
        assert isinstance(refused, Refusal) and refused.code == "invalid_command"
        assert refused.message == "set_level: level: 300 is above the maximum 255"
        unknown = await client.command("set_lvel", level=3)
        assert unknown.message == "set_lvel: no such command; did you mean set_level?"
        private = await client.command("set__steps", _steps=[])
        assert isinstance(private, Refusal) and private.code == "invalid_command"
        assert world.model.state.level == 20
        await client.command("set_level")
        assert world.model.state.level == (10 if model is Log else 20)  # the async step has yet to end
        await asyncio.sleep(0.2)
        assert world.model.state.level == 10

    play_with_model(model, scenario)


@BOTH
def test_each_session_begins_with_a_fresh_state_made_before_its_hook(model):
    class Fresh(model):
        @session_started
        def began(self):
            self.log.append(self.state.level)
            self.state.level = 30

    async def scenario(world: World) -> None:
        client = await world.connect()
        await client.command("set_level", level=77)
        await asyncio.sleep(1)
        first = world.model.state
        assert levels(client)[-1] == 77
        client.post("set_level", {"level": 99})
        await world.runtime.stop_session("over")
        client = await world.connect()
        await asyncio.sleep(1)
        assert world.model.state is not first and world.model.state._steps is not first._steps
        assert set(levels(client)) == {30}
        assert [entry for entry in world.model.log if isinstance(entry, int)] == [10, 10]

    play_with_model(Fresh, scenario)


def test_a_state_may_be_looked_at_in_load_and_is_kept_from_one_client_to_the_next():
    class Warm(Log):
        def load(self, config):
            super().load(config)
            self.log.append(self.state.level)

    async def scenario(world: World) -> None:
        client = await world.connect()
        await client.command("set_level", level=77)
        client.leave()
        await asyncio.sleep(1)
        client = await world.connect()
        await asyncio.sleep(1)
        assert set(levels(client)) == {77} and world.model.log[0] == 10

    play_with_model(Warm, scenario)


def test_what_is_set_within_an_async_step_waits_for_its_end_and_is_answered_at_once():
    class Slow(Log):
        async def inference(self):
            while True:
                seen = [self.state.level]
                for _ in range(4):
                    await asyncio.sleep(0.25)
                    seen.append(self.state.level)
                self.log.append(seen)
                yield grey(self.state.level)

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(0.3)
        sent = world.clock.now()
        assert isinstance(await client.command("set_level", level=20), Reply)
        assert isinstance(await client.command("set_level", level=21), Reply)
        assert isinstance(await client.post("set_name", {"name": "x"}), Reply)
        assert world.clock.now() - sent < 0.05
        assert world.model.state.level == 10
        await asyncio.sleep(2)
        assert world.model.log == [[10] * 5, [21] * 5]
        assert world.model.state.name == "x"
        assert levels(client)[-1] == 21

    play_with_model(Slow, scenario)


def test_a_hand_written_handler_replaces_the_generated_one():
    class Own(Log):
        @event(name="set_level")
        def on_level(self, level: int):
            if level > 100:
                raise CommandError("too_bright", "at most 100")
            self.state.level = level * 2

    async def scenario(world: World) -> None:
        client = await world.connect()
        await client.command("set_level", level=20)
        assert world.model.state.level == 40
        refused = await client.command("set_level", level=200)
        assert isinstance(refused, Refusal) and refused.code == "too_bright"

    play_with_model(Own, scenario)


def test_a_property_that_refuses_a_value_ends_nothing():
    class Picky(InputState):
        level: int = 10
        name: str = ""

        def __setattr__(self, name, value):
            if value == 13:
                raise ValueError("not that one")
            super().__setattr__(name, value)

    class Slow(AsyncLog):
        state: Picky

    class Quick(Log):
        state: Picky

        def inference(self):
            while True:
                yield grey(self.state.level)

    for model in (Slow, Quick):

        async def scenario(world: World) -> None:
            client = await world.connect()
            await asyncio.sleep(0.05)
            await client.command("set_level", level=13)
            await client.post("set_name", {"name": "x"})
            await asyncio.sleep(1)
            assert levels(client)[-1] == 10 and world.model.state.name == "x" and client.ended is None
            await client.command("set_level", level=14)
            await asyncio.sleep(1)
            assert levels(client)[-1] == 14

        play_with_model(model, scenario)


def test_a_file_may_be_part_of_the_state():
    class Filed(InputState):
        image: UploadedFile | None = None

    class Model(Log):
        state: Filed

        @file_uploaded
        def on_file(self, uploaded_file: UploadedFile):
            self.log.append(uploaded_file.name)

        def inference(self):
            while True:
                yield grey(len(self.state.image.data) if self.state.image else 1)

    async def scenario(world: World) -> None:
        client = await world.connect()
        upload_id = await world.upload("a.png", b"abcde", "image/png")
        reference = UploadReference(upload_id, "a.png", "image/png", 5)
        assert isinstance(await client.post("set_image", {}, {"image": reference}), Reply)
        await asyncio.sleep(1)
        assert levels(client)[-1] == 5 and world.model.log == ["a.png"]

    play_with_model(Model, scenario)


def test_code_replaced_under_a_session_takes_its_state_over():
    class More(InputState):
        level: int = 1
        zoom: int = 5

    class Before(Log): ...

    class After(Log):
        state: More

        def inference(self):
            while True:
                yield grey(self.state.level + self.state.zoom)

    async def scenario(world: World) -> None:
        client = await world.connect()
        await client.command("set_level", level=40)
        await asyncio.sleep(1)
        await world.runtime.replace_model(Replacement(After))
        assert world.model.log == ["begun", "closed"]
        await asyncio.sleep(1)
        assert levels(client)[-1] == 45 and type(world.model.state) is More
        assert isinstance(await client.command("set_zoom", zoom=6), Reply)
        await asyncio.sleep(1)
        assert levels(client)[-1] == 46

    play_with_model(Before, scenario)


# -- what it yields


@pytest.mark.parametrize("nothing", [None, Idle, Idle()], ids=["None", "Idle", "Idle()"])
@pytest.mark.parametrize("is_async", [False, True])
def test_passing_waits_a_frame_period_and_does_not_spin(nothing, is_async):
    class Passes(ReactorPipeline):
        fps = 20
        polls = 0

        def inference(self):
            while True:
                self.polls += 1
                yield nothing

    class AsyncPasses(Passes):
        async def inference(self):
            while True:
                self.polls += 1
                yield nothing

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(10)
        assert world.model.polls == pytest.approx(200, abs=3)
        assert client.ended is None
        client.leave()
        await asyncio.sleep(1)
        left = world.model.polls
        await asyncio.sleep(10)
        assert world.model.polls == left  # nobody to pass for

    play(AsyncPasses if is_async else Passes, scenario)


def test_commands_run_while_it_passes_and_the_frame_after_a_flush_is_shown():
    class Waits(Log):
        @event(name="wipe")
        def wipe(self, level: int):
            self.output_buffer.flush(hold=True)
            self.state.level = level

        def inference(self):
            shown = None
            while True:
                if shown == self.state.level:
                    yield Idle
                else:
                    shown = self.state.level
                    yield grey(shown)

    async def scenario(world: World) -> None:
        client = await world.connect()
        for level in (20, 30, 40):
            await asyncio.sleep(1)
            await client.command("wipe", level=level)
        await asyncio.sleep(1)
        assert levels(client) == [10, 20, 30, 40]

    play_with_model(Waits, scenario)


def test_frames_leave_at_the_rate_and_batches_as_one_step():
    class Batches(ReactorPipeline):
        fps = 10
        output: Picture

        def inference(self):
            for start in range(0, 200, 5):
                yield Picture(main_video=np.stack([array(start + index) for index in range(5)]))

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(2.05)
        assert levels(client) == list(range(len(client.frames)))
        gaps = np.diff([frame.at for frame in client.frames])
        assert len(gaps) >= 15 and gaps == pytest.approx(0.1)

    play(Batches, scenario)


@pytest.mark.parametrize("wrap", [lambda picture: picture, lambda picture: InputFrame(picture).data])
def test_an_array_alone_is_the_one_video_track(wrap):
    class Bare(ReactorPipeline):
        output: Picture

        def inference(self):
            while True:
                yield wrap(array(33))

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        assert set(levels(client)) == {33} and {frame.track for frame in client.frames} == {"main_video"}

    play(Bare, scenario)


class Two(Output):
    left: Video
    right: Video


class Scored(Output):
    main_video: Video
    score: float


class Plain(Output):
    main_video: Video


class Titled(Output):
    main_video: Video
    title: str = ""


class Silent(Output):
    text: str


@pytest.mark.parametrize("made", [Titled, Scored | Plain, Plain | Scored])
def test_an_array_alone_becomes_the_output_that_needs_no_more_than_it(made):
    class Model(ReactorPipeline):
        def inference(self):
            while True:
                yield array(33)

    Model.__annotations__ = {"output": made}

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        assert set(levels(client)) == {33}

    play(Model, scenario)


@pytest.mark.parametrize(
    ("made", "yielded", "problem"),
    [
        (
            Picture,
            "text",
            "inference() yielded a str; yield an Output, an array where the model has one video track, or",
        ),
        (Picture, Picture, "inference() yielded a type; yield an Output"),
        (Picture, [array(1)], "inference() yielded a list; yield an Output"),
        (Picture, array(1).astype(int), "track 'main_video': pictures are uint8"),
        (Picture, np.zeros((4, 4), np.uint8), "track 'main_video': pictures are (H, W, 3)"),
        (Two, array(1), "yielded an array alone, but the model has the tracks left, right; yield an Output"),
        (Scored, array(1), "yielded an array alone, but Scored needs score too; yield a Scored"),
        (Silent, array(1), "yielded an array alone, but the model has no video track"),
    ],
)
def test_what_is_no_frame_ends_the_session_and_says_what_it_was(made, yielded, problem, caplog):
    class Wrong(ReactorPipeline):
        def inference(self):
            yield yielded

    Wrong.__annotations__ = {"output": made}

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        assert "OutputError" in client.ended and problem in client.ended

    assert play(Wrong, scenario).counts["run.ended"] == 1
    assert f"inference() yielded it at {__file__}:" in caplog.text  # the line of the author's


# -- the generator, its clients and its sessions


@BOTH
def test_it_is_advanced_only_while_somebody_is_there_and_goes_on_where_it_was(model):
    class Counts(model):
        def inference(self):
            self.log.append("begun")
            for number in range(250):
                self.log.append(number)
                yield grey(number)

    class AsyncCounts(model):
        async def inference(self):
            self.log.append("begun")
            for number in range(250):
                self.log.append(number)
                await asyncio.sleep(0.05)
                yield grey(number)

    async def scenario(world: World) -> None:
        await world.runtime.start_session()
        await asyncio.sleep(2)
        log = world.model.log
        assert log == []
        one = await world.connect()
        await asyncio.sleep(1)
        one.leave()
        await asyncio.sleep(1)
        so_far = len(log)
        assert 10 < so_far < 40
        await asyncio.sleep(10)
        assert len(log) == so_far
        two = await world.connect()
        await asyncio.sleep(1)
        assert log == ["begun", *range(len(log) - 1)] and len(log) > so_far + 10
        assert set(levels(one)).isdisjoint(levels(two))

    play_with_model(Counts if model is Log else AsyncCounts, scenario)


@BOTH
def test_it_is_closed_at_the_end_of_its_session_before_the_hook_and_begun_anew_in_the_next(model):
    async def scenario(world: World) -> None:
        await world.connect()
        await asyncio.sleep(1.01)
        await world.runtime.stop_session("over")
        await world.connect()
        await asyncio.sleep(1.01)
        log = [entry for entry in world.model.log if isinstance(entry, str)]
        assert log == ["begun", "closed", "session ended", "begun"]

    world = play_with_model(model, scenario)
    log = [entry for entry in world.model.log if isinstance(entry, str)]
    assert log == ["begun", "closed", "session ended"] * 2
    assert "run.ended" not in world.counts and "hooks.failed" not in world.counts


def test_an_empty_session_and_a_second_of_them_are_as_good_as_any():
    async def scenario(world: World) -> None:
        for _ in range(3):
            await world.runtime.start_session()
            await world.runtime.stop_session("over")
        client = await world.connect()
        await asyncio.sleep(1)
        assert set(levels(client)) == {10}
        assert world.model.log == ["session ended"] * 3 + ["begun"]

    play_with_model(Log, scenario)


def test_one_that_waits_within_a_step_is_cancelled_there_and_the_next_session_has_a_new_one():
    class Waits(Log):
        async def inference(self):
            self.log.append("begun")
            try:
                yield grey(1)
                await asyncio.sleep(1000)
                yield grey(2)
            except asyncio.CancelledError:
                self.log.append("cancelled")
                raise
            finally:
                await asyncio.sleep(0.5)
                self.log.append("closed")

    async def scenario(world: World) -> None:
        await world.connect()
        await asyncio.sleep(5)
        await world.runtime.stop_session("over")
        client = await world.connect()
        await asyncio.sleep(1)
        assert world.model.log == ["begun", "cancelled", "closed", "session ended", "begun"]
        assert levels(client) == [1]

    world = play_with_model(Waits, scenario)
    assert "sessions.slow_end" not in world.counts and "run.ended" not in world.counts


def test_one_that_takes_no_notice_of_its_cancellation_is_closed_at_its_next_yield():
    class Deaf(Log):
        async def inference(self):
            try:
                while True:
                    try:
                        await asyncio.sleep(1000)
                    except BaseException:
                        self.log.append("what was that")
                    yield grey(1)
            finally:
                self.log.append("closed")

    async def scenario(world: World) -> None:
        await world.connect()
        await asyncio.sleep(5)
        await world.runtime.stop_session("over")
        await world.connect()
        await asyncio.sleep(1)
        assert world.model.log == ["what was that", "closed", "session ended"]

    counts = play_with_model(Deaf, scenario).counts
    assert "run.ended" not in counts and "sessions.slow_end" not in counts


def test_one_that_takes_no_notice_at_all_holds_the_next_session_up_and_brings_nothing_into_it():
    class Deafer(Log):
        async def inference(self):
            for seconds in () if self.log else (1000, 1000, 2):
                try:
                    await asyncio.sleep(seconds)
                except asyncio.CancelledError:
                    self.log.append("what was that")
            while True:
                yield grey(self.state.level)

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        assert isinstance(await client.command("set_level", level=99), Reply)
        await world.runtime.stop_session("over")
        client = await world.connect()
        await asyncio.sleep(5)
        assert world.model.log == ["what was that", "what was that", "session ended"]
        assert set(levels(client)) == {10}

    assert "run.ended" not in play_with_model(Deafer, scenario).counts


def test_a_finally_that_does_not_end_is_cut_off_and_holds_up_neither_the_hook_nor_the_next_session(caplog):
    class Stuck(Log):
        async def inference(self):
            self.log.append("begun")
            try:
                while True:
                    yield grey(1)
            finally:
                try:
                    await asyncio.sleep(1000)
                except asyncio.CancelledError:
                    self.log.append("cut off")
                    raise ValueError("and broken") from None

    async def scenario(world: World) -> None:
        await world.connect()
        await asyncio.sleep(1)
        ending = world.clock.now()
        await world.runtime.stop_session("over")
        client = await world.connect()
        await asyncio.sleep(1)
        assert world.clock.now() - ending < Limits().close_grace + 2
        assert world.model.log == ["begun", "cut off", "session ended", "begun"]
        assert set(levels(client)) == {1}

    assert "run.ended" not in play_with_model(Stuck, scenario).counts
    assert "ValueError: and broken" in caplog.text


def test_run_that_is_cancelled_while_its_session_ends_ends_too():
    class Lingers(ReactorPipeline):
        async def inference(self):
            try:
                while True:
                    yield Idle
            finally:
                await asyncio.sleep(1)

    async def whole() -> None:
        model = Lingers()
        host = NullHost(Lingers)
        host.connected = asyncio.Event()
        host.connected.set()
        bind(model, host)
        running = asyncio.create_task(model.run())
        await asyncio.sleep(1)
        ending = asyncio.create_task(model.__reactor_session_ended__())
        await asyncio.sleep(0.5)
        running.cancel()
        await asyncio.wait([running, ending], timeout=10)
        assert running.cancelled() and ending.exception() is None

    run(whole(), VirtualClock())


@BOTH
def test_a_finally_that_fails_is_logged_and_counted_and_no_more(model, caplog):
    class Breaks(Log):
        def inference(self):
            try:
                while True:
                    yield grey(1)
            finally:
                raise KeyError("cleanup")

    class AsyncBreaks(Log):
        async def inference(self):
            try:
                while True:
                    yield grey(1)
            finally:
                raise KeyError("cleanup")

    async def scenario(world: World) -> None:
        for _ in range(4):
            client = await world.connect()
            await asyncio.sleep(1)
            assert set(levels(client)) == {1} and client.ended is None
            await world.runtime.stop_session("over")
        await world.runtime.start_session()

    world = play_with_model(Breaks if model is Log else AsyncBreaks, scenario)
    assert world.counts["hooks.failed"] == 4 and "run.ended" not in world.counts
    assert world.model.log == ["session ended"] * 5
    assert "KeyError: 'cleanup'" in caplog.text


@BOTH
def test_the_end_of_the_process_closes_it_too(model):
    async def scenario(world: World) -> None:
        await world.connect()
        await asyncio.sleep(1)

    assert [entry for entry in play_with_model(model, scenario).model.log if isinstance(entry, str)] == [
        "begun",
        "closed",
        "session ended",
    ]


@pytest.mark.parametrize("exception", [ValueError, SystemExit, KeyboardInterrupt])
@BOTH
def test_one_that_raises_ends_its_session_and_not_the_process(model, exception):
    class Fails(Log):
        def inference(self):
            self.log.append("begun")
            yield grey(1)
            if self.log == ["begun"]:
                raise exception("secret")
            yield grey(2)

    class AsyncFails(Log):
        async def inference(self):
            self.log.append("begun")
            yield grey(1)
            if self.log == ["begun"]:
                raise exception("secret")
            yield grey(2)

    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(1)
        assert exception.__name__ in one.ended and "secret" not in one.ended
        two = await world.connect()
        await asyncio.sleep(1)
        assert levels(two)[:2] == [1, 2] and two.ended is None

    assert play_with_model(Fails if model is Log else AsyncFails, scenario).counts["run.ended"] == 1


def test_one_that_ends_with_a_cancellation_of_its_own_has_failed():
    class Replaces(Log):
        async def inference(self):
            task = asyncio.create_task(asyncio.sleep(100))
            task.cancel()
            await task
            yield

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        assert "CancelledError" in client.ended

    assert play_with_model(Replaces, scenario).counts["run.ended"] == 1


@BOTH
def test_one_that_returns_is_begun_again(model):
    class Ends(Log):
        def inference(self):
            self.log.append("begun")
            yield grey(1)
            yield grey(2)

    class AsyncEnds(Log):
        async def inference(self):
            self.log.append("begun")
            yield grey(1)
            yield grey(2)

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        assert levels(client)[:6] == [1, 2, 1, 2, 1, 2] and client.ended is None
        assert world.model.log.count("begun") == pytest.approx(15, abs=2)

    play_with_model(Ends if model is Log else AsyncEnds, scenario)


@BOTH
def test_one_that_returns_without_a_yield_is_refused_rather_than_turned_for_ever(model):
    class Empty(Log):
        def inference(self):
            self.log.append("begun")
            yield from ()

    class AsyncEmpty(Log):
        async def inference(self):
            self.log.append("begun")
            if False:
                yield

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        assert "inference() returned and had yielded nothing" in client.ended and "Idle" in client.ended
        assert world.model.log.count("begun") == 1

    play_with_model(Empty if model is Log else AsyncEmpty, scenario)


# -- with the rest of the interface


class Mirror(Log):
    """Shows its camera."""

    input: Camera

    async def inference(self):
        self.log.append("begun")
        while True:
            frames = await self.input.webcam.read(1)
            yield np.asarray(frames[0]) + self.state.level


def test_a_read_that_the_last_client_leaves_ends_it_quietly_and_the_next_has_a_new_one():
    async def scenario(world: World) -> None:
        one = await world.connect()
        await one.command("set_level", level=5)
        for shown in (11, 6):  # the step that had begun to wait for it knows nothing of the command yet
            world.runtime._stage.inputs["webcam"].put(InputFrame(array(1)))
            await asyncio.sleep(1)
            assert levels(one)[-1] == shown
        one.leave()
        await asyncio.sleep(1)
        two = await world.connect()
        await asyncio.sleep(1)
        world.runtime._stage.inputs["webcam"].put(InputFrame(array(2)))
        await asyncio.sleep(1)
        assert levels(two)[-1] == 7  # the same state
        assert world.model.log == ["begun", "begun"]
        assert two.ended is None

    assert "run.ended" not in play_with_model(Mirror, scenario).counts


def test_a_read_that_was_closed_while_somebody_is_there_is_a_failure():
    class Closes(Mirror):
        @event(name="close")
        def close(self):
            self.input.webcam.close()

    async def scenario(world: World) -> None:
        client = await world.connect()
        await client.command("close")
        await asyncio.sleep(1)
        assert "BufferClosed" in client.ended

    play_with_model(Closes, scenario)


def test_one_that_returns_since_the_last_client_left_has_not_returned_empty():
    class Catches(Mirror):
        async def inference(self):
            self.log.append("begun")
            try:
                while True:
                    yield np.asarray((await self.input.webcam.read(1))[0])
            except BufferClosed:
                return

    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(1)
        one.leave()
        await asyncio.sleep(1)
        two = await world.connect()
        await asyncio.sleep(1)
        assert two.ended is None and world.model.log == ["begun", "begun"]

    assert "run.ended" not in play_with_model(Catches, scenario).counts


def test_a_client_that_returns_within_one_async_step_is_let_in_once_the_step_has_ended():
    class Greets(AsyncLog):
        @connected
        async def hello(self):
            self.log.append("hello")

        async def inference(self):
            while True:
                await asyncio.sleep(3)
                self.log.append("stepped")
                yield grey(1)

    async def scenario(world: World) -> None:
        one = await world.connect()
        await asyncio.sleep(1)
        one.leave()
        two = await world.connect()
        await asyncio.sleep(1)
        assert world.model.log == ["hello"]
        await asyncio.sleep(5)
        assert world.model.log == ["hello", "stepped", "hello", "stepped"]
        assert levels(one) == [] and levels(two) == [1]  # the first step was for the one who had gone

    play_with_model(Greets, scenario)


def test_messages_rates_and_buffers_are_those_of_any_model():
    class Sends(Log):
        fps = 10
        buffer_size = 2

        def load(self, config):
            super().load(config)
            self.fps = 5

        async def inference(self):
            while True:
                await self.send(Note(level=self.state.level))
                yield grey(self.state.level)

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(4)
        assert len(client.frames) == pytest.approx(20, abs=2)
        assert len(client.messages) == pytest.approx(22, abs=3)
        assert client.messages[0].data == {"level": 10}

    play_with_model(Sends, scenario)


def test_a_state_that_cannot_be_made_ends_the_session_and_is_not_that_of_the_last_one():
    @dataclass
    class Once(InputState):
        level: int = 1

        def __post_init__(self):
            made.append(self)
            if len(made) == 2:
                raise RuntimeError("one only")

    made: list[Any] = []

    class Model(Log):
        state: Once

        def inference(self):
            while True:
                yield grey(self.state.level)

    async def scenario(world: World) -> None:
        client = await world.connect()
        await client.command("set_level", level=9)
        await asyncio.sleep(1)
        await world.runtime.stop_session()
        client = await world.connect()
        await asyncio.sleep(1)
        assert set(levels(client)) == {1}

    assert play_with_model(Model, scenario).counts["hooks.failed"] == 1
