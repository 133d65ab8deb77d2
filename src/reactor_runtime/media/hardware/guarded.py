"""A hardware encoder that is software's from the picture on that it fails at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..live import Encoded, EncoderError
from .encoder import AvEncoder
from .recipes import SPARES
from .search import Trusted


def spare(codec: str, width: int, height: int, bits_per_second: int) -> AvEncoder:
    """What encodes `codec` in software.

    Raises:
        EncoderError: it cannot be opened.
    """
    return AvEncoder(SPARES[codec], width, height, bits_per_second)


class Guarded:
    """A `LiveEncoder`.

    Args:
        found: the hardware.
        on_failure: told why it failed, once.

    Raises:
        EncoderError: there is none in software either.
    """

    def __init__(
        self,
        found: Trusted,
        width: int,
        height: int,
        bits_per_second: int,
        on_failure: Callable[[EncoderError], None],
    ) -> None:
        self._codec = found.recipe.codec
        self._on_failure = on_failure
        self._size = width, height
        self._target = bits_per_second
        self._failed = False
        self._encoder: AvEncoder
        try:
            self._encoder = AvEncoder(found.recipe, width, height, bits_per_second, follows=found.follows)
        except EncoderError as error:
            self._encoder = self._instead(error)

    @property
    def name(self) -> str:
        """Of the one that encodes now."""
        return self._encoder.name

    def aim_at(self, bits_per_second: int) -> None:
        """Change the target."""
        self._target = bits_per_second
        self._encoder.aim_at(bits_per_second)

    def encode(self, planes: NDArray[np.uint8], at: float, *, key: bool = False) -> Encoded | None:
        """See `LiveEncoder`."""
        try:
            return self._encoder.encode(planes, at, key=key)
        except EncoderError as error:
            if self._failed:
                raise
            self._encoder.close()
            self._encoder = self._instead(error)
        return self._encoder.encode(planes, at, key=True)

    def close(self) -> None:
        """Free it. May be called more than once."""
        self._encoder.close()

    def _instead(self, error: EncoderError) -> AvEncoder:
        self._failed = True
        self._on_failure(error)
        return spare(self._codec, *self._size, self._target)
