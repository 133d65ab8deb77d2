"""Torch tensors as pictures. Imported only where somebody holds a tensor: torch is no dependency.

What lies in the computer's own memory is seen as an array and converted as one. What lies on a CUDA device is converted
there, on a stream of its own that waits for the model's, and comes over in one asynchronous copy into pinned memory, in
the pixels an encoder takes. The model's stream waits for nothing.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ..errors import OutputError
from .floats import FORMATS
from .forms import check_form
from .frames import Picture
from .pixels import ArrayPixels, Pixels
from .ranges import Few, grid

if TYPE_CHECKING:
    import torch

_COUNT = 8
"""The first bytes of what is painted: how many values were NaN, an int64."""

_AT_ONCE = 16 << 20
"""Values of a batch that a device converts together: few calls, and less than 200 MB beside the result."""


def check_tensor(tensor: torch.Tensor, where: str) -> Pixels:
    """Check a tensor that is to be shown, as `check_picture` does.

    Raises:
        OutputError: it is no picture; says `where`, dtype and shape.
    """
    import torch

    dtype, shape = str(tensor.dtype).removeprefix("torch."), tuple(tensor.shape)
    last = check_form(dtype, shape, where, "torch")
    got = f"got dtype {dtype}, shape {shape}"
    if tensor.layout is not torch.strided:
        raise OutputError(f"{where}: a tensor of layout {tensor.layout} is no picture; {got}; give x.to_dense()")
    if tensor.device.type == "meta":
        raise OutputError(f"{where}: a tensor on the meta device holds no values; {got}; give one that does")
    tensor = tensor.detach()
    if tensor.device.type == "cuda":
        return CudaPixels(tensor, channels_last=last)
    return TensorPixels(tensor, channels_last=last)


class TensorPixels:
    """Pictures in the computer's own memory, or on a device that is copied from as a whole.

    Args:
        tensor: checked, without a gradient.
        channels_last: whether the colours are the last axis.
    """

    def __init__(self, tensor: torch.Tensor, *, channels_last: bool) -> None:
        self.batched = tensor.dim() == 4
        self.length = len(tensor) if self.batched else 1
        self.nans = 0
        self.look = False
        self.few: Few | None = None
        self.quick = False
        self._tensor = tensor
        self._channels_last = channels_last

    def pictures(self) -> list[Picture]:
        import torch

        tensor = self._tensor.cpu().resolve_neg()
        form = FORMATS.get(str(tensor.dtype).removeprefix("torch."))
        if form is not None:  # numpy shares the memory; seen as integers, for it knows no bfloat16
            tensor = tensor.view(getattr(torch, form.bits.name))
        pixels = ArrayPixels(tensor.numpy(), form, channels_last=self._channels_last)
        pixels.look = self.look
        pictures = pixels.pictures()
        self.nans, self.few = pixels.nans, pixels.few
        return pictures


class CudaPixels:
    """Pictures on a CUDA device. Making one notes the place in the model's stream, and does nothing else.

    Args:
        tensor: checked, without a gradient.
        channels_last: whether the colours are the last axis.
    """

    def __init__(self, tensor: torch.Tensor, *, channels_last: bool) -> None:
        import torch

        self.batched = tensor.dim() == 4
        self.length = len(tensor) if self.batched else 1
        self.nans = 0
        self.look = False
        self.few: Few | None = None
        self.quick = False
        self._tensor = tensor
        self._channels_last = channels_last
        self._made = torch.cuda.Event()
        self._made.record(torch.cuda.current_stream(tensor.device))

    def pictures(self) -> list[Picture]:
        import torch

        planes = colours_first(self._tensor, channels_last=self._channels_last)
        stream = _side_stream(self._tensor.device)
        with torch.cuda.stream(stream):
            stream.wait_event(self._made)
            # Whoever frees the tensor while this is under way must not be given its memory again before it is done.
            self._tensor.record_stream(stream)
            painted = paint(planes, look=self.look)
            # Torch keeps pinned memory that is given back, so this is the same memory each time.
            landed = torch.empty(painted.shape, dtype=torch.uint8, pin_memory=True)
            landed.copy_(painted, non_blocking=True)
            done = torch.cuda.Event(blocking=True)  # asleep while it waits, not turning on a core
            done.record(stream)
        done.synchronize()
        pictures, self.nans, self.few = unpack(landed, planes.shape)
        return pictures


def colours_first(tensor: torch.Tensor, *, channels_last: bool) -> torch.Tensor:
    """The same memory as `(N, 3, H, W)`."""
    frames = tensor if tensor.dim() == 4 else tensor[None]
    return frames.permute(0, 3, 1, 2) if channels_last else frames


def paint(planes: torch.Tensor, *, look: bool = False) -> torch.Tensor:
    """Convert where the tensor is, on the current stream, and without waiting.

    Args:
        planes: `(N, 3, H, W)`, uint8 or float.
        look: whether some of the values come along as they are, where they are floats.

    Returns:
        One row of uint8: an int64, how many values were NaN; the values that are looked at, as float32; then
        N * H * W * 3 bytes, R G B.
    """
    import torch

    count, _, height, width = planes.shape
    frames, rows, columns = grid(count, height, width)
    few = planes[frames, :, rows, columns] if look and planes.dtype is not torch.uint8 else planes[:0]
    begin = _COUNT + 4 * few.numel()
    painted = torch.empty(begin + count * height * width * 3, dtype=torch.uint8, device=planes.device)
    nans = painted[:_COUNT].view(torch.int64).zero_()
    if few.numel():
        painted[_COUNT:begin].view(torch.float32).view(few.shape).copy_(few)
    pixels = painted[begin:].view(count, height, width, 3)
    at_once = max(1, _AT_ONCE // (3 * height * width))
    for start in range(0, count, at_once):
        levels = planes[start : start + at_once]
        if levels.dtype is not torch.uint8:
            nans += levels.isnan().sum()
            levels = levels.float().nan_to_num(0.0).clamp_(0, 1).mul_(255).round_()
        pixels[start : start + at_once] = levels.permute(0, 2, 3, 1)
    return painted


def unpack(painted: torch.Tensor, shape: tuple[int, ...]) -> tuple[list[Picture], int, Few | None]:
    """What `paint` made of planes of that shape, in the computer's own memory: the pictures, which look at it, how
    many values were NaN, and some of the values, where they were asked for."""
    count, _, height, width = shape
    array = painted.numpy()
    begin = len(array) - count * height * width * 3
    frames = array[begin:].reshape(count, height, width, 3)
    few = array[_COUNT:begin].view(np.float32).copy() if begin > _COUNT else None
    return [Picture.of(frame) for frame in frames], int(array[:_COUNT].view(np.int64)[0]), few


@cache
def _side_stream(device: torch.device) -> torch.cuda.Stream:
    """The stream that conversions of a device run on: one, since torch keeps memory for each.

    Before others in the queue: what it does is short, and somebody waits for it.
    """
    import torch

    return torch.cuda.Stream(device, priority=-1)
