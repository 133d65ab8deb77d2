"""What one audio track of an `emit()` holds: checked samples, turned into int16 once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import OutputError
from .ranges import Few, some_samples

_FULL = 32_767
"""What a float sample of 1.0 becomes; -1.0 becomes its negative."""


class Waveform:
    """Checked samples, not converted yet.

    Attributes:
        length: the samples of each channel.
        rate: in Hz.
        nans: how many of them were NaN; known once `samples` has returned.
        look: set to have `few` filled.
        few: some of the samples, where they are floats; known once `samples` has returned.
    """

    def __init__(self, value: Any, shape: tuple[int, ...], rate: int) -> None:
        self._value = value
        self._shape = shape
        self.length = shape[-1]
        self.rate = rate
        self.nans = 0
        self.look = False
        self.few: Few | None = None

    def samples(self) -> NDArray[np.int16]:
        """A `(channels, length)` int16 copy. NaN becomes silence, what is too loud is cut."""
        array = _as_numpy(self._value).reshape(-1, self.length)
        if array.dtype == np.int16:
            return np.array(array, np.int16)
        scaled = array.astype(np.float64)
        if self.look:
            self.few = scaled[:, some_samples(self.length)].copy()
        missing = np.isnan(scaled)
        self.nans = int(np.count_nonzero(missing))
        if self.nans:
            scaled[missing] = 0.0
        return np.rint(np.clip(scaled, -1.0, 1.0) * _FULL).astype(np.int16)


def check_waveform(value: Any, rate: int, where: str) -> Waveform:
    """Check what an audio track was given: int16 or float samples, `(samples,)` or `(channels, samples)`.

    Args:
        value: a numpy array or a torch tensor.
        rate: the track's.
        where: for the error.

    Raises:
        OutputError: it is something else; says `where`, dtype, shape and what to give.
    """
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is None or dtype is None:
        raise OutputError(
            f"{where}: a {type(value).__name__} is no sound; give an int16 or float array (samples,), "
            "such as np.asarray(x, np.float32)"
        )
    shape = tuple(shape)
    name = str(dtype).removeprefix("torch.")
    got = f"got dtype {name}, shape {shape}"
    if name != "int16" and "float" not in name:
        raise OutputError(f"{where}: samples are int16, or floats from -1 to 1; {got}")
    if len(shape) not in (1, 2):
        raise OutputError(f"{where}: sound is (samples,) or (channels, samples); {got}")
    if 0 in shape:
        raise OutputError(f"{where}: a sound without samples; {got}; leave the track out (None) where there is none")
    if len(shape) == 2 and shape[0] > 2:
        remedy = "; give x.T" if shape[1] <= 2 else ""
        raise OutputError(f"{where}: sound has one or two channels, in the first dimension; {got}{remedy}")
    return Waveform(value, shape, rate)


def _as_numpy(value: Any) -> NDArray[Any]:
    if hasattr(value, "detach"):  # a torch tensor, perhaps on a device, perhaps of a type numpy does not have
        tensor = value.detach()
        return np.asarray((tensor.float() if tensor.is_floating_point() else tensor).cpu().numpy())
    return np.asarray(value)
