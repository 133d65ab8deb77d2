"""How fast frames may leave, and how many may wait."""

from __future__ import annotations

MIN_FPS, MAX_FPS = 1.0, 240.0


def checked_fps(fps: float) -> float:
    """`fps` as a float.

    Raises:
        ValueError: it is not a number within 1 to 240.
    """
    if isinstance(fps, bool) or not isinstance(fps, (int, float)) or not MIN_FPS <= fps <= MAX_FPS:
        raise ValueError(f"fps={fps!r}: a rate is a number within {MIN_FPS:g} to {MAX_FPS:g} frames a second")
    return float(fps)


def checked_buffer_size(buffer_size: int | None) -> int | None:
    """`buffer_size` as it is.

    Raises:
        ValueError: it is neither None nor a number of frames, at least 1.
    """
    whole = isinstance(buffer_size, int) and not isinstance(buffer_size, bool)
    if buffer_size is not None and (not whole or buffer_size < 1):
        raise ValueError(f"buffer_size={buffer_size!r}: a number of frames, at least 1, or None for no queue")
    return buffer_size
