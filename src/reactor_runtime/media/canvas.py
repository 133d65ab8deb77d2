"""Pictures of any size, brought to the one size that a video stream has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .frames import Picture
from .opencv import cv2

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
        self.width = width + width % 2
        self.height = height + height % 2

    def draw(self, picture: Picture) -> av.VideoFrame:
        """`picture` on the canvas: yuv420p, BT.601 in the limited range."""
        import av

        bgra = np.frombuffer(picture.bgra, np.uint8).reshape(picture.height, picture.width, 4)
        if (picture.width, picture.height) != self._own:
            bgra = self._letterboxed(bgra)
        elif self._own != (self.width, self.height):
            bgra = np.pad(bgra, ((0, self.height - picture.height), (0, self.width - picture.width), (0, 0)), "edge")
        if cv2 is not None:
            planes = np.asarray(cv2.cvtColor(bgra, cv2.COLOR_BGRA2YUV_I420), np.uint8)
            return av.VideoFrame.from_ndarray(planes, "yuv420p")
        frame = av.VideoFrame.from_ndarray(bgra, "bgra")
        return frame.reformat(format="yuv420p", dst_colorspace="ITU601", dst_color_range="MPEG")

    def _letterboxed(self, bgra: NDArray[np.uint8]) -> NDArray[np.uint8]:
        import av

        height, width = bgra.shape[:2]
        scale = min(self.width / width, self.height / height)
        inner_width = min(self.width, max(1, round(width * scale)))
        inner_height = min(self.height, max(1, round(height * scale)))
        scaled = av.VideoFrame.from_ndarray(bgra, "bgra").reformat(inner_width, inner_height, interpolation="AREA")
        left, top = (self.width - inner_width) // 2, (self.height - inner_height) // 2
        whole = np.zeros((self.height, self.width, 4), np.uint8)
        whole[top : top + inner_height, left : left + inner_width] = scaled.to_ndarray()
        return whole
