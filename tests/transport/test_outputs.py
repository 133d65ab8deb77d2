"""A video track with viewers that only write down what they are given, on a clock of the test's own.

The track's thread waits in real time for what is due by that clock: whoever moves the clock wakes it.
"""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import cast

import numpy as np
import pytest
import reactor_webrtc as rw

from reactor_runtime.counters import Counters
from reactor_runtime.media import vp8
from reactor_runtime.media.frames import Picture, black
from reactor_runtime.media.vp8 import Libvpx
from reactor_runtime.transport.webrtc.video import outputs
from reactor_runtime.transport.webrtc.video import viewer as viewer_module
from reactor_runtime.transport.webrtc.video.encoders import SharedEncoder, Shot
from reactor_runtime.transport.webrtc.video.outputs import OutputTrack
from reactor_runtime.transport.webrtc.video.ticks import Ticker
from reactor_runtime.transport.webrtc.video.trailer import trailer
from tests.media.recording.clock import HandClock

from .fakes import DEADLINE, Engine, FakeTrack, KeyFrameRequest, RateUpdate, RawWatching, Watching, near
from .support import one_colour

BLUE, GREEN, RED = (230, 20, 20), (20, 230, 20), (20, 20, 230)
M = 1_000_000


@pytest.fixture(scope="module")
def library() -> Libvpx:
    found = vp8.find()
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer_module, "rw", Engine)


class Stage:
    def __init__(self, library: Libvpx | None) -> None:
        self.clock = HandClock()
        self.counters = Counters()
        self.output = OutputTrack("main", library, self.clock, self.counters)
        self.captured = 10_000_000
        self.rests = 0
        wait = self.output._condition.wait

        def rest(timeout: float | None = None) -> bool:
            self.rests += 1
            return wait(timeout)

        self.output._condition.wait = rest  # type: ignore[method-assign]

    def join(self, *, playing: bool = True, tagged: bool = False) -> Watching:
        one = Watching(self.clock.now, self.output.wake, tagged=tagged)
        self.output.add(one.viewer)
        if playing:
            self.output.play(one.viewer, True)
        return one

    def join_raw(self, *, playing: bool = True) -> RawWatching:
        one = RawWatching()
        self.output.add(one.viewer)
        if playing:
            self.output.play(one.viewer, True)
        return one

    def show(self, colour: tuple[int, int, int] = BLUE, size: tuple[int, int] = (320, 192)) -> None:
        self.captured += 33_333
        self.output.show(one_colour(*colour, *size), self.captured)

    def pass_time(self, seconds: float) -> None:
        self.clock.time += seconds
        self.output.wake()

    def frames(self, count: int, *watching: Watching | RawWatching, colour: tuple[int, int, int] = BLUE) -> None:
        """So many pictures at 30 a second, each of which arrives at all of them."""
        for _ in range(count):
            self.pass_time(1 / 30)
            before = [len(one.pushed) for one in watching]
            self.show(colour)
            for one, already in zip(watching, before, strict=True):
                one.wait(already + 1)

    def looked(self) -> None:
        """Wait until the thread has seen what is to be done now, and has done it."""
        before = self.rests
        self.output.wake()
        self.until(lambda: self.rests > before, "the thread waits again")

    @property
    def keyframes(self) -> int:
        return self.counters["video.keyframes"]

    def until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, f"this did not happen: {what}"
            time.sleep(0.001)

    @property
    def threads(self) -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name == "reactor-video-main"]


@pytest.fixture
def stage(library: Libvpx) -> Iterator[Stage]:
    made = Stage(library)
    yield made
    made.output.close()
    assert made.threads == []


def test_who_joins_is_given_the_last_picture_at_once(stage: Stage) -> None:
    stage.show(RED)
    stage.show(BLUE)
    first = stage.join()
    first.wait(1)
    assert first.keys == [True] and near(first.colours()[0], BLUE)
    assert stage.keyframes == 1  # what was shown before anybody played was not encoded


def test_a_second_one_is_given_the_same_key_frame(stage: Stage) -> None:
    first = stage.join()
    stage.show()
    first.wait(1)
    second = stage.join()
    second.wait(1)
    assert second.pushed == first.pushed
    assert stage.keyframes == 1


def test_eight_at_once_are_given_the_same(stage: Stage) -> None:
    stage.show(GREEN)
    watching = [stage.join() for _ in range(8)]
    for one in watching:
        one.wait(1)
    assert all(one.pushed[0] == watching[0].pushed[0] for one in watching)
    stage.frames(3, *watching)
    assert all(one.pushed == watching[0].pushed for one in watching)
    assert stage.keyframes == 1


