"""OpenCV, or None where there is none that works."""

from __future__ import annotations

try:
    import cv2

    # Another OpenCV build that was removed takes files of this one along; what is left imports as an empty package.
    _ = cv2.cvtColor
except (ImportError, AttributeError):  # any OpenCV build does, and none is needed
    cv2 = None  # type: ignore[assignment,unused-ignore]

__all__ = ["cv2"]
