"""What the profile makes of what py-spy saw."""

from __future__ import annotations

import pytest

from bench.profile import ENGINE, REST, share, split, stacks_by_thread

MODEL = "thread (7): reactor-model;BenchBars.run (bench_bars.py:42);Bars.draw (bench/drawing.py:57)"
EMIT = "thread (7): reactor-model;BenchBars.run (bench_bars.py:45);ModelHost.emit (reactor_runtime/engine/host.py:112)"
ENCODE = "thread (8): video;SharedEncoder.send (x.py:1);Vp8Encoder.encode (reactor_runtime/media/vp8/encoder.py:121)"
WAIT = "thread (8): video;OutputTrack._next (x.py:1);Condition.wait (threading.py:331)"


@pytest.mark.parametrize(
    ("stack", "whose"), [(MODEL, "the model"), (EMIT, REST), (ENCODE, "encoding"), ("thread (9)", ENGINE)]
)
def test_a_stack_belongs_to_what_stands_in_it(stack: str, whose: str) -> None:
    assert share(stack) == whose


def test_a_threads_time_is_shared_out_by_its_samples_without_those_of_waiting() -> None:
    stacks = stacks_by_thread([f"{MODEL} 3", f"{EMIT} 1", f"{ENCODE} 5", f"{WAIT} 90"])
    assert split({"7": 4.0, "8": 2.0, "9": 1.0}, stacks) == {
        "the model": 3.0,
        "encoding": 2.0,
        REST: 1.0,
        ENGINE: 1.0,
    }
