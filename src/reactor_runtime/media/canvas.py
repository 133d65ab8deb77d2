"""Pictures of any size, brought to the one size that a video stream has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .frames import Picture
from .planes import even, to_i420

if TYPE_CHECKING:
    import av


class Canvas:
    """What the pictures of one stream are drawn on.

    A picture of the stream's own size fills it; its last row and column are doubled where their number is odd, since
    video comes in pairs of them. Any other picture is scaled with its aspect kept, between black bars.

    Args:
        width, height: of the stream's pictures, in pixels.

    Attributes:
        width, height: of the canvas: even.
    """

    def __init__(self, width: int, height: int) -> None:
        self._own = width, height
        self.width = even(width)
        self.height = even(height)

    def draw(self, picture: Picture) -> av.VideoFrame:
        """`picture` on the canvas: yuv420p, BT.601 in the limited range."""
        import av

        pixels = picture.pixels()
        if (picture.width, picture.height) != self._own:
            pixels = self._letterboxed(pixels)
        return av.VideoFrame.from_ndarray(to_i420(pixels), "yuv420p")

    def _letterboxed(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        import av

        height, width, colours = pixels.shape
        scale = min(self.width / width, self.height / height)
        inner_width = min(self.width, max(1, round(width * scale)))
        inner_height = min(self.height, max(1, round(height * scale)))
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgb24" if colours == 3 else "bgra")
        scaled = frame.reformat(inner_width, inner_height, interpolation="AREA")
        left, top = (self.width - inner_width) // 2, (self.height - inner_height) // 2
        whole = np.zeros((self.height, self.width, colours), np.uint8)
        whole[top : top + inner_height, left : left + inner_width] = scaled.to_ndarray()
        return whole