def test_who_joins_between_two_pictures_need_not_wait_for_the_next(stage: Stage) -> None:
    """The model may not show one for long: the last is encoded again, 150 ms after the last key frame or later."""
    first = stage.join()
    stage.frames(2, first)
    second = stage.join()
    stage.pass_time(0.15)
    second.wait(1)
    assert second.keys == [True] and near(second.colours()[0], BLUE)
    first.wait(3)
    assert stage.keyframes == 2


def test_key_frames_asked_for_meanwhile_are_one(stage: Stage) -> None:
    watching = [stage.join() for _ in range(3)]
    stage.show()
    for one in watching:
        one.wait(1)
    stage.pass_time(0.12)
    for one in watching:
        one.say(KeyFrameRequest())
        one.say(KeyFrameRequest())
    stage.frames(2, *watching)
    assert stage.keyframes == 1
    stage.pass_time(0.3)
    for one in watching:
        one.wait(4)
    assert [one.keys for one in watching] == [[True, False, False, True]] * 3
    assert stage.keyframes == 2
    stage.frames(9, *watching)
    assert stage.keyframes == 2


def test_nothing_is_encoded_while_nobody_plays(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, resting = stage.join(playing=False), stage.join()
    stage.show(RED)
    resting.wait(1)
    stage.output.play(resting.viewer, False)
    with monkeypatch.context() as patch:
        patch.setattr(OutputTrack, "_do", lambda self, job: pytest.fail("there was nothing to do"))
        for _ in range(20):
            stage.pass_time(1 / 30)
            stage.show(GREEN)
            stage.looked()
    stage.show(BLUE)
    stage.output.play(waiting.viewer, True)
    waiting.wait(1)
    assert [near(seen, BLUE) for seen in waiting.colours()] == [True]
    assert len(resting.pushed) == 1
    assert stage.counters.snapshot() == {"video.keyframes": 2}


def test_who_comes_after_a_pause_is_not_given_the_picture_before_it(stage: Stage) -> None:
    """Nobody played meanwhile, so that the last key frame is that of an old picture."""
    first = stage.join()
    stage.show(RED)
    first.wait(1)
    stage.output.play(first.viewer, False)
    stage.show(BLUE)
    second = stage.join()
    stage.pass_time(0.15)
    second.wait(1)
    assert second.keys[0] and near(second.colours()[0], BLUE)
    stage.output.play(first.viewer, True)
    first.wait(2)
    assert near(first.colours()[1], BLUE)


def test_who_resumes_sees_the_present_picture_at_once(stage: Stage) -> None:
    resting, other = stage.join(), stage.join()
    stage.frames(2, resting, other, colour=RED)
    stage.output.play(resting.viewer, False)
    stage.frames(10, other, colour=GREEN)
    assert len(resting.pushed) == 2
    stage.output.play(resting.viewer, True)
    resting.wait(3)
    assert resting.keys[2:] == [True]
    assert near(resting.colours()[-1], GREEN)
    assert stage.keyframes == 2


@pytest.mark.parametrize("watched", [True, False], ids=["while it is watched", "while nobody watches"])
def test_a_forgotten_picture_is_shown_to_nobody_who_joins_later(stage: Stage, watched: bool) -> None:
    first = stage.join(playing=watched)
    stage.show(RED)
    if watched:
        first.wait(1)
    stage.output.forget()
    joiner = stage.join()
    raw = stage.join_raw()
    for _ in range(5):
        stage.pass_time(0.2)
        stage.output.repeat()
        stage.looked()
    assert joiner.pushed == [] and raw.pushed == []
    stage.show(BLUE)
    joiner.wait(1)
    raw.wait(1)
    assert joiner.keys[0] and near(joiner.colours()[0], BLUE)
    assert raw.pushed[0].bgra == one_colour(*BLUE).bgra


def test_what_was_shown_before_it_was_forgotten_leaves_all_the_same(stage: Stage) -> None:
    first = stage.join()
    stage.show(GREEN)
    first.wait(1)
    for _ in range(10):
        before = len(first.pushed)
        stage.pass_time(0.1)
        stage.show(RED)
        stage.output.forget()
        first.wait(before + 1)
        joiner = stage.join()
        stage.pass_time(0.2)
        stage.looked()
        assert joiner.pushed == []
        stage.output.remove(joiner.viewer)
    assert all(near(seen, RED) for seen in first.colours()[1:])


def test_another_size_begins_with_a_key_frame_for_all(stage: Stage) -> None:
    watching = [stage.join(), stage.join()]
    sizes = [(320, 192), (641, 361), (320, 192), (2, 2), (1, 1)]
    even = [(320, 192), (642, 362), (320, 192), (2, 2), (2, 2)]
    for count, size in enumerate(sizes, 1):
        stage.pass_time(1 / 30)
        stage.show(GREEN, size)
        for one in watching:
            one.wait(count)
    for one in watching:
        assert one.keys == [True, True, True, True, False]  # 1x1 is sent as 2x2, which it was before
        assert [(sent.width, sent.height) for sent in one.pushed] == even
        assert all(near(seen, GREEN) for seen in one.colours())


def test_of_pictures_that_come_too_fast_the_newest_is_sent(stage: Stage) -> None:
    one = stage.join()
    stage.show(GREEN)
    one.wait(1)
    for colour in (RED, RED, RED, RED, BLUE):
        stage.show(colour)
        stage.looked()
    assert len(one.pushed) == 1
    assert stage.counters["frames.overtaken_at_encoder"] == 4
    stage.pass_time(0.0031)
    one.wait(2)
    assert [near(*pair) for pair in zip(one.colours(), (GREEN, BLUE), strict=True)] == [True, True]


def test_the_trailer_says_which_picture_it_is_and_when_it_was_captured(stage: Stage) -> None:
    tagged, plain = stage.join(tagged=True), stage.join()
    for number in (1, 2):
        stage.pass_time(1 / 30)
        stage.captured += 33_333
        stage.output.show(one_colour(*RED).tagged(b'{"n":%d}' % number), stage.captured)
        tagged.wait(number)
        plain.wait(number)
        said = trailer(number, stage.captured, b'{"n":%d}' % number)
        assert tagged.pushed[-1].data == plain.pushed[-1].data + said


# -- several layers


def test_a_slow_viewer_lowers_all_until_it_has_an_encoder_of_its_own(stage: Stage) -> None:
    fast, slow = stage.join(), stage.join()
    stage.frames(5, fast, slow)
    slow.say(RateUpdate(1 * M))
    stage.frames(30, fast, slow)
    assert fast.pushed == slow.pushed
    stage.frames(40, fast, slow)
    assert fast.pushed != slow.pushed
    assert fast.keys == [True] + [False] * 74  # who is well has no key frame of it
    assert slow.keys.count(True) == 2
    assert stage.keyframes == 2
    slow.say(RateUpdate(4 * M))
    stage.frames(70, fast, slow)
    assert fast.pushed[-5:] == slow.pushed[-5:]
    assert (fast.keys.count(True), slow.keys.count(True), stage.keyframes) == (2, 3, 3)  # one to go on from together
    assert [near(seen, BLUE) for seen in (*fast.colours(), *slow.colours())] == [True] * 290


def test_pictures_do_not_wait_for_an_encoder_to_be_freed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    close, freed_freely = SharedEncoder.close, []

    def watched(self: SharedEncoder) -> None:
        passing = threading.Thread(target=stage.output.forget, daemon=True)  # it waits for the lock that pictures take
        passing.start()
        passing.join(DEADLINE)
        freed_freely.append(not passing.is_alive())
        close(self)

    fast, slow = stage.join(), stage.join()
    stage.frames(5, fast, slow)
    slow.say(RateUpdate(1 * M))
    stage.frames(70, fast, slow)
    monkeypatch.setattr(SharedEncoder, "close", watched)
    stage.output.remove(slow.viewer)
    stage.until(lambda: len(freed_freely) > 0, "the encoder of who left is freed, though no picture comes")
    assert freed_freely == [True]
    stage.output.remove(fast.viewer)
    stage.until(lambda: len(freed_freely) > 1, "the last one, too")
    assert freed_freely == [True, True]
    monkeypatch.undo()


def test_who_carries_nothing_is_given_nothing_and_resumes_with_a_key_frame(stage: Stage) -> None:
    one, other = stage.join(), stage.join()
    stage.frames(5, one, other)
    one.say(RateUpdate(0))
    stage.frames(10, other)
    assert len(one.pushed) == 5
    one.say(RateUpdate(2 * M))
    one.wait(6)
    assert one.keys[5:] == [True]
    stage.frames(2, one, other)
    assert one.pushed[-2:] == other.pushed[-2:]


def test_who_is_held_is_given_nothing_until_let_go(stage: Stage) -> None:
    one, other = stage.join(), stage.join()
    stage.frames(6, one, other)
    one.viewer.hold(True)
    stage.frames(6, other)
    assert len(one.pushed) == 6
    one.viewer.hold(False)
    stage.output.wake()
    one.wait(7)
    assert one.keys[6:] == [True]


def test_who_leaves_is_given_nothing_more_and_is_freed(stage: Stage) -> None:
    leaving, staying = stage.join(), stage.join()
    stage.frames(3, leaving, staying)
    stage.output.remove(leaving.viewer)
    pushed, seen = leaving.pushed, weakref.ref(leaving.viewer)
    del leaving
    stage.frames(3, staying)
    assert len(pushed) == 3
    gc.disable()
    try:
        stage.until(lambda: seen() is None, "the viewer is freed")
    finally:
        gc.enable()
    stage.output.remove(staying.viewer)
    stage.output.remove(staying.viewer)


@pytest.mark.parametrize(
    ("size", "most"),
    [
        ((64, 64), outputs._LEAST_TOP),
        ((1280, 720), round(outputs._BITS_PER_PIXEL * 30 * 1280 * 720)),
        ((1920, 1080), outputs.MAX_BITRATE),
    ],
)
def test_no_more_bits_are_aimed_at_than_are_seen(
    library: Libvpx, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], most: int
) -> None:
    aimed = []

    def send(
        self: SharedEncoder, shot: Shot, bits: int, viewers: Sequence[viewer_module.EncodedViewer], *, must: bool
    ) -> None:
        aimed.append(bits)
        for one in viewers:
            one.push(b"", key=True, width=2, height=2, seconds=0.0)

    monkeypatch.setattr(SharedEncoder, "send", send)
    stage = Stage(library)
    try:
        one = stage.join()
        one.viewer.target = 20 * M
        stage.show(RED, size)
        one.wait(1)
        assert aimed == [most]
    finally:
        stage.output.close()


