"""One encoder for several viewers, on a clock of the test's own; and what a viewer makes of what the engine says."""

from __future__ import annotations

import gc
import math
import weakref
from functools import partial

import numpy as np
import pytest

from reactor_runtime.counters import Counters
from reactor_runtime.errors import EncoderError
from reactor_runtime.media import vp8
from reactor_runtime.media.planes import to_i420
from reactor_runtime.media.vp8 import Libvpx, Vp8Encoder
from reactor_runtime.transport.webrtc.video import viewer as viewer_module
from reactor_runtime.transport.webrtc.video.encoders import SharedEncoder, Shot
from reactor_runtime.transport.webrtc.video.trailer import trailer
from reactor_runtime.transport.webrtc.video.viewer import START_BITRATE
from tests.media.recording.clock import HandClock

from .fakes import Engine, KeyFrameRequest, RateUpdate, Watching, decode, near
from .support import one_colour

BLUE, GREEN, RED = (230, 20, 20), (20, 230, 20), (20, 20, 230)
FRAME = 1 / 30
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
    """An encoder, and who watches."""

    def __init__(self, library: Libvpx) -> None:
        self.clock = HandClock()
        self.counters = Counters()
        self.encoder = SharedEncoder(partial(Vp8Encoder, library), self.clock, self.counters)
        self.watching: list[Watching] = []

    def join(self, *, tagged: bool = False) -> Watching:
        self.watching.append(Watching(self.clock.now, tagged=tagged))
        return self.watching[-1]

    def send(
        self,
        colour: tuple[int, int, int] = BLUE,
        *,
        bits: int = 4 * M,
        size: tuple[int, int] = (320, 192),
        tail: bytes = b"",
        passes: float = FRAME,
    ) -> None:
        """One picture, so much later than the last one."""
        self.clock.time += passes
        planes = to_i420(one_colour(*colour, *size).pixels())
        self.encoder.send(Shot(planes, *size, self.clock.now(), tail), bits, self.viewers)

    @property
    def viewers(self) -> list[viewer_module.EncodedViewer]:
        return [one.viewer for one in self.watching]

    @property
    def keyframes(self) -> int:
        return self.counters["video.keyframes"]


@pytest.fixture
def stage(library: Libvpx) -> Stage:
    return Stage(library)


def test_a_picture_is_encoded_once_for_all(stage: Stage) -> None:
    first, second = stage.join(), stage.join()
    for colour in (BLUE, GREEN, RED):
        stage.send(colour)
    assert first.keys == [True, False, False]
    assert first.pushed == second.pushed
    assert [near(*pair) for pair in zip(first.colours(), (BLUE, GREEN, RED), strict=True)] == [True] * 3
    assert {(one.width, one.height) for one in first.pushed} == {(320, 192)}
    assert first.viewer.frames == 3
    assert stage.keyframes == 1


def test_who_joins_at_the_same_picture_is_given_the_same_key_frame(stage: Stage) -> None:
    first = stage.join()
    stage.send()
    joiner = stage.join()
    assert stage.encoder.key_due(stage.viewers) == -math.inf
    assert stage.encoder.light(stage.viewers)
    assert joiner.pushed == first.pushed
    assert len(first.pushed) == 1
    assert stage.keyframes == 1
    assert not stage.encoder.light(stage.viewers)  # nobody waits any more
    stage.send(RED)
    assert joiner.keys == [True, False] and joiner.pushed == first.pushed


def test_who_joins_later_waits_for_a_key_frame_and_is_given_nothing_before(stage: Stage) -> None:
    first = stage.join()
    stage.send()
    keyed = stage.clock.now()
    stage.send(GREEN)
    joiner = stage.join()
    assert not stage.encoder.light(stage.viewers)
    assert stage.encoder.key_due(stage.viewers) == pytest.approx(keyed + 0.15)
    stage.send(RED)
    assert (joiner.pushed, joiner.viewer.frames) == ([], 0)
    assert joiner.viewer.dark
    stage.send(BLUE, passes=0.15)
    assert (joiner.keys, first.keys) == ([True], [True, False, False, True])
    assert near(joiner.colours()[0], BLUE)
    assert not joiner.viewer.dark


