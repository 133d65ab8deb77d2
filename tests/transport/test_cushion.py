"""Sound that comes in frames and leaves every 10 ms, on a clock of the test's own."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from reactor_runtime.counters import Counters
from reactor_runtime.transport.webrtc.audio.cushion import BACKLOG, BLOCK, FIRST_WAIT, LONGEST_WAIT, RATE, TICK, Cushion

FRAME = RATE // 30


class Line:
    """A cushion, ticked. Sample `i` of all that was put has the value `i % 30000 + 1`, so none of it is silence."""

    def __init__(self) -> None:
        self.counters = Counters()
        self.cushion = Cushion(self.counters)
        self.now = 0.0
        self.made = 0
        self.blocks: list[tuple[NDArray[np.int16], int]] = []

    def put(self, count: int = FRAME, channels: int = 1) -> None:
        values = (np.arange(self.made, self.made + count) % 30_000 + 1).astype(np.int16)
        self.made += count
        self.cushion.put(np.tile(values, (channels, 1)), round(self.now * 1e6), self.now)

    def tick(self) -> NDArray[np.int16]:
        self.blocks.append(self.cushion.take(self.now, round(self.now * 1e6)))
        self.now = round(self.now + TICK, 6)
        return self.blocks[-1][0]

    def play(self, seconds: float, late: dict[int, float] | None = None, fps: float = 30) -> None:
        """Frames at `fps`, each `late` seconds later than it should be, and the ticks between them."""
        start, number = self.now, 0
        while self.now < start + seconds:
            while start + number / fps + (late or {}).get(number, 0.0) <= self.now + 1e-9:
                self.put(round(RATE / fps))
                number += 1
            self.tick()

    @property
    def heard(self) -> NDArray[np.int16]:
        return np.concatenate([block[0] for block, _ in self.blocks])


def gaps(heard: NDArray[np.int16]) -> int:
    """How many samples of silence stand between the first sound and the last."""
    sounding = np.flatnonzero(heard)
    return int(sounding[-1] - sounding[0] + 1 - len(sounding))


def test_even_frames_leave_without_a_gap_after_the_first_wait():
    line = Line()
    line.play(3)
    assert gaps(line.heard) == 0
    assert np.flatnonzero(line.heard)[0] == round(FIRST_WAIT / TICK) * BLOCK
    assert line.counters.snapshot() == {}


def test_what_nobody_makes_is_silence():
    line = Line()
    for _ in range(5):
        assert not line.tick().any()
    line.put(BLOCK)
    line.play(0)
    ticks = [line.tick() for _ in range(4)]
    assert [bool(block.any()) for block in ticks] == [False, True, False, False]
    assert line.counters["sound.late"] == 1


def test_a_block_carries_the_time_of_its_first_sample():
    line = Line()
    line.put(FRAME)
    line.put(FRAME)
    line.tick()
    for number in range(3):
        line.tick()
        block, at = line.blocks[-1]
        assert block.any() and at == pytest.approx(number * 10_000, abs=1)
    line.tick()  # 1440 of the 1600 samples of the first frame are gone: this block begins with its last 160
    assert line.blocks[-1][1] == pytest.approx(30_000, abs=1)
    line.tick()
    assert line.blocks[-1][1] == pytest.approx(20_000 / 3, abs=1), "the second frame was put at time 0, too"


def test_a_frame_that_is_late_makes_the_next_first_wait_longer():
    line = Line()
    line.play(0.5)
    line.play(1, late={3: 0.03})
    assert line.counters["sound.late"] == 1
    assert 0 < gaps(line.heard) <= 4 * BLOCK
    before = line.counters["sound.late"]
    line.play(1, late={5: 0.012, 20: 0.012})
    assert line.counters["sound.late"] == before, "the longer wait takes a smaller delay"


def test_the_wait_has_an_end():
    line = Line()
    for _ in range(60):
        line.put(BLOCK)
        line.play(0)
        while line.cushion.waiting:
            line.tick()
        line.tick()
    start = line.now
    line.put(BLOCK)
    while not line.tick().any():
        pass
    assert line.now - TICK - start == pytest.approx(LONGEST_WAIT, abs=TICK)


def test_too_much_sound_loses_its_oldest():
    line = Line()
    line.put(round(BACKLOG * RATE))
    assert line.cushion.waiting == BACKLOG
    line.put(FRAME)
    assert line.cushion.waiting == pytest.approx(FIRST_WAIT)
    assert line.counters["sound.dropped"] == 1
    line.tick()
    last = line.tick()[0]
    assert last[0] == (line.made - round(FIRST_WAIT * RATE)) % 30_000 + 1


def test_sound_that_waits_without_need_is_left_out():
    line = Line()
    line.play(0.2)
    line.put(RATE // 10)  # a burst: from here on everything would be 100 ms late
    line.play(2.5)
    assert line.counters["sound.left_out"] >= 1
    assert line.cushion.waiting < FIRST_WAIT + 1 / 30 + TICK
    assert line.counters["sound.late"] == 0


def test_ticks_that_did_not_happen_are_not_made_up_for():
    line = Line()
    line.put(RATE // 10)
    line.tick()
    line.tick()
    line.cushion.pass_over(0.05)
    assert line.cushion.waiting == pytest.approx(0.04)
    line.cushion.pass_over(5)
    assert line.cushion.waiting == 0


def test_one_channel_may_become_two():
    line = Line()
    line.put(BLOCK)
    line.put(BLOCK, channels=2)
    line.tick()
    assert line.tick().shape == (2, BLOCK)
    assert (line.tick()[0] == line.blocks[-1][0][1]).all()


def test_what_is_cleared_is_not_heard():
    line = Line()
    line.play(0.2)
    line.cushion.clear()
    assert not line.tick().any()
    line.play(0.2)
    assert gaps(line.heard[-round(0.1 * RATE) :]) == 0


@pytest.mark.parametrize("fps", [1, 2, 3, 5])
def test_a_slow_model_is_heard_whole(fps):
    line = Line()
    line.play(10, fps=fps)
    assert gaps(line.heard) == 0
    assert line.counters.snapshot() == {}


def test_the_wait_shrinks_again_once_all_is_calm():
    line = Line()
    line.play(0.5)
    line.play(1, late={3: 0.03})
    assert line.cushion.extra > 0
    line.play(12)
    assert line.cushion.extra == 0