# -- viewers that the media engine encodes for


def test_one_of_each_kind(stage: Stage) -> None:
    raw, encoded = stage.join_raw(), stage.join()
    stage.frames(3, raw, encoded)
    assert [(one.width, one.height, one.user_data) for one in raw.pushed] == [(320, 192, b"")] * 3
    assert raw.pushed[0].bgra == one_colour(*BLUE).bgra
    assert raw.pushed[-1].captured == stage.captured
    assert encoded.keys == [True, False, False]


def test_a_picture_sent_again_is_younger(library: Libvpx) -> None:
    """The engine drops one that is not a millisecond younger than the one before."""
    for one_library in (library, None):
        stage = Stage(one_library)
        try:
            raw = stage.join_raw()
            stage.output.show(one_colour(*RED), rw.time_micros())
            raw.wait(1)
            for count in range(2, 6):
                stage.pass_time(0.01)
                stage.output.repeat()
                raw.wait(count)
            times = [one.captured for one in raw.pushed]
            assert all(later - earlier >= 1000 for earlier, later in pairwise(times))
            assert len({one.bgra for one in raw.pushed}) == 1
        finally:
            stage.output.close()


def test_it_is_not_repeated_after_another_was_shown(stage: Stage) -> None:
    raw = stage.join_raw()
    stage.output.repeat()  # there is none
    stage.show(RED)
    raw.wait(1)
    shown = stage.output.shown
    stage.pass_time(0.1)
    stage.show(GREEN)
    raw.wait(2)
    stage.pass_time(0.1)
    stage.output.repeat(unless_after=shown)
    stage.pass_time(0.1)
    stage.show(BLUE)
    raw.wait(3)
    assert [one.bgra[:3] for one in raw.pushed] == [bytes(RED), bytes(GREEN), bytes(BLUE)]
    stage.pass_time(0.1)
    stage.output.repeat(unless_after=stage.output.shown)
    raw.wait(4)


