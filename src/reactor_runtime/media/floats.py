"""Floats in 0 to 1 as bytes in 0 to 255, by the integers that their bits are.

As integers of the same size, floats from 0 up have the order that they have as floats; NaN comes after infinity, and
what has a sign is negative, or above all others where there is no sign. So one maximum tells that nothing has to be
clamped, and two that nothing is NaN, at the speed of memory, and also for the floats that numpy is slow with (float16)
or does not have (bfloat16).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .opencv import cv2


@dataclass(frozen=True, slots=True)
class FloatFormat:
    """How a kind of float lies in its bits.

    Attributes:
        bits, unsigned: the integers of its size.
        one, infinity: what 1.0 and infinity are as such integers.
        shift: to the left, into the bits of a float32; None for one that numpy and OpenCV calculate with.
        scale: 255, times what a value is too small by after the shift.
    """

    bits: np.dtype[Any]
    unsigned: np.dtype[Any]
    one: int
    infinity: int
    shift: int | None
    scale: float


def _format(bits: int, exponent: int, shift: int | None = None, scale: float = 255.0) -> FloatFormat:
    mantissa = bits - 1 - exponent
    bias = (1 << (exponent - 1)) - 1
    infinity = ((1 << exponent) - 1) << mantissa
    return FloatFormat(np.dtype(f"i{bits // 8}"), np.dtype(f"u{bits // 8}"), bias << mantissa, infinity, shift, scale)


def _opencv_knows_float16() -> bool:
    """OpenCV calculates with it from 5.0 on."""
    if cv2 is None:
        return False
    try:
        cv2.convertScaleAbs(np.zeros((1, 1), np.float16))
    except (cv2.error, TypeError):
        return False
    return True


WIDENED_FLOAT16 = _format(16, exponent=5, shift=13, scale=255.0 * 2.0**112)
"""In a float32's bits its exponent, which counts from 15, is read as if it counted from 127."""

FORMATS = {
    "float16": _format(16, exponent=5) if _opencv_knows_float16() else WIDENED_FLOAT16,
    "bfloat16": _format(16, exponent=8, shift=16),
    "float32": _format(32, exponent=8),
    "float64": _format(64, exponent=11),
}
"""By the name of the dtype, in numpy and in torch."""


def as_floats(bits: NDArray[Any], form: FloatFormat) -> NDArray[np.floating[Any]]:
    """The values, as numpy has them: a copy. For a few of them."""
    if form is FORMATS["bfloat16"]:
        return (bits.astype(np.uint32) << 16).view(np.float32)
    return np.array(bits, order="C").view(f"f{form.bits.itemsize}")


def bytes_from_floats(bits: NDArray[Any], form: FloatFormat) -> tuple[NDArray[np.uint8], int]:
    """What 0 to 1 is in 0 to 255, rounded; lower and higher ones clamped, NaN as 0.

    Args:
        bits: floats, contiguous, seen as `form.bits`; they stay as they are.
        form: what they are.

    Returns:
        A new array of the same shape, and how many were NaN.
    """
    clamped, nans = _clamped(bits, form)
    return _scaled(clamped, form), nans


def _clamped(bits: NDArray[Any], form: FloatFormat) -> tuple[NDArray[Any], int]:
    """The same with 0 for NaN and nothing outside 0 to 1, a copy only where that changes any; and how many were NaN."""
    sign = 1 << (form.bits.itemsize * 8 - 1)
    highest = int(bits.view(form.unsigned).max())  # with the negative ones above all others
    if highest <= form.one:
        return bits, 0
    clamped = np.clip(bits, 0, form.one)
    if highest <= sign + form.infinity and int(bits.max()) <= form.infinity:
        return clamped, 0
    nan = (bits & (sign - 1)) > form.infinity
    np.copyto(clamped, 0, where=nan)
    return clamped, int(np.count_nonzero(nan))


def _scaled(bits: NDArray[Any], form: FloatFormat) -> NDArray[np.uint8]:
    if form.shift is None:
        values = bits.view(f"f{form.bits.itemsize}")
    else:
        wide = bits.astype(np.uint32)
        wide <<= form.shift
        values = wide.view(np.float32)
    if cv2 is None:
        return np.rint(values * values.dtype.type(form.scale)).astype(np.uint8)
    flat = values.reshape(-1, values.shape[-1])
    return np.asarray(cv2.convertScaleAbs(flat, alpha=form.scale), np.uint8).reshape(values.shape)
