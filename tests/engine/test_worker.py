"""The thread that converts, beside the loop that waits for it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from reactor_runtime.engine.worker import Worker


async def test_work_is_done_on_its_thread_in_turn() -> None:
    worker = Worker("test-convert")
    order: list[int] = []

    def work(number: int) -> str:
        order.append(number)
        return threading.current_thread().name

    names = await asyncio.gather(*(worker.do(lambda number=number: work(number)) for number in range(5)))  # type: ignore[misc]
    assert set(names) == {"test-convert"}
    assert order == [0, 1, 2, 3, 4]
    worker.close()


async def test_what_it_raises_comes_to_who_waits_and_it_goes_on() -> None:
    worker = Worker("test-convert")

    def fail() -> None:
        raise ValueError("no picture")

    with pytest.raises(ValueError, match="no picture"):
        await worker.do(fail)
    assert await worker.do(lambda: 1) == 1
    worker.close()


async def test_what_nobody_waits_for_any_more_is_left_out() -> None:
    worker = Worker("test-convert")
    begun, go = threading.Event(), threading.Event()
    done: list[str] = []

    def first() -> None:
        begun.set()
        assert go.wait(60)
        done.append("first")

    running = asyncio.ensure_future(worker.do(first))
    await asyncio.to_thread(begun.wait, 10)
    second = asyncio.ensure_future(worker.do(lambda: done.append("second")))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait({second})
    go.set()
    await running
    await worker.do(lambda: done.append("third"))
    assert done == ["first", "third"]
    worker.close()
