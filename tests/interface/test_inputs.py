"""Input buffers: reading, modes, closing, bounds."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from reactor_runtime.errors import BufferClosed
from reactor_runtime.interface import InputBuffer, InputFrame, ReadMode
from reactor_runtime.testing.virtual_time import VirtualClock, run


def frame(value: int) -> InputFrame:
    return InputFrame(np.full((2, 3, 3), value, np.uint8), pts=value / 10, client=1)


def values(frames: list[InputFrame] | None) -> list[int] | None:
    return None if frames is None else [int(f[0, 0, 0]) for f in frames]


def filled(*numbers: int, **options) -> InputBuffer:
    buffer = InputBuffer(**options)
    for number in numbers:
        buffer.put(frame(number))
    return buffer


def test_latest_drops_the_backlog_and_fifo_keeps_it():
    buffer = filled(1, 2, 3, 4)
    assert values(buffer.try_read(2)) == [3, 4] and buffer.available == 0
    buffer = filled(1, 2, 3, 4)
    assert values(buffer.try_read(2, ReadMode.FIFO)) == [1, 2] and buffer.available == 2
    assert buffer.try_read(3) is None and buffer.available == 2
    assert buffer.total_received == 4
    buffer.clear()
    assert buffer.available == 0 and buffer.total_received == 4
    with pytest.raises(ValueError, match=r"try_read\(n=129\): the buffer holds 128 frames"):
        buffer.try_read(129)
    with pytest.raises(ValueError, match="n=0"):
        buffer.try_read(0)


def test_the_oldest_goes_when_it_is_full_in_frames_or_in_bytes():
    evicted = []
    buffer = filled(*range(1, 131), on_evict=evicted.append)
    assert buffer.available == 128 and sum(evicted) == 2
    assert values(buffer.try_read(128))[0] == 3
    small = filled(1, 2, 3, max_bytes=2 * 18)
    assert values(small.try_read(2, ReadMode.FIFO)) == [2, 3]


def test_a_frame_behaves_as_its_array():
    f = frame(10)
    assert f.shape == (2, 3, 3) and f.dtype == np.uint8 and len(f) == 2
    assert np.asarray(f).sum() == 180 and (f + 1)[0, 0, 0] == 11 and f.mean() == 10
    assert (np.asarray(f, np.float32) / 255).max() < 0.05
    assert (f.pts, f.client) == (1.0, 1) and f.data is f.data
    assert np.stack([f, f]).shape == (2, 2, 3, 3)


def test_read_waits_for_a_frame_a_time_out_or_the_end():
    clock = VirtualClock()

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        buffer = InputBuffer()
        loop.call_later(1, buffer.put, frame(5))
        assert values(await buffer.read()) == [5]
        with pytest.raises(TimeoutError):
            await buffer.read(timeout=2)
        pair = asyncio.ensure_future(buffer.read(2))
        loop.call_later(1, buffer.put, frame(6))
        loop.call_later(2, buffer.put, frame(7))
        assert values(await pair) == [6, 7]
        loop.call_later(1, buffer.close)
        with pytest.raises(BufferClosed):
            await buffer.read()
        with pytest.raises(BufferClosed):
            await buffer.read()
        buffer.put(frame(8))
        assert buffer.closed and buffer.available == 0
        buffer.reset()
        buffer.put(frame(9))
        assert values(await buffer.read()) == [9] and buffer.total_received == 1
        with pytest.raises(ValueError, match="holds 128"):
            await buffer.read(129)

    run(scenario(), clock)


def test_frames_put_from_other_threads_wake_the_reader():
    async def scenario() -> None:
        buffer = InputBuffer()
        got = []

        def produce() -> None:
            for i in range(100):
                buffer.put(frame(i))

        threads = [threading.Thread(target=produce) for _ in range(3)]
        for thread in threads:
            thread.start()
        async with asyncio.timeout(20):
            while sum(len(batch) for batch in got) < 1 or buffer.total_received < 300 or buffer.available:
                got.append(await buffer.read(mode=ReadMode.FIFO))
        for thread in threads:
            thread.join()
        assert buffer.total_received == 300

    asyncio.run(scenario())


def test_a_read_of_more_frames_than_the_bytes_allow_gets_them():
    async def whole() -> None:
        buffer = InputBuffer(max_bytes=frame(0).nbytes * 3)
        reading = asyncio.create_task(buffer.read(n=8))
        await asyncio.sleep(0)
        for number in range(8):
            buffer.put(frame(number))
        assert values(await reading) == [0, 1, 2, 3, 4, 5, 6, 7]
        for number in range(8):  # and no longer than it waits
            buffer.put(frame(number))
        assert buffer.available == 3

    run(whole(), VirtualClock())
