"""One of PyAV's encoders, opened."""

from __future__ import annotations

import os
from contextlib import suppress
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ..live import Encoded, EncoderError
from .recipes import Recipe
from .scheduling import unhurried

RATE = 30
"""Pictures a second that it plans with. Hardware counts pictures, and looks at no times."""
_BUFFER = 6
"""A key frame has the bits of a sixth of a second at most, where the encoder keeps to it."""
_BT601 = 6  # SMPTE 170M, in FFmpeg's list
_LIMITED = 1
_NEVER = 2**30


class Opened:
    """Takes pictures of one size, one after the other; each has to come back encoded at once.

    Raises:
        EncoderError: it cannot be opened.
    """

    def __init__(self, recipe: Recipe, width: int, height: int, bits_per_second: int) -> None:
        os.environ.setdefault("SVT_LOG", "1")  # one of them writes its settings on standard error, unasked
        import av  # here: a machine without such an encoder does without it

        self._errors = (av.FFmpegError, OSError, ValueError)
        self._recipe = recipe
        self._size = width, height
        self._number = 0
        rate = str(bits_per_second)
        try:
            context = av.CodecContext.create(recipe.name, "w")
            assert isinstance(context, av.VideoCodecContext)
            context.width, context.height, context.pix_fmt = width, height, recipe.pixels
            context.time_base, context.framerate = Fraction(1, RATE), Fraction(RATE)
            context.bit_rate = bits_per_second
            context.gop_size, context.max_b_frames = _NEVER, 0
            context.thread_count = 1  # a second one holds pictures back
            context.color_range = _LIMITED
            context.colorspace = context.color_primaries = context.color_trc = _BT601
            buffer = str(max(1, bits_per_second // _BUFFER))
            context.options = {**recipe.options, "maxrate": rate, "minrate": rate, "bufsize": buffer}
            with unhurried():
                context.open()
        except self._errors as error:
            raise EncoderError(f"{recipe.name} of {width}x{height} does not open: {_said(error)}") from error
        self._context: av.VideoCodecContext | None = context

    def retarget(self, bits_per_second: int) -> None:
        """Change the bit rate as it runs. Not all of them care."""
        if self._context is not None:
            self._context.bit_rate = bits_per_second

    def encode(self, planes: NDArray[np.uint8], *, key: bool) -> Encoded:
        """Encode one picture.

        Raises:
            EncoderError: it does not, or not at once.
        """
        import av
        from av.video.frame import PictureType

        name = self._recipe.name
        if self._context is None:
            raise EncoderError(f"{name} is closed")
        number, self._number = self._number, self._number + 1
        try:
            frame = av.VideoFrame.from_ndarray(planes, "yuv420p")
            if self._recipe.pixels != "yuv420p":
                frame = frame.reformat(format=self._recipe.pixels)
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            frame.pict_type = PictureType.I if key else PictureType.NONE
            packets = self._context.encode(frame)
        except self._errors as error:
            self._context = None  # it is not asked for anything any more
            raise EncoderError(f"{name} takes no picture: {_said(error)}") from error
        if len(packets) != 1 or packets[0].pts != number:
            raise EncoderError(f"{name} holds pictures back")
        return Encoded(bytes(packets[0]), packets[0].is_keyframe)

    def close(self) -> None:
        """Free it. May be called more than once."""
        context, self._context = self._context, None
        if context is not None and self._number:
            with suppress(*self._errors):
                context.encode(None)  # some complain on standard error where they are not told of the end


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
