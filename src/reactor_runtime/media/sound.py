"""A stretch of sound, as the engine carries it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Sound:
    """Samples that follow one another.

    Attributes:
        samples: `(channels, n)` int16; one or two channels.
        rate: in samples a second.
    """

    samples: NDArray[np.int16]
    rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return float(self.samples.shape[1] / self.rate)

    @property
    def nbytes(self) -> int:
        return self.samples.nbytes
