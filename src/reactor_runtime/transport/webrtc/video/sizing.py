"""How large a picture is sent: smaller where there are too few bits for its pixels.

At its worst quality an encoder still needs some bits for each pixel. With fewer it leaves pictures out, and what is
left are a few of them a second, sharp and late.
"""

from __future__ import annotations

_POOR = 0.02
"""Bits for a pixel of a picture, below which it is sent smaller …"""
_FINE = 0.027
"""… and above which it is sent larger again."""
_DIVISORS = (1, 2, 4)
_SMALLEST = 120
"""Pixels that a side keeps."""


class Sizing:
    """Chooses by what to divide width and height."""

    def __init__(self) -> None:
        self._divisor = 1

    def divisor(self, width: int, height: int, bits: float) -> int:
        """The divisor for pictures of this size, in pixels, with so many bits each."""
        possible = [one for one in _DIVISORS if one == 1 or min(width, height) // one >= _SMALLEST]
        for divisor in possible:
            least = _POOR if divisor >= self._divisor else _FINE
            if bits * divisor**2 >= least * width * height:
                break
        self._divisor = divisor
        return divisor
