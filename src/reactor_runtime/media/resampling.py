"""Sound at the rate and with the channels that somebody wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .sound import Sound

if TYPE_CHECKING:
    import av

_LAYOUTS = {1: "mono", 2: "stereo"}


def prepare() -> None:
    """Load what resampling needs: that takes a moment, which is better had before there is anything to be late for."""
    import av  # noqa: F401


class Resampler:
    """Turns a stream of sounds into one of another rate. It keeps the end of each for the next, so its pieces join.

    Args:
        rate: what to make, in Hz.
        channels: 1 or 2; None leaves them as they are.
    """

    def __init__(self, rate: int, channels: int | None) -> None:
        self._rate = rate
        self._channels = channels
        self._source: tuple[int, int] | None = None
        self._resampler: av.AudioResampler | None = None

    def feed(self, sound: Sound) -> NDArray[np.int16]:
        """What `sound` becomes: `(channels, n)` int16. A little of it comes with the next one."""
        count = sound.samples.shape[0]
        if sound.rate == self._rate:
            return _remix(sound.samples, self._channels or count)
        if self._source != (sound.rate, count):
            import av  # where all rates agree it is not needed

            layout = _LAYOUTS[self._channels or count]
            self._resampler = av.AudioResampler(format="s16p", layout=layout, rate=self._rate)
            self._source = sound.rate, count
        assert self._resampler is not None
        return _resample(self._resampler, sound)


def _resample(resampler: av.AudioResampler, sound: Sound) -> NDArray[np.int16]:
    import av

    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(sound.samples), format="s16p", layout=_LAYOUTS[sound.samples.shape[0]]
    )
    frame.sample_rate = sound.rate
    parts = [part.to_ndarray() for part in resampler.resample(frame)]
    if not parts:
        return np.empty((resampler.layout.nb_channels, 0), np.int16)
    return np.concatenate(parts, axis=1).astype(np.int16, copy=False)


def _remix(samples: NDArray[np.int16], channels: int) -> NDArray[np.int16]:
    if samples.shape[0] == channels:
        return samples
    if channels == 1:
        return np.asarray(np.rint(np.mean(samples, axis=0, keepdims=True, dtype=np.float32)), np.int16)
    return np.repeat(samples, channels, axis=0)
