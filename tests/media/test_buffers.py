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

KB = 1024
SHAPE = (256, 320, 3)
"""Large enough to be kept."""


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
    ("look", "flat"),
    [
        pytest.param(lambda array: array[1], False, id="a row"),
        pytest.param(lambda array: array[1:][..., ::-1][:, 2], False, id="a view of a view"),
        pytest.param(lambda array: array.T, False, id="turned"),
        pytest.param(memoryview, True, id="a memoryview"),
        pytest.param(lambda array: np.frombuffer(memoryview(array)[1:], np.uint8), True, id="an array of a memoryview"),
    ],
)
def test_a_view_keeps_its_array(look, flat):
    buffers = Buffers()
    array = buffers.take((300 * KB,) if flat else SHAPE)
    shape, at = array.shape, address(array)
    view = look(array)
    del array
    other = buffers.take(shape)
    assert address(other) != at
    del view
    assert address(buffers.take(shape)) == at


def test_a_picture_keeps_the_memory_of_its_batch():
    frames = np.random.default_rng(1).integers(0, 256, (3, *SHAPE), np.uint8)
    last = pictures_from_rgb(frames)[2]
    pictures_from_rgb(255 - frames)
    assert (last.rgb() == frames[2]).all()


def test_small_ones_are_not_kept():
    """It takes longer to look for one than to make one."""
    buffers = Buffers()
    array = buffers.take((64, 64, 3))
    seen = weakref.ref(array)
    array[:] = 1
    del array
    assert seen() is None


def test_it_keeps_no_more_than_it_may():
    buffers = Buffers(kept_bytes=1000 * KB)
    arrays = [buffers.take((400 * KB,)) for _ in range(4)]
    seen = [weakref.ref(array) for array in arrays]
    arrays.clear()
    assert [one() is not None for one in seen] == [True, True, False, False]


def test_what_is_in_use_may_be_more_than_is_kept():
    buffers = Buffers(kept_bytes=1000 * KB)
    array = buffers.take((1000 * KB + 1,))
    seen = weakref.ref(array)
    array[:] = 1
    del array
    assert seen() is None


def test_where_sizes_change_the_ones_not_used_for_longest_go():
    buffers = Buffers(kept_bytes=1000 * KB)
    old, middle, new = (buffers.take(((300 + index) * KB,)) for index in range(3))
    seen = [weakref.ref(array) for array in (old, middle, new)]
    del old, middle, new
    buffers.take((300 * KB,))  # used again, so that the second one is the oldest now
    large = buffers.take((303 * KB,))
    assert [one() is not None for one in seen] == [True, False, True]
    del large
    huge = buffers.take((1000 * KB,))
    assert [one() is not None for one in seen] == [False, False, False]
    seen = [weakref.ref(huge)]
    del huge
    assert seen[0]() is not None


def test_what_is_in_use_is_not_let_go_of():
    buffers = Buffers(kept_bytes=1000 * KB)
    used, free = buffers.take((500 * KB,)), buffers.take((500 * KB,))
    at = address(used)
    del free
    buffers.take((600 * KB,))  # room for it is not to be had
    del used
    assert address(buffers.take((500 * KB,))) == at


@given(
    st.integers(0, 2000),
    st.lists(st.tuples(st.sampled_from([1, 200, 300]), st.sampled_from(["take", "drop first", "drop last", "look"]))),
)
def test_no_two_in_use_share_memory(kept, steps):
    buffers = Buffers(kept_bytes=kept * KB)
    held, mark = [], 0
    for size, step in steps:
        if step == "take":
            array = buffers.take((size, KB))
            mark = (mark + 1) % 256
            array[:, 0] = mark
            held.append((array, mark))
            del array
        elif step == "look" and held:
            array, value = held.pop(0)
            held.append((array[size % 7 :], value))
            del array
        elif held:
            held.pop(0 if step == "drop first" else -1)
        for array, value in held:
            assert (array[:, 0] == value).all()


def test_threads_never_get_the_same():
    buffers = Buffers(kept_bytes=600 * KB)
    wrong = []
    ready = threading.Barrier(4)

    def use(mark):
        ready.wait(60)
        for turn in range(2_000):
            array = buffers.take((200, KB))
            array[:, 0] = mark
            view = array[turn % 8 :]
            del array
            if (view[:, 0] != mark).any():
                wrong.append(mark)

    threads = [threading.Thread(target=use, args=(mark,)) for mark in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == [] and not any(thread.is_alive() for thread in threads)
