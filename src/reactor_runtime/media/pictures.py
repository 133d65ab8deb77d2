"""What a video track of an `emit()` takes: arrays and tensors, checked at once and converted later."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ..errors import OutputError
from ..interface.inputs import InputFrame
from .floats import FORMATS
from .forms import as_array, check_form
from .pixels import ArrayPixels, Pixels

__all__ = ["Pixels", "check_picture"]


def check_picture(value: Any, where: str) -> Pixels:
    """Check what is to be shown. On the model's thread: nothing is copied, and nothing waits for a GPU.

    Args:
        value: a numpy array or a torch tensor, uint8 in 0 to 255 or float in 0 to 1; `(H, W, 3)` or `(3, H, W)`, or
            with N in front a batch of N frames. Where both fit, the last axis is that of the colours.
        where: what the error begins with.

    Raises:
        OutputError: it is something else; says `where`, dtype and shape.
    """
    torch = sys.modules.get("torch")  # whoever has a tensor has imported it
    if torch is not None and isinstance(value, getattr(torch, "Tensor", ())):
        from .tensors import check_tensor

        return check_tensor(value, where)
    if isinstance(value, InputFrame):
        value = value.data
    if not isinstance(value, np.ndarray):
        raise OutputError(f"{where}: a {type(value).__name__} is no picture; give {as_array(value)}")
    dtype = value.dtype.name if value.dtype.isnative else str(value.dtype)
    last = check_form(dtype, value.shape, where, "numpy")
    array = value.view(np.ndarray)
    form = FORMATS.get(dtype)
    return ArrayPixels(array if form is None else array.view(form.bits), form, channels_last=last)
