"""A tap that costs the stream nothing: frames go into a bounded inbox, a thread of its own does the rest."""

from __future__ import annotations

import contextlib
import logging
import threading
from functools import partial
from typing import Protocol

from ...clock import Clock
from ...complaints import Complaints
from ...counters import Counters
from ...limits import Limits
from ..frameset import FrameSet
from .inbox import Inbox, Waiting

logger = logging.getLogger("reactor.recording")


class Sink(Protocol):
    """What a tap's thread feeds. All on that thread; times are seconds of the clock.

    Whatever one raises ends the recording of the session: `failed` is called, then nothing until the next `begin`.
    """

    def begin(self, session: str) -> None: ...

    def frame(self, frames: FrameSet, at: float) -> None: ...

    def end(self, at: float) -> None: ...

    def failed(self, error: Exception) -> None:
        """Let go of what is open; the error is logged already."""
        ...

    def idle(self, now: float) -> None:
        """All that was taken before `now` has come. Called from `wake_at` on, when nothing waits."""
        ...

    @property
    def wake_at(self) -> float | None:
        """When to be called though nothing comes."""
        ...

    def close(self) -> None: ...


class BoundedTap:
    """Feeds a sink from a session (see `engine.connection.Tap`).

    A sink that is slower than the stream loses frames, which are counted as `recording.dropped` and complained of; the
    stream loses nothing.

    Args:
        sink: where the frames go.
        label: what the log calls it, such as "the recorder".
        clock, limits, counters: of the process.
    """

    def __init__(self, sink: Sink, label: str, *, clock: Clock, limits: Limits, counters: Counters) -> None:
        self._sink = sink
        self._label = label
        self._clock = clock
        self._limits = limits
        self._counters = counters
        self._inbox = Inbox(limits.tap_frames, limits.tap_bytes)
        self._complaints = Complaints(logger, clock.now, label)
        self._thread: threading.Thread | None = None
        self._wanted = False
        self._recording = False
        self._over = False

    # -- as the engine calls it

    def begin(self, session: str) -> None:
        """A session starts."""
        if self._over:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._label, daemon=True)
            self._thread.start()
        self._wanted = True
        self._inbox.notify(partial(self._begin, session))

    def take(self, frames: FrameSet, at: float) -> None:
        """A frame leaves; returns at once."""
        if self._wanted and not self._inbox.put(frames, at):
            self._counters.add("recording.dropped")
            self._complaints.warn(
                "it is slower than the stream; frames are left out of the recording, not of the stream"
            )

    def end(self, session: str) -> None:
        """The session is over."""
        self._wanted = False
        self._inbox.notify(partial(self._end, self._clock.now()))

    def close(self) -> bool:
        """Finish what is recorded, within `limits.tap_close`; returns whether that was done."""
        self._wanted = False
        self._over = True
        self._inbox.notify(partial(self._end, self._clock.now()))
        self._inbox.notify(self._stop)
        if self._thread is None:
            self._sink.close()
            return True
        self._thread.join(self._limits.tap_close)
        if self._thread.is_alive():
            logger.warning(
                "%s has not finished within %g s; what it holds is lost", self._label, self._limits.tap_close
            )
            return False
        return True

    # -- on its own thread

    def _run(self) -> None:
        with contextlib.suppress(_Stopped):
            while True:
                wake_at = self._sink.wake_at
                now = self._clock.now()
                item = self._inbox.get(None if wake_at is None else max(0.0, wake_at - now))
                if isinstance(item, Waiting):
                    if self._recording:
                        self._guarded(partial(self._sink.frame, item.frames, item.at))
                elif item is not None:
                    item()
                else:
                    self._guarded(partial(self._sink.idle, now))
        self._sink.close()

    def _guarded(self, step: partial[None]) -> None:
        try:
            step()
        except Exception as error:
            self._counters.add("recording.failed")
            logger.error("%s failed and records no more of this session: %s", self._label, _text(error))
            logger.debug("where it failed", exc_info=error)
            self._recording = False
            try:
                self._sink.failed(error)
            except Exception:
                logger.exception("%s could not let go", self._label)

    def _begin(self, session: str) -> None:
        self._recording = True
        self._guarded(partial(self._sink.begin, session))

    def _end(self, at: float) -> None:
        if self._recording:
            self._recording = False
            self._guarded(partial(self._sink.end, at))

    def _stop(self) -> None:
        raise _Stopped


class _Stopped(Exception):
    """The thread's loop is over."""


def _text(error: Exception) -> str:
    return str(error) or type(error).__name__