def test_without_a_library_there_are_only_those(library: Libvpx) -> None:
    stage = Stage(None)
    try:
        raw, encoded = stage.join_raw(), stage.join()
        stage.frames(3, raw)
        assert encoded.pushed == []
    finally:
        stage.output.close()


# -- what may go wrong, and the end


def test_a_picture_that_cannot_be_encoded_is_counted_and_the_next_one_goes(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    raw, encoded = stage.join_raw(), stage.join()
    stage.output.show(black(16_386, 16), 1)
    stage.until(lambda: stage.counters["transport.faults"] > 0, "a fault is counted")
    stage.pass_time(1)
    stage.show(RED)
    encoded.wait(1)
    raw.wait(1)
    assert near(encoded.colours()[0], RED)
    said = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert len(said) == 1 and said[0].startswith("track 'main': a picture was not sent: no VP8 encoder of 16386x16")


def test_what_cannot_be_encoded_is_not_tried_without_a_pause(stage: Stage) -> None:
    """A viewer waits for a key frame, and there is none to be had of this picture."""
    rests: list[int] = []
    tried = threading.Event()
    do = stage.output._do

    def count(job: object) -> None:
        rests.append(stage.rests)
        if len(rests) >= 4:
            tried.set()
        do(job)  # type: ignore[arg-type]

    stage.output._do = count  # type: ignore[method-assign,assignment]
    stage.join()
    stage.output.show(black(16_386, 16), 1)
    assert tried.wait(DEADLINE)
    assert all(later > earlier for earlier, later in pairwise(rests))


def test_pictures_that_no_viewer_takes_harm_nobody_else(stage: Stage) -> None:
    bad, good = stage.join(), stage.join()

    def fail(*pushed: object) -> None:
        raise RuntimeError("the track is gone")

    stage.show(RED)
    good.wait(1)
    bad.track.push_encoded_frame = fail  # type: ignore[method-assign]
    stage.pass_time(0.1)
    stage.show(RED)
    stage.until(lambda: stage.counters["transport.faults"] > 0, "a fault is counted")
    stage.output.remove(bad.viewer)
    before = len(good.pushed)
    stage.pass_time(0.1)
    stage.show(BLUE)
    good.wait(before + 1)
    stage.pass_time(0.4)
    good.say(KeyFrameRequest())
    good.wait(before + 2)
    assert near(good.colours()[-1], BLUE)


def test_who_waits_for_a_picture_is_called_once(stage: Stage) -> None:
    called = []
    stage.output.when_shown(lambda: called.append("early"))
    assert called == []
    stage.show()
    stage.show()
    stage.output.when_shown(lambda: called.append("late"))
    assert called == ["early", "late"]
    stage.output.forget()
    stage.output.when_shown(lambda: called.append("after"))
    assert called == ["early", "late"]
    stage.show()
    assert called == ["early", "late", "after"]
    assert stage.output.shown == 3


def test_its_thread_begins_with_the_first_viewer_and_ends(stage: Stage) -> None:
    stage.show()
    assert stage.threads == []
    one = stage.join()
    one.wait(1)
    assert len(stage.threads) == 1
    stage.output.close()
    assert stage.threads == []
    stage.output.close()
    stage.show()
    stage.join()
    assert stage.threads == []


def test_what_one_takes_from_the_model_is_not_changed_afterwards(stage: Stage) -> None:
    pixels = np.full((192, 320, 3), RED[::-1], np.uint8)
    before = pixels.copy()
    one, raw = stage.join(), stage.join_raw()
    stage.output.show(Picture.of(pixels), 1)
    one.wait(1)
    raw.wait(1)
    assert (pixels == before).all()
    assert near(one.colours()[0], RED) and raw.pushed[0].bgra == one_colour(*RED).bgra


# -- ticks


def test_each_encoded_picture_is_followed_by_a_tick(stage: Stage) -> None:
    track = FakeTrack()
    stage.output.ticker = Ticker(cast(rw.Track, track))
    first = stage.join()
    stage.frames(3, first)
    track.wait(3)
    assert [one.captured for one in track.raw] == [stage.captured - 66_666, stage.captured - 33_333, stage.captured]
    stage.join_raw()  # for it alone, no encoded viewer's sender takes anything
    stage.output.remove(first.viewer)
    second = stage.join()
    stage.pass_time(0.2)
    second.wait(1)
    track.wait(4)
    stage.output.tick()
    track.wait(5)


def test_a_tick_is_a_millisecond_younger_than_the_one_before() -> None:
    track = FakeTrack()
    ticker = Ticker(cast(rw.Track, track))
    for captured in (5_000, 5_000, 4_000, 5_100, 9_000):
        ticker.tick(captured)
    assert [one.captured for one in track.raw] == [5_000, 6_000, 7_000, 8_000, 9_000]
    assert all(len(one.bgra) == 4 * one.width * one.height for one in track.raw)
