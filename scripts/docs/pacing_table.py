"""How soon a command shows, for models of several kinds, with and without a queue."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator

from .pacing_drive import drive

_COMMANDS = 40_000
_QUEUES = (None, 4, 10)
_HEAD = """| a step of the model | fps | no queue | `buffer_size = 4` | `buffer_size = 10` |
|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class _Model:
    label: str
    fps: int
    duration: Callable[[Generator, int], float]
    steps: int = 4000
    batch: int = 1


def _about(seconds: float, spread: float) -> Callable[[Generator, int], float]:
    return lambda rng, step: float(seconds * rng.lognormal(0, spread))


_MODELS = (
    _Model("5 ms ± 20 %", 30, _about(0.005, 0.2)),
    _Model("25 ms ± 15 %", 30, _about(0.025, 0.15)),
    _Model("50 ms ± 10 %: too slow for its rate", 30, _about(0.05, 0.1)),
    _Model("12 ms, and one in fifty 36 ms", 30, lambda rng, step: 0.036 if rng.random() < 0.02 else 0.012),
    _Model("12 frames in 0.4 s ± 8 %", 24, _about(0.4, 0.08), 500, 12),
    _Model("six times 5 ms, then 200 ms", 30, lambda rng, step: 0.2 if step % 7 == 6 else 0.005, 3000),
)


_PAGE = Path(__file__).resolve().parents[2] / "docs" / "pacing.md"
_PLACE = re.compile(
    r"(?<=<!-- table: made by scripts/docs, `make docs` writes it anew -->\n).*?(?=<!-- /table -->)", re.DOTALL
)


def pacing_page() -> str:
    """The page about pacing, with the table in its place."""
    text, places = _PLACE.subn(lambda _: _table(), _PAGE.read_text())
    assert places == 1, f"{_PAGE} has {places} places for the table"
    return text


def _table() -> str:
    rows = (f"| {m.label} | {m.fps} | {' | '.join(_cell(m, q) for q in _QUEUES)} |" for m in _MODELS)
    return _HEAD + "\n".join(rows) + "\n"


def _cell(model: _Model, buffer_size: int | None) -> str:
    """Median and 95th percentile of command to frame, and the 99th of the time between frames; in ms."""
    if buffer_size is not None and model.batch > buffer_size:
        return "–"
    rng = np.random.default_rng(1)
    durations = [model.duration(rng, step) for step in range(model.steps)]
    steps = drive(durations, fps=model.fps, buffer_size=buffer_size, batch=model.batch)
    steps = steps[len(steps) // 10 :]
    began = np.array([step.began for step in steps])
    first = np.array([step.shown[0] for step in steps])
    sent = np.random.default_rng(7).uniform(began[0], began[-1], _COMMANDS)
    latency = (first[np.searchsorted(began, sent)] - sent) * 1000
    gaps = np.diff([shown for step in steps for shown in step.shown]) * 1000
    return f"{np.median(latency):.0f} / {np.quantile(latency, 0.95):.0f}; {np.quantile(gaps, 0.99):.0f}"
