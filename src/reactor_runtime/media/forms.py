"""Which dtypes and shapes are pictures, and what makes one of what nearly is: the end of an error, as code to write."""

from __future__ import annotations

from typing import Any

from ..errors import OutputError
from .floats import FORMATS

TAKEN = ("uint8", *FORMATS)
"""The dtypes of pictures, by the names that numpy and torch share."""

_TO_UINT8 = {"numpy": "x.astype(np.uint8)", "torch": "x.to(torch.uint8)"}
_TO_FLOAT = {"numpy": "x.astype(np.float32)", "torch": "x.float()"}
_REPEAT = {"numpy": "np.repeat({}, 3, axis={})", "torch": "{}.repeat_interleave(3, dim={})"}


def check_form(dtype: str, shape: tuple[int, ...], where: str, library: str) -> bool:
    """Check dtype and shape; returns whether the colours are the last axis, and not the one before height and width.

    Raises:
        OutputError: no picture looks like that; says `where`, dtype, shape, and what to give instead, in code of
            `library`.
    """
    got = f"got dtype {dtype}, shape {shape}"
    if dtype not in TAKEN:
        raise OutputError(
            f"{where}: pictures are uint8 RGB, 0 to 255, or float, 0 to 1; {got}{_remedy(dtype, shape, library)}"
        )
    if len(shape) not in (3, 4) or 3 not in (shape[-1], shape[-3]):
        raise OutputError(
            f"{where}: pictures are (H, W, 3) or (3, H, W), with N in front for a batch; "
            f"{got}{_remedy(dtype, shape, library)}"
        )
    if 0 in shape:
        raise OutputError(f"{where}: a picture without pixels; {got}")
    return shape[-1] == 3


def _remedy(dtype: str, shape: tuple[int, ...], library: str) -> str:
    """`; give …` for what has that dtype and shape, or nothing where no line of code is likely to be what is meant.

    Args:
        dtype, shape: of the array, which the code calls `x`.
        library: numpy or torch.
    """
    code = _dtype(dtype, library)
    if code is None or 0 in shape:
        return ""
    if len(shape) == 5 and shape[0] == 1:
        code, shape = f"{code}[0]", shape[1:]
    if len(shape) == 4 and 3 not in (shape[-1], shape[-3]) and shape[0] == 3:
        code = f"{code}.swapaxes(0, 1)"  # channels, frames, height, width: as video models have it
    elif len(shape) == 2:
        code = _REPEAT[library].format(f"{code}[..., None]", -1)
    elif len(shape) not in (3, 4):
        return ""
    elif 3 not in (shape[-1], shape[-3]):
        if 1 in (shape[-1], shape[-3]):
            code = _REPEAT[library].format(code, -1 if shape[-1] == 1 else -3)
        elif shape[-1] == 4:
            code = f"{code}[..., :3]"
        elif shape[-3] == 4 < shape[-1]:
            code = f"{code}[..., :3, :, :]"
        else:
            return ""
    return "" if code == "x" else f"; give {code}"


def _dtype(dtype: str, library: str) -> str | None:
    """`x`, in a dtype that is taken; None for what is no number of one part."""
    if dtype in TAKEN:
        return "x"
    if dtype == "bool":
        return f"255 * {_TO_UINT8[library]}"
    if dtype.startswith(("int", "uint")):
        return _TO_UINT8[library]
    return _TO_FLOAT[library] if "float" in dtype or ">f" in dtype else None


def as_array(value: Any) -> str:
    """What to give instead of something that is neither an array nor a tensor."""
    library = type(value).__module__.partition(".")[0]
    if library == "PIL":
        return 'np.asarray(x.convert("RGB"))'
    if library == "cupy":
        return "torch.from_dlpack(x), which stays on its GPU, or x.get()"
    if isinstance(value, (list, tuple)):
        return "np.stack(x), if it holds the frames of a batch"
    if hasattr(value, "__array__"):
        return "np.asarray(x)"
    return "a numpy array or a torch tensor (H, W, 3)"
