"""Frames that come in: `InputBuffer`, what a model finds under `self.input.<track>`."""

from __future__ import annotations

import asyncio
import enum
import json
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from ..errors import BufferClosed

CAPACITY = 128


class ReadMode(enum.Enum):
    """Which frames a read takes when more wait than it asks for."""

    LATEST = "latest"
    """The newest ones; what is older is dropped."""
    FIFO = "fifo"
    """The oldest ones; the rest stay."""


class Picture(Protocol):
    """Where a frame's pixels come from, when they are asked for."""

    @property
    def nbytes(self) -> int: ...

    def rgb(self) -> NDArray[np.uint8]: ...


class InputFrame(NDArrayOperatorsMixin):
    """One received frame of video or sound: behaves as its array, and knows when it came and from whom.

    The pixels are converted when they are first looked at, so frames that are skipped cost nothing.

    Attributes:
        pts: when it arrived, in seconds on the runtime's monotonic clock.
        client: the id of the client that sent it.
        user_data: the bytes that client sent along with the frame; empty where there are none.
    """

    def __init__(
        self, picture: Picture | NDArray[Any], pts: float = 0.0, client: int = 0, user_data: bytes = b""
    ) -> None:
        self._picture = picture
        self._array: NDArray[Any] | None = picture if isinstance(picture, np.ndarray) else None
        self.pts = pts
        self.client = client
        self.user_data = user_data
        self.nbytes = int(picture.nbytes)

    @property
    def data(self) -> NDArray[Any]:
        """The array: `(H, W, 3)` uint8 RGB, or `(1, samples)` int16 at the track's rate."""
        if self._array is None:
            assert not isinstance(self._picture, np.ndarray)
            self._array = self._picture.rgb()
            self._picture = self._array
        return self._array

    @property
    def metadata(self) -> dict[str, Any]:
        """The JSON object in `user_data`; an empty dict where that holds something else, or nothing."""
        try:
            found = json.loads(self.user_data) if self.user_data else {}
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.data, dtype=dtype, copy=True) if copy else np.asarray(self.data, dtype=dtype)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        arrays = [item.data if isinstance(item, InputFrame) else item for item in inputs]
        return getattr(ufunc, method)(*arrays, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.data, name)

    def __getitem__(self, key: Any) -> Any:
        return self.data[key]

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return f"InputFrame(shape={self.data.shape}, pts={self.pts:.3f}, client={self.client})"


