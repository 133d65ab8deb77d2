"""The runtime's own pacing machine, driven in virtual time by a model whose steps take what they are said to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from reactor_runtime.engine.playout import Playout


@dataclass(slots=True)
class Step:
    """One step of the model. All times in seconds.

    Attributes:
        began: when `emit()` returned for the step before.
        ready: when its frames were ready.
        shown: when each of its frames left.
    """

    began: float
    ready: float
    shown: list[float] = field(default_factory=list)


def drive(durations: Iterable[float], *, fps: float, buffer_size: int | None = None, batch: int = 1) -> list[Step]:
    """What becomes of the steps of a model; those at the end whose frames still wait are left out."""
    machine: Playout[Step] = Playout(fps, buffer_size)
    steps: list[Step] = []
    now = 0.0

    def show_until(end: float) -> None:
        while (due := machine.next_due()) is not None and due <= end:
            for step in machine.pop(due):
                step.shown.append(due)

    for duration in durations:
        step = Step(began=now, ready=now + duration)
        steps.append(step)
        now = step.ready
        show_until(now)
        machine.push([step] * batch, ready=now, epoch=machine.epoch, step=duration)
        show_until(now)
        while (at := machine.return_at()) is not None and at > now:
            due = machine.next_due()
            now = at if due is None else min(at, due)
            show_until(now)
    return [step for step in steps if len(step.shown) == batch]
