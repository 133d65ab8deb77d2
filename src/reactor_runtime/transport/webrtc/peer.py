"""One client's connection."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import assert_never

import reactor_webrtc as rw

from ...clock import Clock
from ...complaints import Complaints
from ...counters import Counters
from ...engine.admission import Admission
from ...engine.connection import Client, Lobby, Sending
from ...engine.tasks import Tasks
from ...errors import SessionError, SignallingError
from ...interface.tracks import TrackInfo
from ...limits import Limits
from ...wire.json_v0 import JsonV0
from ...wire.latch import Latch
from ...wire.messages import ServerMessage
from . import negotiation
from .bridge import (
    Bridge,
    CandidateFound,
    ChannelChanged,
    ChannelFound,
    Event,
    GatheringDone,
    MessageArrived,
    StateChanged,
    TrackFound,
)
from .data import NETWORK_CALLBACKS, Channels, Talk
from .engine import Engine
from .ice import Gathering, IceSettings
from .inbound import InboundTrack
from .observer import observe
from .offers import Candidate
from .playback import Playback
from .sdp import first_codec, message_limit
from .sending import read_sending
from .traffic import Traffic, read_traffic
from .video import Subscription, takes_trailers

logger = logging.getLogger("reactor.webrtc")

_FLUSH = 0.5
"""How long, in seconds, a closing connection waits for what was sent to arrive."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every peer works with."""

    lobby: Lobby
    engine: Engine
    ice: IceSettings
    tracks: Sequence[TrackInfo]
    clock: Clock
    limits: Limits
    counters: Counters
    numbers: Iterator[int] = field(default_factory=itertools.count)
    """One for each peer, which no other has."""
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the server is on its way down."""


class Peer:
    """One client's connection (see `Connection`). It joins once it is connected and its data channel is open.

    Args:
        label: what the log calls it.
        around: what it works with.
        admission: what its client is allowed.
        shared: it came by the shared routes: it speaks JSON, has no control channel and plays everything at once.
        on_gone: called once, with this peer, when the connection is lost, refused or closed. It sees to `close()`.

    Raises:
        SignallingError: 503, the engine makes no connection.
    """

    def __init__(
        self,
        label: str,
        around: Surroundings,
        *,
        admission: Admission,
        shared: bool,
        on_gone: Callable[[Peer], None],
    ) -> None:
        limits, counters = around.limits, around.counters
        self._label = label
        self._admission = admission
        self._around = around
        self._on_gone = on_gone
        self.complaints = Complaints(logger, around.clock.now, label)
        """The log's bounded place for what this client makes it say."""
        self._tasks = Tasks(counters)
        self._channels = Channels(
            shared=shared,
            clock=around.clock,
            limits=limits,
            counters=counters,
            complaints=self.complaints,
            bulk=NETWORK_CALLBACKS,
        )
        latch = Latch(limits, JsonV0(limits) if shared else None, counters=counters, clock=around.clock, label=label)
        self._talk = Talk(latch, self._channels, self.complaints, around.clock, limits, counters)
        self._bridge = Bridge(asyncio.get_running_loop(), self._handle, limits, counters, self._talk.overflowed)
        self._channels_changed = asyncio.Event()
        self._playback = Playback(label, around.engine, self._tasks, counters)
        self._gathering = Gathering()
        self._found: list[tuple[rw.MediaKind, rw.Track]] = []
        self._inbound: list[InboundTrack] = []
        self._senders: dict[str, rw.Transceiver] = {}
        self._names: dict[str, str] = {}
        self._number = next(around.numbers)
        self._candidates = 0
        self._state = rw.PeerConnectionState.New
        self._client: Client | None = None
        self._gone = False
        self._reported = False
        self._closing: asyncio.Task[None] | None = None
        self._offer = self._answer = ""
        self.ufrags: frozenset[str] = frozenset()
        if shared:
            for track in around.tracks:
                self._playback.play(track.name, True)
        observer, closed = rw.PeerConnectionObserver(), around.engine.living.begin()
        observe(observer, self._bridge, closed)
        self._connection: rw.PeerConnection | None = None
        try:
            self._connection = around.engine.connect(observer)
        except BaseException:
            self._bridge.close()
            closed()
            raise
        self._expiry = asyncio.get_running_loop().call_later(limits.connect_timeout, self._expire)

    # -- signalling

    @property
    def joined(self) -> bool:
        """Whether it is part of the session."""
        return self._client is not None

    @property
    def gone(self) -> bool:
        """Whether it was lost, refused or closed."""
        return self._gone

    @property
    def playing(self) -> frozenset[str]:
        """The output tracks it plays now."""
        return self._playback.playing

    async def accept(self, plan: negotiation.Plan) -> None:
        """Take an offer.

        Raises:
            SignallingError: 422, the engine does not take it.
        """
        if self._connection is None:
            raise SignallingError(f"{self._label} has been closed", status=422)
        self.ufrags = plan.ufrags
        self._offer = plan.sdp
        senders = await negotiation.accept(self._connection, plan, self._around.engine)
        if self._connection is None:
            raise SignallingError(f"{self._label} was closed before it was answered", status=422)
        self._senders = senders
        self._names = {mid: track.name for mid, track in plan.by_mid.items()}
        for kind, found in (("video", rw.MediaKind.Video), ("audio", rw.MediaKind.Audio)):
            names = [name for media, name in plan.arrivals if media == kind]
            tracks = [track for media, track in self._found if media == found]
            for name, track in zip(names, tracks, strict=False):
                if name is not None and not self._admission.watches_only:
                    self._inbound.append(InboundTrack(name, track, self._around.counters))
        self._found.clear()

    async def answer(self) -> str:
        """The answer to the offer, with all candidates in it.

        Raises:
            SignallingError: 422, there is none.
        """
        if self._connection is None:
            raise SignallingError(f"{self._label} was closed before it was answered", status=422)
        answer = self._answer = await negotiation.answer(self._connection, self._gathering, self._around.ice)
        self._channels.message_limit = message_limit(self._offer, answer)
        return answer

    async def add_candidate(self, candidate: Candidate) -> None:
        """Take one of the client's candidates.

        Raises:
            SignallingError: 422, the engine does not take it.
        """
        self._candidates += 1
        if self._candidates > self._around.limits.early_candidates:
            self._around.counters.add("transport.candidates_dropped")
            return
        if self._connection is None:
            return
        try:
            async with asyncio.timeout(_FLUSH):
                await self._connection.add_ice_candidate(
                    rw.IceCandidate(candidate.candidate, candidate.sdp_mid, candidate.sdp_mline_index)
                )
        except (RuntimeError, ValueError, OverflowError, TimeoutError) as error:
            problem = f"candidate: the media engine refuses {candidate.candidate!r}: {error}"
            raise SignallingError(problem, status=422) from error

    # -- what the engine of the runtime asks for (see Connection)

    @property
    def label(self) -> str:
        return self._label

    @property
    def admission(self) -> Admission:
        return self._admission

    def send(self, message: ServerMessage) -> None:
        self._talk.say(message)
        if self._channels.too_slow:
            self.leave("it does not take what is sent")

    def play(self, track: str, playing: bool) -> None:
        self._playback.play(track, playing)

    def media_time(self, at: float) -> int:
        return self._around.engine.media_time(at)

    async def sending(self) -> Sending | None:
        connection = self._connection
        if connection is None:
            return None
        return await read_sending(connection, self._senders, self._playback.subscriptions)

    async def traffic(self) -> Traffic | None:
        """What goes over it; None where it is closed."""
        return None if self._connection is None else await read_traffic(self._number, self._connection, self._names)

    async def close(self) -> None:
        if self._closing is None:
            name = f"{self._label}: closing"
            self._closing = asyncio.get_running_loop().create_task(self._close(), name=name)
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self._expiry.cancel()
        if self._state == rw.PeerConnectionState.Connected and not self._gone:
            arrived = await self._channels.finish(self._channels_changed, _FLUSH)
            # No news where the server goes, or where the client has gone meanwhile.
            if not arrived and not self._around.ending.is_set() and self._state == rw.PeerConnectionState.Connected:
                self.complaints.warn("closed before it had taken all that was sent")
        self._gone = True
        self._bridge.close()
        await self._tasks.close()
        for track in self._inbound:
            track.close()
        # The engine's objects close when nothing refers to them any more.
        self._inbound.clear()
        self._found.clear()
        self._talk.close()
        self._senders.clear()
        self._playback.drop()
        self._channels.drop()
        self._connection = None
        self._client = None
        self._report()

    def _report(self) -> None:
        if not self._reported:
            self._reported = True
            self._on_gone(self)

    def leave(self, reason: str) -> None:
        """The connection is lost: tell the client's side, once."""
        if self._gone or self._closing is not None:
            return
        self._gone = True
        self._bridge.close()
        self._expiry.cancel()
        logger.debug("%s left: %s", self._label, reason)
        if self._client is not None:
            self._client.left(reason)
        self._report()

    def _expire(self) -> None:
        if self._client is None:
            self._around.counters.add("transport.connect_timeouts")
            self.leave(f"it did not connect within {self._around.limits.connect_timeout:g} s")

    def _subscribe(self, track: str, sender: rw.Transceiver) -> Subscription | None:
        """This viewer's subscription to a video track."""
        connection, engine = self._connection, self._around.engine
        output, desk = engine.output(track), engine.desk
        if connection is None or output is None or desk is None:
            return None
        codec, tagged = first_codec(self._answer, sender.mid() or ""), takes_trailers(self._offer)
        return Subscription(self._label, output, sender, connection, desk, codec=codec, tagged=tagged)

    # -- what the media engine reports

    def _handle(self, event: Event) -> None:
        match event:
            case MessageArrived():  # first, as most are
                if not self._gone:
                    self._talk.hear(event)
            case StateChanged(state):
                self._connection_changed(state)
            case CandidateFound(candidate):
                self._gathering.add(candidate)
            case GatheringDone():
                self._gathering.complete()
            case TrackFound(kind, track):
                self._found.append((kind, track))
            case ChannelFound(channel, label):
                self._channels.add(channel, label)
                self._channel_changed()
            case ChannelChanged():
                self._channel_changed()
            case _:
                assert_never(event)

    def _connection_changed(self, state: rw.PeerConnectionState) -> None:
        self._state = state
        if state == rw.PeerConnectionState.Failed:
            self.leave("the connection failed")
        elif state == rw.PeerConnectionState.Closed:
            self.leave("the client closed the connection")
        else:
            self._join_if_ready()

    def _channel_changed(self) -> None:
        self._channels_changed.set()
        if self._closing is not None:
            return
        self._channels.release()
        if self._channels.closed:
            self.leave("the client closed its data channel")
        else:
            self._join_if_ready()

    def _join_if_ready(self) -> None:
        if self._client is not None or self._closing is not None:
            return
        if self._state != rw.PeerConnectionState.Connected or not self._channels.open:
            return
        try:
            client = self._around.lobby.join(self)
        except SessionError as error:
            self._around.counters.add("transport.joins_refused")
            self.leave(str(error))
            return
        if self._gone or self._closing is not None:  # it was closed or dropped while it joined
            client.left("the connection closed while it joined")
            return
        self._client = client
        self._expiry.cancel()
        for track in self._inbound:
            track.open(client)
        self._playback.start(self._senders, self._subscribe)
        self._talk.begin(client)
