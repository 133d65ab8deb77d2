"""What waits to be recorded: bounded by number and bytes, and never waited for by whoever puts something in."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ..frameset import FrameSet


@dataclass(frozen=True, slots=True)
class Waiting:
    """A frame and its time in seconds of the clock."""

    frames: FrameSet
    at: float
    nbytes: int


def size(frames: FrameSet) -> int:
    """What the pictures and sounds of a frame take, in bytes."""
    pictures = sum(picture.nbytes for picture in frames.pictures.values())
    return pictures + sum(sound.nbytes for sound in frames.sounds.values())


@dataclass(slots=True)
class Inbox:
    """Frames, bounded, and notices (what is to be done between them), in order. From any thread.

    Args:
        max_frames, max_bytes: how many frames may wait, and what they may take together.
    """

    max_frames: int
    max_bytes: int
    _items: deque[Waiting | Callable[[], None]] = field(default_factory=deque)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _frames: int = 0
    _bytes: int = 0

    def put(self, frames: FrameSet, at: float) -> bool:
        """Add a frame, at once; False where there is no room."""
        waiting = Waiting(frames, at, size(frames))
        with self._changed:
            full = self._frames >= self.max_frames or self._bytes + waiting.nbytes > self.max_bytes
            if full and self._frames:
                return False
            self._frames += 1
            self._bytes += waiting.nbytes
            self._items.append(waiting)
            self._changed.notify()
        return True

    def notify(self, notice: Callable[[], None]) -> None:
        """Add what is to be called once all before it is done; there is always room."""
        with self._changed:
            self._items.append(notice)
            self._changed.notify()

    def get(self, timeout: float | None) -> Waiting | Callable[[], None] | None:
        """The next one; None where none came within `timeout` seconds. None waits for ever."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._items, timeout):
                return None
            item = self._items.popleft()
            if isinstance(item, Waiting):
                self._frames -= 1
                self._bytes -= item.nbytes
            return item
