"""What `emit()` was given, checked track by track, and turned into the frames that leave together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import OutputError
from ..interface.tracks import Output, track_fields
from .frames import Picture, picture_from_rgb


class Emission:
    """The checked arrays of one `emit()`: `(H, W, 3)` or `(N, H, W, 3)` uint8 each."""

    def __init__(self, arrays: Mapping[str, NDArray[np.uint8]], length: int) -> None:
        self._arrays = arrays
        self.length = length

    def pictures(self) -> list[Mapping[str, Picture]]:
        """The frames in order, each a picture for each track. A single frame beside a batch repeats."""
        single = {track: picture_from_rgb(array) for track, array in self._arrays.items() if array.ndim == 3}
        return [
            {
                track: single[track] if track in single else picture_from_rgb(array[index])
                for track, array in self._arrays.items()
            }
            for index in range(self.length)
        ]


def check_output(output: Any, tracks: frozenset[str], model: str) -> Emission:
    """Check what `emit()` was given.

    Args:
        output: an `Output`.
        tracks: the model's output tracks.
        model: the model class's name, for the error.

    Raises:
        OutputError: it is no output, or a track holds something that is no picture; names track, dtype and shape.
    """
    if not isinstance(output, Output):
        raise OutputError(
            f"emit() takes an Output, got {type(output).__name__}; define `class MyOutput(Output)` with a Video field"
        )
    cls: type = type(output)
    arrays: dict[str, NDArray[np.uint8]] = {}
    for name in track_fields(cls):
        if name not in tracks:
            raise OutputError(
                f"emit(): {type(output).__name__}.{name} is no track of {model}; "
                f"declare it with `output: {type(output).__name__}` in the class"
            )
        value = getattr(output, name)
        if value is not None:
            arrays[name] = check_picture(value, f"emit(): track {name!r}")
    if not arrays:
        raise OutputError(f"emit(): {type(output).__name__} holds no picture")
    batches = {name: len(array) for name, array in arrays.items() if array.ndim == 4}
    if len(set(batches.values())) > 1:
        raise OutputError(
            "emit(): batches of one output have the same length, got "
            + ", ".join(f"{name!r}: {length}" for name, length in batches.items())
        )
    return Emission(arrays, next(iter(batches.values()), 1))


def check_compute_time(compute_time: float | None) -> None:
    """Check `emit(compute_time=…)`.

    Raises:
        OutputError: it is no positive number of seconds.
    """
    if compute_time is not None and not (math.isfinite(compute_time) and compute_time > 0):
        raise OutputError(f"emit(): compute_time={compute_time!r} is no positive number of seconds")


def check_picture(value: Any, where: str) -> NDArray[np.uint8]:
    """`value` if it is a `(H, W, 3)` or `(N, H, W, 3)` uint8 array.

    Raises:
        OutputError: it is something else; says `where`, dtype and shape.
    """
    if not isinstance(value, np.ndarray):
        raise OutputError(f"{where}: a {type(value).__name__} is no picture; give a uint8 numpy array (H, W, 3)")
    got = f"got dtype {value.dtype}, shape {value.shape}"
    if value.dtype != np.uint8:
        raise OutputError(f"{where}: pictures are uint8 RGB, 0 to 255; {got}{_remedy(value)}")
    if value.ndim not in (3, 4) or value.shape[-1] != 3:
        raise OutputError(f"{where}: pictures are (H, W, 3), or (N, H, W, 3) for a batch; {got}{_remedy(value)}")
    if 0 in value.shape:
        raise OutputError(f"{where}: a picture without pixels; {got}")
    return value


def _remedy(value: NDArray[Any]) -> str:
    """What makes a picture of an array that is nearly one."""
    code = "x"
    if value.dtype.kind == "f":
        code = "(x.clip(0, 1) * 255).astype(np.uint8)"
    elif value.dtype != np.uint8:
        code = "x.astype(np.uint8)"
    if value.ndim == 2:
        code = f"np.repeat({code}[..., None], 3, axis=-1)"
    elif value.ndim not in (3, 4):
        return ""
    elif value.shape[-1] == 1:
        code = f"np.repeat({code}, 3, axis=-1)"
    elif value.shape[-1] == 4:
        code = f"{code}[..., :3]"
    elif value.shape[-1] != 3 and value.shape[-3] == 3:
        code += ".transpose(1, 2, 0)" if value.ndim == 3 else ".transpose(0, 2, 3, 1)"
    elif value.shape[-1] != 3:
        return ""
    return "" if code == "x" else f"; give {code}"
