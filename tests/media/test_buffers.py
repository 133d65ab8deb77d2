"""Memory that is used again once nobody looks at it any more."""

from __future__ import annotations

import threading
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reactor_runtime.media.buffers import Buffers
from reactor_runtime.media.frames import pictures_from_rgb

SHAPE = (4, 6, 3)


def address(array):
    return array.__array_interface__["data"][0]


def test_what_nobody_refers_to_comes_back():
    buffers = Buffers()
    first = buffers.take(SHAPE)
    kept, at = weakref.ref(first), address(first)
    assert (first.shape, first.dtype, first.flags.c_contiguous) == (SHAPE, np.uint8, True)
    del first
    again = buffers.take(SHAPE)
    assert again is kept() and address(again) == at


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(lambda array: array[1], id="a row"),
        pytest.param(lambda array: array[1:][..., ::-1][:, 2], id="a view of a view"),
        pytest.param(memoryview, id="a memoryview"),
        pytest.param(lambda array: np.frombuffer(memoryview(array)[1:], np.uint8), id="an array of a memoryview"),
        pytest.param(lambda array: array.T, id="turned"),
    ],
)
def test_a_view_keeps_its_array(look):
    buffers = Buffers()
    array = buffers.take((6,)) if look is memoryview else buffers.take(SHAPE)
    shape, at = array.shape, address(array)
    view = look(array)
    del array
    other = buffers.take(shape)
    assert address(other) != at
    del view
    assert address(buffers.take(shape)) == at


def test_a_picture_keeps_the_memory_of_its_batch():
    frames = np.random.default_rng(1).integers(0, 256, (3, 5, 7, 3), np.uint8)
    last = pictures_from_rgb(frames)[2]
    pictures_from_rgb(255 - frames)
    assert (last.rgb() == frames[2]).all()


def test_it_keeps_no_more_than_it_may():
    buffers = Buffers(kept_bytes=100)
    arrays = [buffers.take((40,)) for _ in range(4)]
    seen = [weakref.ref(array) for array in arrays]
    arrays.clear()
    assert [one() is not None for one in seen] == [True, True, False, False]


def test_what_is_in_use_may_be_more_than_is_kept():
    buffers = Buffers(kept_bytes=10)
    array = buffers.take((11,))
    seen = weakref.ref(array)
    array[:] = 1
    del array
    assert seen() is None


def test_where_sizes_change_the_ones_not_used_for_longest_go():
    buffers = Buffers(kept_bytes=100)
    old, middle, new = (buffers.take((30 + index,)) for index in range(3))
    seen = [weakref.ref(array) for array in (old, middle, new)]
    del old, middle, new
    buffers.take((30,))  # used again, so that the second one is the oldest now
    large = buffers.take((33,))
    assert [one() is not None for one in seen] == [True, False, True]
    del large
    huge = buffers.take((100,))
    assert [one() is not None for one in seen] == [False, False, False]
    seen = [weakref.ref(huge)]
    del huge
    assert seen[0]() is not None


def test_what_is_in_use_is_not_let_go_of():
    buffers = Buffers(kept_bytes=100)
    used, free = buffers.take((50,)), buffers.take((50,))
    at = address(used)
    del free
    buffers.take((60,))  # room for it is not to be had
    del used
    assert address(buffers.take((50,))) == at


@given(
    st.integers(0, 64),
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["take", "drop first", "drop last", "look"]))),
)
def test_no_two_in_use_share_memory(kept, steps):
    buffers = Buffers(kept_bytes=kept)
    held, mark = [], 0
    for size, step in steps:
        if step == "take":
            array = buffers.take((8 * size,))
            mark = (mark + 1) % 256
            array[:] = mark
            held.append((array, mark))
            del array
        elif step == "look" and held:
            array, value = held.pop(0)
            held.append((array[size:], value))
            del array
        elif held:
            held.pop(0 if step == "drop first" else -1)
        for array, value in held:
            assert (array == value).all()


def test_threads_never_get_the_same():
    buffers = Buffers(kept_bytes=3 * 64)
    wrong = []
    ready = threading.Barrier(4)

    def use(mark):
        ready.wait(10)
        for turn in range(2_000):
            array = buffers.take((64,))
            array[:] = mark
            view = array[turn % 8 :]
            del array
            if (view != mark).any():
                wrong.append(mark)

    threads = [threading.Thread(target=use, args=(mark,)) for mark in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == [] and not any(thread.is_alive() for thread in threads)
