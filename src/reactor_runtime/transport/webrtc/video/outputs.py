"""The model's video tracks: each picture is encoded once, on a thread of its own, whoever watches."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import reactor_webrtc as rw
from numpy.typing import NDArray

from ....clock import Clock
from ....complaints import Complaints
from ....counters import Counters
from ....engine.measures import ENCODE_BOUNDS, Histogram
from ....media.frames import Picture
from ....media.hardware import Hardware
from ....media.live import Make
from ....media.planes import even, to_i420
from ....media.vp8 import Libvpx, Vp8Encoder
from .encoders import Shot
from .seats import Seat, Seats
from .ticks import Ticker
from .trailer import trailer
from .viewer import EncodedViewer, RawViewer

logger = logging.getLogger("reactor.webrtc")

MAX_BITRATE = 10_000_000
"""Of one viewer, in bit/s: the engine's own maximum is 2.5 Mbit/s above 960x540."""
_BITS_PER_PIXEL = 0.35
"""More are not seen: so many bits give VP8 some 47 dB for pictures with much detail. At 30 frames a second; those of a
faster model have less in them that is new."""
_LEAST_TOP = 2_500_000
_SPACING = 0.003
"""Seconds between two pictures at least: of two that come at once, the media engine drops one."""
_AFTER_FAULT = 0.1
"""Seconds for which what failed is not tried again, unless something happens: a viewer may wait for that picture."""
_IDLE = 60.0
"""Seconds after which the thread looks up, should nothing happen at all."""


@dataclass(frozen=True, slots=True)
class _Shown:
    picture: Picture
    captured: int


@dataclass(frozen=True, slots=True)
class _Job:
    """A picture to send: a new one to all, or the last one again to those who wait for a key frame."""

    shown: _Shown
    new: bool
    seats: list[Seat]
    raw: tuple[RawViewer, ...]
    kept: bool


