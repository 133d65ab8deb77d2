"""How late a loop is: how long what is due waits until its turn comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..clock import Clock
from .measures import LAG_BOUNDS, Histogram

_EVERY = 1.0
"""Seconds from one look to the next."""


class Lag:
    """Looks once a second at how late two loops are, for as long as somebody wants to know. On the server's loop.

    Args:
        loop: the server's.
        clock: the time.
        on_model_loop: calls something on the model's loop as soon as that comes round; False where there is none.
        patience: for so many seconds after it was wanted last, it goes on.

    Attributes:
        server, model: how late each was, look by look.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        on_model_loop: Callable[[Callable[[], None]], bool],
        patience: float,
    ) -> None:
        self.server = Histogram(LAG_BOUNDS)
        self.model = Histogram(LAG_BOUNDS)
        self._loop = loop
        self._clock = clock
        self._on_model_loop = on_model_loop
        self._patience = patience
        self._wanted_until = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._asked: float | None = None
        """When the model's loop was asked, while it has not answered."""

    def want(self) -> None:
        """Go on, or begin."""
        self._wanted_until = self._clock.now() + self._patience
        if self._timer is None:
            self._again()

    @property
    def model_waits(self) -> float:
        """For how many seconds the model's loop has not answered; 0 where it has."""
        asked = self._asked
        return 0.0 if asked is None else max(0.0, self._clock.now() - asked)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _again(self) -> None:
        due = self._clock.now() + _EVERY
        self._timer = self._loop.call_at(due, self._look, due)

    def _look(self, due: float) -> None:
        now = self._clock.now()
        self.server.observe(max(0.0, now - due))
        if self._asked is None:
            self._asked = now
            if not self._on_model_loop(self._answered):
                self._asked = None
        if now < self._wanted_until:
            self._again()
        else:
            self._timer = None

    def _answered(self) -> None:
        """On the model's loop."""
        asked, self._asked = self._asked, None
        if asked is not None:
            self.model.observe(max(0.0, self._clock.now() - asked))
