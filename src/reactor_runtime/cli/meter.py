"""How far a rendering is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from types import TracebackType
from typing import Any

import click

_LINE_SECONDS = 2.0
_BAR_SECONDS = 0.1
_STEPS = 1000


class Meter:
    """Shows on stderr how much of `total` seconds is rendered, and how fast: from `start` until the `with` is left."""

    def __init__(self, total: float) -> None:
        self._total = total
        self._stack = ExitStack()
        self._bar: Any = None
        self._began = self._said = 0.0
        self.spent = 0.0
        """Real seconds from its start to its end."""

    def __enter__(self) -> Meter:
        return self

    def start(self) -> None:
        """It begins now."""
        self._began = self._said = time.monotonic()
        if sys.stderr.isatty():
            self._bar = self._stack.enter_context(
                click.progressbar(
                    length=_STEPS,
                    label="rendering",
                    file=sys.stderr,
                    item_show_func=lambda text: text,
                    show_pos=False,
                    show_percent=False,
                )
            )

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.spent = time.monotonic() - self._began
        self._stack.close()

    def show(self, seconds: float) -> None:
        """So much is rendered."""
        now = time.monotonic()
        # Lines come ever more seldom, so that there are no thousands of them for a night's work.
        every = max(_LINE_SECONDS, (now - self._began) / 10) if self._bar is None else _BAR_SECONDS
        if now - self._said < every:
            return
        self._said = now
        text = f"{seconds:.1f} of {self._total:.1f} s, {speed(seconds, now - self._began)}"
        if self._bar is None:
            click.echo(f"rendered {text}", err=True)
        else:
            self._bar.update(int(_STEPS * seconds / self._total) - self._bar.pos, text)


def speed(seconds: float, spent: float) -> str:
    """How fast `seconds` were rendered in `spent`: `4.8x`, `0.031x`."""
    ratio = seconds / max(spent, 1e-3)
    return f"{ratio:.1f}x" if ratio >= 1 else f"{ratio:.2g}x"
