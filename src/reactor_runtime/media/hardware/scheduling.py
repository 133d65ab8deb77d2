"""Threads stay scheduled as they are, whatever an encoder thinks of its own importance."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_THREADS = "/proc/self/task"


@contextmanager
def unhurried() -> Iterator[None]:
    """What is opened within gets no real-time priority, and gives none to this thread.

    SVT-AV1, run by root, makes its threads and the one that opens it real-time ones (SCHED_FIFO, 99): beside them
    nothing else gets a core, and a process that such a thread starts is a real-time one, too.
    """
    if not os.path.isdir(_THREADS):
        yield  # elsewhere than on Linux it does not
        return
    before = set(os.listdir(_THREADS))
    policy, parameter = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        for thread in (0, *(int(name) for name in os.listdir(_THREADS) if name not in before)):
            with suppress(OSError):  # it has ended meanwhile
                if os.sched_getscheduler(thread) != policy:
                    os.sched_setscheduler(thread, policy, parameter)