def test_all_that_ask_meanwhile_get_the_same_key_frame(stage: Stage) -> None:
    watching = [stage.join() for _ in range(3)]
    stage.send()
    keyed = stage.clock.now()
    assert stage.encoder.key_due(stage.viewers) == math.inf
    stage.send(passes=0.15)
    for one in watching:
        one.say(KeyFrameRequest())
    assert stage.encoder.key_due(stage.viewers) == pytest.approx(keyed + 0.3)
    stage.send(passes=0.1)
    assert stage.keyframes == 1
    for one in watching:
        one.say(KeyFrameRequest())
    stage.send(passes=0.1)
    assert stage.keyframes == 2
    assert [one.keys for one in watching] == [[True, False, False, True]] * 3
    assert stage.encoder.key_due(stage.viewers) == math.inf


def test_asking_without_end_gives_no_more_than_one_each_third_of_a_second(stage: Stage) -> None:
    stage.join()
    for _ in range(90):
        stage.send()
        stage.watching[0].say(KeyFrameRequest())
    assert stage.keyframes <= 1 + 90 * FRAME / 0.3


def test_the_engine_that_asks_right_after_a_key_frame_has_got_it(stage: Stage) -> None:
    (one,) = [stage.join()]
    stage.send()
    stage.clock.time += 0.05
    one.say(KeyFrameRequest())
    assert not one.viewer.asked
    stage.clock.time += 0.06
    one.say(KeyFrameRequest())
    assert one.viewer.asked


def test_a_forgotten_picture_is_given_to_nobody(stage: Stage) -> None:
    stage.join()
    stage.send(RED)
    stage.encoder.forget()
    joiner = stage.join()
    assert not stage.encoder.light(stage.viewers)
    assert joiner.pushed == []
    assert stage.encoder.key_due(stage.viewers) == pytest.approx(stage.clock.now() + 0.15)
    stage.send(BLUE, passes=0.15)
    assert near(joiner.colours()[0], BLUE)


def test_another_size_begins_with_a_key_frame(stage: Stage) -> None:
    one = stage.join()
    sizes = [(320, 192), (320, 192), (642, 362), (642, 362), (320, 192)]
    for size in sizes:
        stage.send(RED, size=size)
    assert one.keys == [True, False, True, False, True]
    assert [(pushed.width, pushed.height) for pushed in one.pushed] == sizes
    assert [seen.shape[1::-1] for seen in decode(one.pushed)] == sizes


def test_too_few_bits_make_it_smaller_and_more_bits_larger_again(stage: Stage) -> None:
    one = stage.join()
    for bits in (4 * M, 100_000, 25_000, 130_000, 4 * M):
        for _ in range(2):
            stage.send(GREEN, bits=bits, size=(640, 480))
    assert [pushed.width for pushed in one.pushed if pushed.key] == [640, 320, 160, 320, 640]
    assert all(near(seen, GREEN) for seen in one.colours())


def test_few_pictures_a_second_have_more_bits_each(stage: Stage) -> None:
    one = stage.join()
    for _ in range(60):
        stage.send(bits=100_000, size=(640, 480), passes=0.5)
    assert one.pushed[-1].width == 640


def test_only_who_takes_trailers_off_gets_one(stage: Stage) -> None:
    tagged, plain, also = stage.join(tagged=True), stage.join(), stage.join(tagged=True)
    for number in (1, 2):
        stage.send(tail=trailer(number, 5_000 * number, b"{}"))
    for number in (1, 2):
        data = plain.pushed[number - 1].data
        assert tagged.pushed[number - 1].data == data + trailer(number, 5_000 * number, b"{}")
    assert also.pushed == tagged.pushed
    joiner, plain_joiner = stage.join(tagged=True), stage.join()
    stage.send(passes=0.2, tail=trailer(3, 20_000, b""))
    stage.encoder.light(stage.viewers)
    assert joiner.pushed == [tagged.pushed[2]] and plain_joiner.pushed == [plain.pushed[2]]


def test_what_is_left_out_is_counted_and_lights_nobody(stage: Stage) -> None:
    one = stage.join()
    random = np.random.default_rng(1)
    for _ in range(30):
        stage.clock.time += FRAME
        planes = random.integers(0, 256, (288, 320), np.uint8)
        stage.encoder.send(Shot(planes, 320, 192, stage.clock.now(), b""), 20_000, stage.viewers)
    left_out = stage.counters["frames.left_out_for_bandwidth"]
    assert left_out > 0
    assert len(one.pushed) == 30 - left_out
    assert one.viewer.frames == 30 - left_out