class InputBuffer:
    """The last frames of one input track. Reading is for the model's loop, `put` and `close` for any thread.

    It closes when the last client leaves and opens again, empty, for the next one.

    Args:
        capacity: how many frames it holds; the oldest goes first.
        max_bytes: how many bytes of them.
        on_evict: called with the number of frames that were evicted unread.
        on_read: called after each successful read, with whether it had to wait.
        on_wait: called with True when a read begins to wait, and with False when it has waited.
    """

    def __init__(
        self,
        *,
        capacity: int = CAPACITY,
        max_bytes: int | None = None,
        on_evict: Callable[[int], None] | None = None,
        on_read: Callable[[bool], None] | None = None,
        on_wait: Callable[[bool], None] | None = None,
    ) -> None:
        self._capacity = capacity
        self._max_bytes = max_bytes
        self._on_evict = on_evict
        self._on_read = on_read
        self._on_wait = on_wait
        self._lock = threading.Lock()
        self._frames: deque[InputFrame] = deque()
        self._bytes = 0
        self._total = 0
        self._closed = False
        self._closings = 0
        self._readers: list[_Reader] = []

    @property
    def available(self) -> int:
        """How many frames wait."""
        return len(self._frames)

    @property
    def total_received(self) -> int:
        """How many frames came since the buffer was made or reset."""
        return self._total

    @property
    def closed(self) -> bool:
        return self._closed

    def try_read(self, n: int = 1, mode: ReadMode = ReadMode.LATEST) -> list[InputFrame] | None:
        """Take `n` frames if as many wait, oldest first; else None, and nothing is consumed.

        Raises:
            ValueError: `n` is below 1 or above what the buffer holds.
        """
        if n < 1:
            raise ValueError(f"try_read(n={n}): read at least one frame")
        if n > self._capacity:
            raise ValueError(f"try_read(n={n}): the buffer holds {self._capacity} frames")
        taken = self._take(n, mode)
        if taken is not None and self._on_read is not None:
            self._on_read(False)
        return taken

    def _take(self, n: int, mode: ReadMode) -> list[InputFrame] | None:
        with self._lock:
            if len(self._frames) < n:
                return None
            if mode is ReadMode.LATEST:
                taken = list(self._frames)[-n:]
                self._frames.clear()
                self._bytes = 0
            else:
                taken = [self._frames.popleft() for _ in range(n)]
                self._bytes -= sum(frame.nbytes for frame in taken)
            return taken

    async def read(
        self, n: int = 1, timeout: float | None = None, mode: ReadMode = ReadMode.LATEST
    ) -> list[InputFrame]:
        """Wait until `n` frames are there and take them, oldest first.

        Args:
            n: how many.
            timeout: for how long to wait, in seconds; None for as long as clients are connected.
            mode: which ones, where more wait.

        Raises:
            BufferClosed: the last client left.
            TimeoutError: `timeout` passed.
            ValueError: `n` is below 1 or above what the buffer holds.
        """
        if n > self._capacity:
            raise ValueError(f"read(n={n}): the buffer holds {self._capacity} frames")
        if n < 1:
            raise ValueError(f"read(n={n}): read at least one frame")
        reader = _Reader(n, asyncio.current_task())
        closings = self._closings
        waited = False
        with self._lock:
            self._readers.append(reader)
        try:
            async with asyncio.timeout(timeout):
                while True:
                    if self._closed or self._closings != closings or reader.interrupted:
                        raise BufferClosed("the input buffer is closed: the last client left")
                    taken = self._take(n, mode)
                    if taken is not None:
                        break
                    if not waited and self._on_wait is not None:
                        self._on_wait(True)
                    waited = True
                    await reader.wait()
        finally:
            with self._lock:
                self._readers.remove(reader)
            if waited and self._on_wait is not None:
                self._on_wait(False)
        if self._on_read is not None:
            self._on_read(waited)
        return taken

    def put(self, frame: InputFrame) -> None:
        """Add a frame; the oldest is evicted where there is no room. A closed buffer takes none."""
        evicted = 0
        with self._lock:
            if self._closed:
                return
            self._frames.append(frame)
            self._bytes += frame.nbytes
            self._total += 1
            wanted = max((reader.n for reader in self._readers), default=1)
            while len(self._frames) > self._capacity or (
                self._max_bytes is not None and self._bytes > self._max_bytes and len(self._frames) > wanted
            ):
                self._bytes -= self._frames.popleft().nbytes
                evicted += 1
            ready = [reader for reader in self._readers if reader.n <= len(self._frames)]
        for reader in ready:
            reader.wake()
        if evicted and self._on_evict is not None:
            self._on_evict(evicted)

    def clear(self) -> None:
        """Drop what waits."""
        with self._lock:
            self._frames.clear()
            self._bytes = 0

    def close(self) -> None:
        """Refuse frames; pending and later reads raise `BufferClosed` until `reset()`."""
        with self._lock:
            self._closed = True
            self._closings += 1
            self._frames.clear()
            self._bytes = 0
            readers = list(self._readers)
        for reader in readers:
            reader.wake()

    def interrupt(self, task: asyncio.Task[Any] | None) -> None:
        """Let the pending reads of one task raise `BufferClosed`; the buffer stays as it is."""
        with self._lock:
            readers = [reader for reader in self._readers if reader.task is task]
        for reader in readers:
            reader.interrupted = True
            reader.wake()

    def reset(self) -> None:
        """Open again, empty, counting from zero."""
        with self._lock:
            self._frames.clear()
            self._bytes = 0
            self._total = 0
            self._closed = False


class _Reader:
    """One `read` under way, on its task's loop."""

    def __init__(self, n: int, task: asyncio.Task[Any] | None) -> None:
        self.n = n
        self.task = task
        self.interrupted = False
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    async def wait(self) -> None:
        """Wait for a `wake` since the last `wait`."""
        await self._event.wait()
        self._event.clear()

    def wake(self) -> None:
        """From any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._event.set)