class OutputTrack:
    """One video output track. Its thread begins with the first viewer and ends with `close`.

    It keeps the last picture, for viewers who come or resume between two.

    Args:
        name: the track's.
        library: what encodes for all viewers that can share; None where there is none.
        hardware: what encodes for those who agreed on its codec, if anything does.
    """

    def __init__(
        self,
        name: str,
        library: Libvpx | None,
        clock: Clock,
        counters: Counters,
        hardware: Hardware | None = None,
    ) -> None:
        self.name = name
        self.library = library
        self.hardware = hardware
        self.ticker: Ticker | None = None
        """What makes the senders of encoded viewers take pictures; there is one before there is such a viewer."""
        self._clock = clock
        self._counters = counters
        self._complaints = Complaints(logger, clock.now, f"track {name!r}")
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._last: _Shown | None = None
        self._waiting: _Shown | None = None
        self._forgotten = False
        self._viewers: tuple[EncodedViewer | RawViewer, ...] = ()
        self.encoding = Histogram(ENCODE_BOUNDS)
        """How long it takes to encode a picture for all that share it, in seconds."""
        self._shown = 0
        # Of the thread alone.
        self._captured = 0
        self._sent: _Shown | None = None
        self._fed = -math.inf
        self._number = 0
        self._seats = Seats(self._maker, clock, counters, self.encoding)
        self._planes: NDArray[np.uint8] = np.empty((0, 0), np.uint8)
        self._on_first: list[Callable[[], None]] = []

    def shares(self, codec: str) -> bool:
        """Whether viewers who agreed on `codec` can share an encoder."""
        if self.library is None:
            return False
        return codec == "VP8" or (self.hardware is not None and self.hardware.codec == codec)

    # -- pictures, from any thread

    @property
    def shown(self) -> int:
        """How many pictures were shown."""
        return self._shown

    def show(self, picture: Picture, captured: int) -> None:
        """Send `picture` to all viewers; `captured` is on the engine's clock, in microseconds."""
        with self._condition:
            self._last = _Shown(picture, captured)
            self._shown += 1
            called, self._on_first = self._on_first, []
            if self._playing():
                if self._waiting is not None:
                    self._counters.add("frames.overtaken_at_encoder")
                self._waiting = self._last
                self._condition.notify()
        for call in called:
            call()

    def repeat(self, unless_after: int | None = None) -> None:
        """Send the last picture again, if there is one, but not where more than `unless_after` were shown."""
        with self._condition:
            wanted = unless_after is None or self._shown <= unless_after
            if wanted and self._last is not None and self._waiting is None and self._playing():
                self._waiting = self._last = _Shown(self._last.picture, rw.time_micros())
                self._condition.notify()

    def forget(self) -> None:
        """Keep the last picture no longer. What was shown leaves all the same."""
        with self._condition:
            self._last = None
            self._forgotten = True
            self._condition.notify()

    def when_shown(self, call: Callable[[], None]) -> None:
        """Call it once there is a picture: now, or on the thread that shows one."""
        with self._condition:
            if self._last is None:
                self._on_first.append(call)
                return
        call()

    def do_not_call(self, call: Callable[[], None]) -> None:
        """Not when there is a picture, either."""
        with self._condition:
            self._on_first = [other for other in self._on_first if other is not call]

    # -- viewers, on the server's loop

    def add(self, viewer: EncodedViewer | RawViewer) -> None:
        """Feed it, while it is to be playing."""
        with self._condition:
            self._viewers = (*self._viewers, viewer)
            if self._thread is None and not self._closing:
                name = f"reactor-video-{self.name}"
                self._thread = threading.Thread(target=self._run, name=name, daemon=True)
                self._thread.start()

    def play(self, viewer: EncodedViewer | RawViewer, playing: bool) -> None:
        """Begin to feed it, with the last picture first where there is one, or stop."""
        with self._condition:
            viewer.playing = playing
            if not playing:
                return
            if isinstance(viewer, EncodedViewer):
                viewer.dark = True
                self._condition.notify()
                return
        self.repeat()

    def remove(self, viewer: EncodedViewer | RawViewer) -> None:
        """Feed it no more."""
        with self._condition:
            self._viewers = tuple(one for one in self._viewers if one is not viewer)
            self._condition.notify()

    def wake(self) -> None:
        """A viewer asks for something."""
        with self._condition:
            self._condition.notify()

    def tick(self) -> None:
        """Let viewers' senders take a picture that has stayed behind, if there is one."""
        self._tick(rw.time_micros())

    def close(self) -> None:
        """End the thread."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join(1.0)

    # -- the thread

    def _playing(self) -> tuple[EncodedViewer | RawViewer, ...]:
        return tuple(viewer for viewer in self._viewers if viewer.playing)

    def _run(self) -> None:
        while not self._closing:
            self._step()
        self._seats.close()

    def _step(self) -> None:
        """Wait for something to do, and do it. Nothing of it is kept: viewers who have gone are to be freed."""
        try:
            job = self._next()
            try:
                if job is not None:
                    self._do(job)
            finally:
                self._seats.free_left()
        except Exception as error:
            self._counters.add("transport.faults")
            self._complaints.warn(f"a picture was not sent: {error}")
            logger.debug("a picture was not sent", exc_info=error)
            with self._condition:
                self._condition.wait(_AFTER_FAULT)

    def _next(self) -> _Job | None:
        """Wait for something to do; None at the end, or where there is nothing but encoders to free."""
        with self._condition:
            while not self._closing:
                if self._forgotten:
                    self._forgotten = False
                    self._seats.forget()
                now = self._clock.now()
                seats = self._seats.arrange(self._sharing(), self._most(), now)
                if self._waiting is not None and now - self._fed >= _SPACING:
                    shown, self._waiting = self._waiting, None
                    raw = tuple(viewer for viewer in self._playing() if isinstance(viewer, RawViewer))
                    return _Job(shown, True, seats, raw, self._last is not None)
                due = min((seat.encoder.due(seat.viewers) for seat in seats), default=math.inf)
                if self._waiting is not None:
                    due = self._fed + _SPACING
                elif self._last is None:
                    due = math.inf
                elif due <= now:
                    return _Job(self._last, False, seats, (), True)
                if self._seats.left:
                    return None
                self._condition.wait(min(due - now, _IDLE))
            return None

    def _sharing(self) -> Iterator[EncodedViewer]:
        """Those that play and share an encoder."""
        for viewer in self._playing():
            if isinstance(viewer, EncodedViewer) and not viewer.held and self.shares(viewer.codec):
                yield viewer

    def _maker(self, codec: str) -> Make:
        """What makes encoders of `codec`, which viewers share (see `shares`)."""
        if codec != "VP8" and self.hardware is not None:
            return self.hardware.make
        assert self.library is not None
        return partial(Vp8Encoder, self.library)

    def _most(self) -> int:
        """The bit rate from which on more are not seen, for the size of the pictures."""
        shown = self._waiting or self._last
        pixels = 0 if shown is None else shown.picture.width * shown.picture.height
        return max(_LEAST_TOP, min(MAX_BITRATE, round(_BITS_PER_PIXEL * 30 * pixels)))

    def _do(self, job: _Job) -> None:
        now = self._clock.now()
        seats = job.seats
        if not job.new:
            seats = [seat for seat in seats if seat.encoder.due(seat.viewers) <= now]
            # What encoders had last is not what was shown last where nobody played meanwhile.
            same = job.shown is self._sent
            waiting = [seat for seat in seats if not (same and seat.encoder.light(seat.viewers))]
            if len(waiting) < len(seats):
                self._tick(rw.time_micros())
            seats = waiting
        if not (seats or job.raw):
            return
        self._fed = now
        captured = rw.time_micros() if job.shown is self._sent else job.shown.captured
        # The engine drops a picture that is not a millisecond younger than the one before it.
        captured = self._captured = max(captured, self._captured + 1000)
        self._sent = job.shown
        if seats:
            shot = self._shot(job.shown.picture, captured, now)
            for seat in seats:
                seat.encoder.send(shot, seat.bits_per_second, seat.viewers, must=not job.kept)
            self._tick(captured)
        if job.raw:
            bgra = job.shown.picture.bgra
            for viewer in job.raw:
                viewer.push(bgra, job.shown.picture, captured)
        if not job.kept:
            self._seats.forget()

    def _tick(self, captured: int) -> None:
        if self.ticker is not None:
            self.ticker.tick(captured)

    def _shot(self, picture: Picture, captured: int, now: float) -> Shot:
        self._number += 1
        width, height = even(picture.width), even(picture.height)
        if self._planes.shape != (height * 3 // 2, width):
            self._planes = np.empty((height * 3 // 2, width), np.uint8)
        to_i420(picture.pixels(), self._planes)
        return Shot(self._planes, width, height, now, trailer(self._number, captured, picture.user_data))
