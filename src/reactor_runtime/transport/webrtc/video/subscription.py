"""How one viewer comes to a video track, and whether what it is given leaves."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import reactor_webrtc as rw

from ....engine.connection import TrackSending
from .desk import Desk
from .outage import Outage
from .outputs import OutputTrack
from .retired import without_complaint
from .viewer import EncodedViewer, RawViewer

logger = logging.getLogger("reactor.webrtc")

_HEARD = 1.0
"""Seconds in which the media engine takes up what it is given: it does within 3 ms, unless it has made an encoder of
its own."""
_OWN_ENCODER = 0.5
"""Seconds in which it makes one of its own once it has a picture."""
_REPEATS = (0.15, 0.5)
"""When the first picture is sent again, in seconds: a lost key frame can only be made up for where one follows."""
_LOOK_EVERY, _LOOK_CLOSELY = 1.0, 0.1
_THROUGH = 0.015
"""Seconds after which what was given is through the media engine, or stays behind."""
_AT_FIRST = 3
"""So many are let follow when it is attached: the first, without any bytes, may have stayed behind."""
_CLOSELY = 40
"""So often it is looked closely where the way has got worse."""
_HOPELESS = 10
"""So many pictures behind, a viewer is given no more until they have left."""
_TICK_EVERY = 0.005
_TROUBLE = 5.0
"""Seconds for which the way counts as troubled once it has got much worse."""
_ENGINE_DEADLINE = 5.0
_QUEUED, _REST, _RESTS_EVERY = 0.15, 0.4, 2.0
"""Where packets wait for so many seconds before they are sent, a viewer is given nothing for twice as long, but not
longer than the second, and not again within the third."""


class Subscription:
    """One viewer's share of one video track.

    Args:
        output: the track.
        sender: where it goes out; nothing is attached to it yet.
        connection: the viewer's.
        codec: what its pictures are sent in, as SDP calls it: it decides whether a shared encoder can serve it.
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
        codec: str,
        tagged: bool,
    ) -> None:
        self._label = label
        self._output = output
        self._sender = sender
        self._connection: rw.PeerConnection | None = connection
        self._desk = desk
        self._codec = codec
        self._shared = output.shares(codec)
        self._tagged = tagged
        self._wanted = False
        self._viewer: EncodedViewer | RawViewer | None = None
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._received = 0
        """How many packets have come of the viewer, as of the last look at the engine's figures."""

    @property
    def attached(self) -> bool:
        """Whether what is shown from now on is for it, too, while it plays."""
        return self._viewer is not None

    def play(self, playing: bool) -> None:
        """Have pictures, or none."""
        self._wanted = playing
        self._feed(playing)

    def drop(self) -> None:
        """Let go of the engine's objects. What runs must have ended."""
        viewer, self._viewer = self._viewer, None
        if viewer is not None:
            self._output.remove(viewer)
            if isinstance(viewer, EncodedViewer):  # one without an encoder yet would be given another viewer's
                self._desk.retired.add(viewer.track)
        self._connection = None

    def amended(self, said: TrackSending) -> TrackSending:
        """What the media engine says of the sending, with what it does not know: how the pictures were encoded."""
        viewer = self._viewer
        if not isinstance(viewer, EncodedViewer):
            return said
        return replace(
            said,
            encoder=f"{viewer.encoder or 'libvpx'}, shared",
            frames_encoded=viewer.frames,
            encode_seconds=viewer.encode_seconds,
        )

    async def run(self) -> None:
        """Attach it, and look after it until cancelled."""
        if not (self._shared and await self._share()):
            await self._have_own()
        await self._catch_up(_AT_FIRST)
        await self._send_first_again()
        await self._watch()

    async def _share(self) -> bool:
        """Be served by a shared encoder. Whether that works."""
        desk = self._desk
        ticker = (await desk.prepare()).get(self._output.name)
        if ticker is None:
            return False
        async with desk.turn:
            name = f"{self._output.name}-{self._label}"
            track = desk.factory.create_video_track_with_options(name, pre_encoded=(2, 2), frame_metadata=False)
            assert isinstance(track, rw.EncodedVideoTrack)
            wake, changed = self._output.wake, _on(self._loop, self._changed)

            def on_change() -> None:
                wake()
                changed()

            viewer = EncodedViewer(
                track, tagged=self._tagged, codec=self._codec, on_change=on_change, now=desk.clock.now
            )
            await self._attach(track)
            # With the first picture the engine makes its encoder; one without any bytes is not sent.
            track.push_encoded_frame(b"", False, 2, 2)
            try:
                async with asyncio.timeout(_HEARD):
                    while not viewer.heard:
                        self._changed.clear()
                        await self._changed.wait()
            except BaseException as error:
                # Not kept until later: without an encoder, it would be given the next viewer's.
                with without_complaint():
                    del viewer, track
                if not isinstance(error, TimeoutError):
                    raise
                desk.counters.add("transport.encoders_not_shared")
                logger.warning("%s: the media engine encodes %s for it alone", self._label, self._output.name)
                return False
            try:
                await self._attach(ticker.track)
            except BaseException:
                desk.retired.add(track)  # the client has left, and it has its encoder
                raise
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
        call = _on(self._loop, there)
        self._output.when_shown(call)
        try:
            await there.wait()
        finally:
            self._output.do_not_call(call)
        async with desk.turn:
            await self._own(desk.factory.create_video_track(name))
            with suppress(TimeoutError):
                async with asyncio.timeout(_OWN_ENCODER):
                    while (stream := await self._stream()) is None or not stream.encoder_implementation:
                        self._feed(True)  # though it rests: it would be given the encoder of another viewer
                        await asyncio.sleep(0.01)
            self._feed(self._wanted)

    async def _own(self, track: rw.Track) -> None:
        await self._attach(track)
        self._take(RawViewer(track))

    def _take(self, viewer: EncodedViewer | RawViewer) -> None:
        self._viewer = viewer
        self._output.add(viewer)
        self._output.play(viewer, self._wanted)

    def _feed(self, playing: bool) -> None:
        if self._viewer is not None:
            self._output.play(self._viewer, playing)

    async def _attach(self, track: rw.Track | rw.EncodedVideoTrack) -> None:
        try:
            async with asyncio.timeout(_ENGINE_DEADLINE):
                await self._sender.set_track(track)
        except (RuntimeError, TimeoutError) as error:
            self._desk.counters.add("transport.play_failed")
            logger.warning("%s: could not play %s: %s", self._label, self._output.name, str(error) or "no answer")

    async def _send_first_again(self) -> None:
        shown = self._output.shown
        for delay in _REPEATS:
            await asyncio.sleep(delay)
            self._output.repeat(unless_after=shown)

    async def _watch(self) -> None:
        """Let what has stayed behind follow: the media engine leaves pictures out where the network is too slow for
        what was sent before, and does not say so."""
        closely, late, given, rested, troubled = 0, 0, -1, -math.inf, -math.inf
        outage = Outage()
        sent = await self._stream()
        while isinstance(viewer := self._viewer, EncodedViewer):
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_CLOSELY if closely else _LOOK_EVERY):
                    while closely or not viewer.worsened:
                        self._changed.clear()
                        await self._changed.wait()
            if viewer.worsened:
                troubled = self._desk.clock.now()
            closely = _CLOSELY if viewer.worsened or viewer.held or outage.away else max(0, closely - 1)
            viewer.worsened = False
            if not closely and viewer.frames == given:
                continue  # nothing was sent, and nothing has stayed behind
            stream, behind = await self._behind(viewer)
            if behind > 0:
                await asyncio.sleep(_THROUGH)
                before = behind
                stream, behind = await self._behind(viewer)
                behind = min(before, behind)
            if stream is None or sent is None:
                sent = stream
                continue
            if outage.over(self._received, viewer.frames, self._desk.clock.now()):
                self._desk.counters.add("video.outages")
                viewer.dark = True
                self._output.wake()
            viewer.pressed = (stream.target_bitrate_bps if closely else 0) or math.inf
            if behind > 0:
                self._desk.counters.add("frames.late_for_bandwidth", max(0, behind - late))
                closely = _CLOSELY
            late, given = max(0, behind), viewer.frames if behind <= 0 else -1
            viewer.hold(behind > (0 if viewer.held else _HOPELESS))
            await self._catch_up(behind)
            packets, waited = stream.packets_sent - sent.packets_sent, 0.0
            if packets:
                waited = (stream.total_packet_send_delay_s - sent.total_packet_send_delay_s) / packets
            sent = stream
            now = self._desk.clock.now()
            if waited > _QUEUED and now < troubled + _TROUBLE and now > rested + _RESTS_EVERY:
                # Sent on and on, what waits never becomes less. Without trouble, it is a large picture that waits.
                self._desk.counters.add("frames.rests_for_bandwidth")
                viewer.hold(True)
                await asyncio.sleep(min(2 * waited, _REST))
                viewer.hold(False)
                self._output.wake()
                rested = self._desk.clock.now()

    async def _behind(self, viewer: EncodedViewer) -> tuple[rw.OutboundRtpStats | None, int]:
        """What the engine says, and how many pictures it was given that have not left its queue; one may have been on
        its way."""
        stream = await self._stream()
        return stream, 0 if stream is None else viewer.frames - stream.frames_encoded

    async def _catch_up(self, pictures: int) -> None:
        """Let so many follow that have stayed behind."""
        for _ in range(pictures):
            self._output.tick()
            await asyncio.sleep(_TICK_EVERY)

    async def _stream(self) -> rw.OutboundRtpStats | None:
        """What the engine says of this sender; None where it says nothing."""
        if self._connection is None:
            return None
        try:
            async with asyncio.timeout(_ENGINE_DEADLINE):
                report = await self._connection.get_stats()
        except TimeoutError:
            self._desk.counters.add("transport.figures_missed")
            return None
        self._received = sum(pair.packets_received for pair in report.candidate_pairs)
        mid = self._sender.mid()
        return next((stream for stream in report.outbound_rtp if stream.mid == mid), None)


def _on(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> Callable[[], None]:
    """Sets `event`, from any thread; nothing where the loop is closed."""

    def call() -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(event.set)

    return call