def test_what_cannot_be_encoded_is_said_and_the_next_one_goes(stage: Stage) -> None:
    one = stage.join()
    stage.send()
    with pytest.raises(EncoderError, match="16386x16"):
        stage.send(size=(16_386, 16))
    joiner = stage.join()
    stage.send(RED, passes=0.15)
    assert one.keys == [True, True]
    assert near(one.colours()[-1], RED) and near(joiner.colours()[0], RED)


def test_it_may_be_closed_twice_and_used_again(stage: Stage) -> None:
    stage.encoder.close()
    one = stage.join()
    stage.send()
    stage.encoder.close()
    stage.encoder.close()
    stage.send(RED)
    assert one.keys == [True, True]


# -- a viewer


def test_a_rate_is_heard_and_a_great_fall_noted(stage: Stage) -> None:
    one = stage.join()
    viewer = one.viewer
    assert (viewer.bits_per_second, viewer.heard) == (START_BITRATE, False)
    one.say(RateUpdate(START_BITRATE * 3 // 4))
    assert (viewer.bits_per_second, viewer.heard, viewer.worsened) == (3 * M, True, False)
    one.say(RateUpdate(2 * M))
    assert (viewer.bits_per_second, viewer.worsened) == (2 * M, True)
    one.say(RateUpdate(2 * M))
    assert viewer.worsened  # until somebody has looked


def test_of_the_rate_and_what_is_pressed_the_less_is_given(stage: Stage) -> None:
    one = stage.join()
    one.viewer.pressed = 123_456.7
    assert one.viewer.bits_per_second == 123_457
    one.say(RateUpdate(100_000))
    assert one.viewer.bits_per_second == 100_000


@pytest.mark.parametrize("how", ["carries nothing", "held"])
def test_who_was_given_nothing_for_a_while_needs_a_key_frame(stage: Stage, how: str) -> None:
    one = stage.join()
    stage.send()
    if how == "held":
        one.viewer.hold(False)
        assert not one.viewer.dark
        one.viewer.hold(True)
        assert not one.viewer.dark
        one.viewer.hold(False)
    else:
        one.say(RateUpdate(0))
        assert not one.viewer.dark
        one.say(RateUpdate(M))
    assert one.viewer.dark
    stage.send()
    assert one.keys == [True]
    stage.send(passes=0.15)
    assert one.keys == [True, True]


def test_what_is_asked_for_wakes_somebody() -> None:
    woken = []
    one = Watching(lambda: 0.0, lambda: woken.append(one.viewer.target))
    one.say(RateUpdate(M))
    one.say(KeyFrameRequest())
    assert woken == [M, M]


def test_a_viewer_is_freed_without_the_garbage_collector() -> None:
    one = Watching(lambda: 0.0)
    seen, track = weakref.ref(one.viewer), one.track
    gc.disable()
    try:
        del one.viewer
        assert seen() is None
    finally:
        gc.enable()
    track.say(RateUpdate(1))
    track.say(KeyFrameRequest())


def left_out(stage: Stage, *, must: bool = False) -> bool:
    """Pictures full of noise at few bits, until one is left out; the next one after that has to be sent or not."""
    dice = np.random.default_rng(1)
    for _ in range(60):
        stage.clock.time += FRAME
        noise = to_i420(dice.integers(0, 255, (192, 320, 3), np.uint8))
        before = stage.counters["frames.left_out_for_bandwidth"]
        shot = Shot(noise, 320, 192, stage.clock.now(), b"")
        stage.encoder.send(shot, 150_000, stage.viewers, must=must)
        if stage.counters["frames.left_out_for_bandwidth"] > before:
            return True
    return False


def test_a_picture_left_out_is_owed_until_another_one_is_sent(stage: Stage) -> None:
    stage.join()
    stage.send()
    assert stage.encoder.due(stage.viewers) == math.inf
    assert left_out(stage)
    assert stage.clock.now() < stage.encoder.due(stage.viewers) <= stage.clock.now() + 0.5
    for _ in range(30):
        stage.send(RED, bits=150_000, passes=0.2)
        if stage.encoder.due(stage.viewers) == math.inf:
            break
    assert stage.encoder.due(stage.viewers) == math.inf
    assert left_out(stage)
    stage.encoder.forget()
    assert stage.encoder.due(stage.viewers) == math.inf


def test_a_picture_that_cannot_come_again_is_not_left_out(stage: Stage) -> None:
    stage.join()
    assert not left_out(stage, must=True)
    assert stage.watching[0].viewer.frames == 60
