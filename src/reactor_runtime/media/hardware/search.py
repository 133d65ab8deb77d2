"""Looks for a hardware encoder, beside what else a start does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..live import EncoderError
from .recipes import Recipe

logger = logging.getLogger("reactor.video")


@dataclass(frozen=True, slots=True)
class Trusted:
    """An encoder that has shown what it can, and whether its bit rate follows while it runs."""

    recipe: Recipe
    follows: bool


class Search:
    """Tries recipes, best first, until one is to be trusted, on threads of its own.

    Where there are none, no thread begins, and PyAV is not imported.

    Args:
        recipes: those that may be here.
        seconds: after which it ends, and all is encoded in software.
    """

    def __init__(self, recipes: Sequence[Recipe], seconds: float) -> None:
        self._recipes = tuple(recipes)
        self._seconds = seconds
        self._closing = False
        self._found: Trusted | None = None
        self._over = threading.Event()
        if self._recipes:
            threading.Thread(target=self._run, name="reactor-encoders", daemon=True).start()
        else:
            self._over.set()

    @property
    def found(self) -> Trusted | None:
        """What is trusted: nothing until it is."""
        return self._found

    def wait(self, seconds: float) -> bool:
        """Wait until it is over; whether it is."""
        return self._over.wait(seconds)

    def close(self) -> None:
        """Nothing more is found."""
        self._closing = True
        self._over.set()

    def _run(self) -> None:
        """A driver that does not answer cannot be told to: its thread is left behind."""
        deadline = time.monotonic() + self._seconds
        found: list[Trusted] = []
        reasons = {self._recipes[0].name: self._late(self._recipes[0])}
        work = threading.Thread(target=self._try, args=(deadline, found, reasons), name="reactor-probe", daemon=True)
        work.start()
        work.join(self._seconds)
        if self._closing:
            return
        if found:
            self._found = found[0]
            logger.info("video: encoded by %s", self._found.recipe.name)
        else:
            logger.info("video: encoded in software: %s", "; ".join(list(reasons.values())))
        self._over.set()

    def _try(self, deadline: float, found: list[Trusted], reasons: dict[str, str]) -> None:
        from .probe import examine  # here: most machines have nothing to try

        for recipe in self._recipes:
            reasons[recipe.name] = late = self._late(recipe)

            def check(late: str = late) -> None:
                if self._closing or time.monotonic() > deadline:
                    raise EncoderError(late)

            try:
                follows = examine(recipe, check)
            except EncoderError as error:
                reasons[recipe.name] = str(error)
            except Exception as error:  # whatever a driver does wrong, there is software
                reasons[recipe.name] = f"{recipe.name}: {error}"
            else:
                found.append(Trusted(recipe, follows))
                return

    def _late(self, recipe: Recipe) -> str:
        return f"{recipe.name} gives no answer within {self._seconds:g} s"
