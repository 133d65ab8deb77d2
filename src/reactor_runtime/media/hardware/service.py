"""The hardware encoder in service: who is sent its codec, and what makes its encoders."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ..live import EncoderError, LiveEncoder
from .recipes import SPARES
from .search import Search

logger = logging.getLogger("reactor.video")


class Hardware:
    """That of one track.

    Args:
        track: its name, for the log.
        search: what finds an encoder, at any time.
        on_lost: called when it fails, once.
    """

    def __init__(self, track: str, search: Search, on_lost: Callable[[], None]) -> None:
        self._track = track
        self._search = search
        self._on_lost = on_lost
        self._lost = False

    @property
    def preferred(self) -> str | None:
        """The codec to agree on with who comes now; None for that of software."""
        return None if self._lost else self.codec

    @property
    def codec(self) -> str | None:
        """The codec that it can make encoders of, of software at worst."""
        found = self._search.found
        return None if found is None else found.recipe.codec

    def make(self, width: int, height: int, bits_per_second: int) -> LiveEncoder:
        """An encoder.

        Raises:
            EncoderError: there is none, in software neither.
        """
        from .guarded import Guarded, spare  # here: most machines have no such hardware

        found = self._search.found
        if found is None:
            raise EncoderError("there is no hardware encoder")
        if self._lost:
            return spare(found.recipe.codec, width, height, bits_per_second)
        return Guarded(found, width, height, bits_per_second, self._lose)

    def _lose(self, error: EncoderError) -> None:
        """It failed: encoders that are made from now on are software's, and who comes agrees on that of software."""
        found = self._search.found
        if found is None or self._lost:
            return
        self._lost = True
        self._on_lost()
        instead = SPARES[found.recipe.codec].name
        logger.warning("track %r: %s is left for %s: %s", self._track, found.recipe.name, instead, error)
