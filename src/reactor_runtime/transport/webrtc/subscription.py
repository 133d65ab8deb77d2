"""How one viewer comes to a video track, and whether what it is given leaves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

import reactor_webrtc as rw

from ...clock import Clock
from ...counters import Counters
from ...engine.connection import TrackSending
from .outputs import OutputTrack
from .retired import Retired
from .viewer import EncodedViewer, RawViewer

logger = logging.getLogger("reactor.webrtc")

_HEARD = 1.0
"""Seconds in which the media engine takes up what it is given: it does within 3 ms, unless it has made an encoder of
its own."""
_OWN_ENCODER = 0.5
"""Seconds in which it makes one of its own once it has a picture."""
_REPEATS = (0.15, 0.5)
"""When the first picture is sent again, in seconds: a lost key frame can only be made up for where one follows."""
_LOOK_EVERY, _LOOK_CLOSELY = 1.0, 0.2
_THROUGH = 0.05
"""Seconds after which what was given is through the media engine, or dropped."""
_CLOSELY = 25
"""So often it is looked closely where the way has got worse."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What subscriptions are made with.

    Attributes:
        factory: the media engine.
        clock, counters: as everywhere.
        turn: the engine gives the encoder it makes next to the track that was made first of those without one. So only
            one at a time may be between these two.
        retired: the tracks of viewers who have gone.
    """

    factory: rw.PeerConnectionFactory
    clock: Clock
    counters: Counters
    turn: asyncio.Lock
    retired: Retired = field(default_factory=Retired)


class Subscription:
    """One viewer's share of one video track.

    Args:
        output: the track.
        sender: where it goes out; nothing is attached to it yet.
        connection: the viewer's.
        shared: whether the client takes VP8, so that it can be served by a shared encoder.
        tagged: whether it takes trailers off its pictures.
    """

    def __init__(
        self,
        label: str,
        output: OutputTrack,
        sender: rw.Transceiver,
        connection: rw.PeerConnection,
        desk: Desk,
        *,
        shared: bool,
        tagged: bool,
    ) -> None:
        self._label = label
        self._output = output
        self._sender = sender
        self._connection: rw.PeerConnection | None = connection
        self._desk = desk
        self._shared = shared and output.library is not None
        self._tagged = tagged
        self._wanted = False
        self._viewer: EncodedViewer | RawViewer | None = None
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()

    @property
    def attached(self) -> bool:
        """Whether what is shown from now on is for it, too, while it plays."""
        return self._viewer is not None

    def play(self, playing: bool) -> None:
        """Have pictures, or none."""
        self._wanted = playing
        if self._viewer is not None:
            self._output.play(self._viewer, playing)

    def drop(self) -> None:
        """Let go of the engine's objects. What runs must have ended."""
        viewer, self._viewer = self._viewer, None
        if viewer is not None:
            self._output.remove(viewer)
            self._desk.retired.add(viewer.track)
        self._connection = None

    def amended(self, said: TrackSending) -> TrackSending:
        """What the media engine says of the sending, with what it does not know: how the pictures were encoded."""
        viewer = self._viewer
        if not isinstance(viewer, EncodedViewer):
            return said
        return replace(
            said, encoder="libvpx, shared", frames_encoded=viewer.frames, encode_seconds=viewer.encode_seconds
        )

    async def run(self) -> None:
        """Attach it, and look after it until cancelled."""
        if not (self._shared and await self._share()):
            await self._have_own()
        await self._send_first_again()
        await self._watch()

    async def _share(self) -> bool:
        """Be served by a shared encoder. Whether that works."""
        desk = self._desk
        name = f"{self._output.name}-{self._label}"
        async with desk.turn:
            track = desk.factory.create_video_track_with_options(name, pre_encoded=(2, 2), frame_metadata=False)
            assert isinstance(track, rw.EncodedVideoTrack)
            wake, changed = self._output.wake, _on(self._loop, self._changed)

            def on_change() -> None:
                wake()
                changed()

            viewer = EncodedViewer(track, tagged=self._tagged, on_change=on_change, now=desk.clock.now)
            await self._attach(track)
            # With the first picture the engine makes its encoder; one without any bytes is not sent.
            track.push_encoded_frame(b"", False, 2, 2)
            try:
                async with asyncio.timeout(_HEARD):
                    while not viewer.heard:
                        self._changed.clear()
                        await self._changed.wait()
            except TimeoutError:
                desk.counters.add("transport.encoders_not_shared")
                logger.warning("%s: the media engine encodes %s for it alone", self._label, self._output.name)
                return False
        self._take(viewer)
        return True

    async def _have_own(self) -> None:
        """Be served by an encoder of the media engine's."""
        desk = self._desk
        name = f"{self._output.name}-{self._label}-own"
        if self._output.library is None:  # no viewer shares an encoder, so there are no turns
            await self._own(desk.factory.create_video_track(name))
            return
        there = asyncio.Event()
        self._output.when_shown(_on(self._loop, there))
        await there.wait()
        async with desk.turn:
            await self._own(desk.factory.create_video_track(name))
            with suppress(TimeoutError):
                async with asyncio.timeout(_OWN_ENCODER):
                    while (stream := await self._stream()) is None or not stream.encoder_implementation:
                        self._output.repeat()
                        await asyncio.sleep(0.01)

    async def _own(self, track: rw.Track) -> None:
        await self._attach(track)
        self._take(RawViewer(track))

    def _take(self, viewer: EncodedViewer | RawViewer) -> None:
        self._viewer = viewer
        self._output.add(viewer)
        self._output.play(viewer, self._wanted)

    async def _attach(self, track: rw.Track | rw.EncodedVideoTrack) -> None:
        try:
            await self._sender.set_track(track)
        except RuntimeError as error:
            self._desk.counters.add("transport.play_failed")
            logger.warning("%s: could not play %s: %s", self._label, self._output.name, error)

    async def _send_first_again(self) -> None:
        shown = self._output.shown
        for delay in _REPEATS:
            await asyncio.sleep(delay)
            self._output.repeat(unless_after=shown)

    async def _watch(self) -> None:
        """Ask for a key frame where the media engine has dropped what it was given: it then drops all until one comes,
        and does not say so."""
        known = 0
        closely = 0
        while isinstance(viewer := self._viewer, EncodedViewer):
            self._changed.clear()
            try:
                async with asyncio.timeout(_LOOK_CLOSELY if closely else _LOOK_EVERY):
                    while not viewer.worsened:
                        await self._changed.wait()
                        self._changed.clear()
                await asyncio.sleep(_LOOK_CLOSELY)
            except TimeoutError:
                closely = max(0, closely - 1)
            if viewer.worsened:
                viewer.worsened, closely = False, _CLOSELY
            given = viewer.frames
            await asyncio.sleep(_THROUGH)
            stream = await self._stream()
            if stream is None:
                continue
            dropped = given - stream.frames_encoded
            if dropped > known:
                self._desk.counters.add("frames.dropped_by_network", dropped - known)
                viewer.dark = True
                self._output.wake()
                known = dropped

    async def _stream(self) -> rw.OutboundRtpStats | None:
        """What the engine says of this sender."""
        if self._connection is None:
            return None
        report = await self._connection.get_stats()
        mid = self._sender.mid()
        return next((stream for stream in report.outbound_rtp if stream.mid == mid), None)


def _on(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> Callable[[], None]:
    """Sets `event`, from any thread; nothing where the loop is closed."""

    def call() -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(event.set)

    return call
