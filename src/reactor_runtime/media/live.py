"""Encoders of pictures that are shown as they come: what goes in comes out at once, or is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import EncoderError

__all__ = ["Encoded", "EncoderError", "LiveEncoder", "Make"]


@dataclass(frozen=True, slots=True)
class Encoded:
    """One encoded picture."""

    data: bytes
    key: bool


class LiveEncoder(Protocol):
    """One stream of pictures of one size. On one thread."""

    @property
    def name(self) -> str:
        """What encodes, as figures call it."""

    def aim_at(self, bits_per_second: int) -> None:
        """Change the target, from the next picture on.

        Raises:
            EncoderError: it does not.
        """

    def encode(self, planes: NDArray[np.uint8], at: float, *, key: bool = False) -> Encoded | None:
        """Encode one picture. With the GIL released.

        Args:
            planes: I420, contiguous, of the encoder's size.
            at: when it is shown, in seconds of any clock.
            key: make it a key frame, which is never left out.

        Returns:
            None where it is left out, since bits are lacking.

        Raises:
            EncoderError: it does not take the picture.
        """

    def close(self) -> None:
        """Free it. May be called more than once."""


Make = Callable[[int, int, int], LiveEncoder]
"""Makes an encoder for a width and a height in pixels, both even, and a target in bit/s; raises EncoderError."""
