"""What is kept of failures, and what they hold on to."""

from __future__ import annotations

import weakref

from reactor_runtime.clock import SystemClock
from reactor_runtime.engine.faults import KEPT, Faults


class Large:
    """What the author's code had in hand."""


def failure(alive: list[weakref.ref[Large]]) -> Exception:
    """Raised with something large in its frames, as are the error it came from and one beside that."""

    def fails() -> None:
        large = Large()
        alive.append(weakref.ref(large))
        raise ValueError("it failed")

    try:
        try:
            fails()
        except ValueError as error:
            cause = error
        try:
            fails()
        except ValueError as error:
            raise ExceptionGroup("two", [error, cause]) from cause
    except ExceptionGroup as error:
        return error


def test_the_newest_are_kept_and_a_few_with_their_frames() -> None:
    faults = Faults(SystemClock())
    alive: list[weakref.ref[Large]] = []
    for number in range(KEPT + 10):
        faults.add(f"handler {number}", failure(alive))
    kept = list(faults)
    assert [fault.number for fault in kept] == list(range(11, KEPT + 11))
    with_frames = [fault.number for fault in kept if fault.error.__traceback__ is not None]
    assert with_frames == [KEPT + 7, KEPT + 8, KEPT + 9, KEPT + 10]
    assert [reference() is not None for reference in alive] == [False] * 2 * (KEPT + 6) + [True] * 8
    faults.clear()
    assert not list(faults)


def test_an_error_that_came_from_itself() -> None:
    faults = Faults(SystemClock())
    error = ValueError("round")
    error.__context__ = error.__cause__ = TypeError("and round")
    error.__context__.__context__ = error
    for _ in range(10):
        faults.add("handler", error)
    assert len(list(faults)) == 10
