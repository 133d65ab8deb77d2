"""All WebRTC connections: their ids, offers and answers."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from traceback import clear_frames

from ...clock import Clock
from ...counters import Counters
from ...engine.admission import UNRESTRICTED, Admission
from ...engine.connection import Lobby
from ...engine.measures import Histogram
from ...engine.tasks import Tasks
from ...errors import SignallingError
from ...interface.tracks import TrackInfo
from ...limits import Limits
from ...media.frameset import FrameSet
from ...media.hardware import Recipe
from .answers import Answer, SharedAnswers
from .engine import Engine
from .ice import EarlyCandidates, IceServer, IceSettings, fresh, read_candidate
from .negotiation import Plan, plan
from .offers import Candidate, Offer
from .peer import Peer, Surroundings
from .traffic import Traffic, ask_all

logger = logging.getLogger("reactor.webrtc")

SHARED_ID = 1001
"""The id of all connections that come by the shared routes."""
_FIRST_ID, _LAST_ID = 1001, 9999
_FIRST_MINTED = 5000
_RETRY_AFTER = 5
"""When to ask again, in seconds, where there are too many connections."""
_FOR_CONTROL = 8
"""One of so many places is not for those who may only watch: else they could leave none to who may command."""
_UNTIL_CLOSED = 0.5
"""How long the end waits, in seconds, for the media engine to close what nobody refers to any more."""
_HEAD_START = 0.1
"""How long an offer waits for its answer, so that a client's first poll finds it."""


@dataclass(slots=True, eq=False)
class _Place:
    """What is known of one connection id. Only with the credential it was taken with (see `Admission.holder`) can
    anything be done to it: else who may only watch could take the place of who may command."""

    since: float
    holder: str
    peer: Peer | None = None
    answer: Answer = field(default_factory=Answer)


class Peers:
    """The WebRTC transport (see `Transport`). All but `show` is for the server's loop.

    Raises:
        RuntimeError: another one lives in this process; there can be one media engine only.
        ManifestError: the media engine takes no such ICE server.
    """

    def __init__(
        self,
        lobby: Lobby,
        tracks: Sequence[TrackInfo],
        *,
        clock: Clock,
        limits: Limits,
        counters: Counters,
        ice: IceSettings = IceSettings(),  # noqa: B008  (frozen)
        encoders: Sequence[Recipe] = (),
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._counters = counters
        self._engine = Engine(ice, tracks, limits, clock, counters, encoders)
        self._around = Surroundings(lobby, self._engine, ice, tuple(tracks), clock, limits, counters)
        self._places: dict[int, _Place] = {}
        self._known: set[int] = {SHARED_ID}
        self._shared: dict[Peer, Answer] = {}
        self._shared_count = 0
        self._answers = SharedAnswers(clock, limits, counters)
        self._early = EarlyCandidates(limits, counters)
        self._pending: set[Peer] = set()
        self._answering = Tasks(counters)
        self._closing = Tasks(counters)
        self._random = random.Random()
        self._ice = ice

    def ice_servers(self) -> list[IceServer]:
        """What one client more is to use: where a TURN server shares a secret, with credentials for that client."""
        label = f"client-{secrets.token_hex(4)}"
        return [fresh(server, label, time.time(), self._limits.turn_credentials) for server in self._ice.servers]

    # -- connections with an id of their own

    def register(self, admission: Admission = UNRESTRICTED) -> int:
        """A new connection id, for a client that was let in so.

        Raises:
            SignallingError: 503, there are too many connections.
        """
        self._make_room(admission)
        free = [cid for cid in range(_FIRST_MINTED, _LAST_ID + 1) if cid not in self._places]
        # A stranger's late candidates and offers for an id that was in use must not meet a new connection.
        cid = self._random.choice([cid for cid in free if cid not in self._known] or free)
        self._places[cid] = _Place(self._clock.now(), admission.holder)
        self._known.add(cid)
        return cid

    async def offer(self, cid: int, offer: Offer) -> None:
        """Take an offer on any id; a connection that lives on it is replaced.

        Returns once the offer is accepted; the answer is there then, or soon.

        Raises:
            SignallingError: 400 the id is out of range; 404 it is somebody else's; 422 the offer is wrong; 503 there
                are too many connections.
        """
        _check_id(cid)
        self._check_holder(cid, offer.admission.holder)
        checked = plan(offer, self._around.tracks, self._counters)
        place = self._places.get(cid)
        if place is None:
            self._make_room(offer.admission)
        else:
            place.answer = Answer()  # a stale answer must not be collected for this offer
        peer = await self._accept(f"peer {cid}", checked, offer.admission, shared=False)
        try:
            self._check_holder(cid, offer.admission.holder)  # somebody else may have taken it meanwhile
        except SignallingError:
            await peer.close()
            raise
        old = self._places.get(cid)
        if old is not None and old.peer is not None:
            old.peer.leave("a new offer replaced it")
        place = self._places[cid] = _Place(self._clock.now(), offer.admission.holder, peer)
        self._known.add(cid)
        await self._replay(peer, self._early.take((cid, offer.admission.holder), checked.ufrags))
        await self._answer(peer, place.answer)

    def collect(self, cid: int, holder: str = "") -> str | None:
        """The answer to the last offer on `cid`, once; None while it is not there yet, or was collected.

        Raises:
            SignallingError: 404 the id is unknown; 422 the offer could not be answered.
        """
        self._prune()
        self._check_known(cid)
        self._check_holder(cid, holder)
        place = self._places.get(cid)
        if place is None:
            raise SignallingError(f"connection {cid} is over; send a new offer", status=404)
        if place.answer.error is not None:
            raise place.answer.error.with_traceback(None)  # it is raised at each poll
        sdp, place.answer.sdp = place.answer.sdp, None
        return sdp

    async def candidates(self, cid: int, candidates: Sequence[Candidate], holder: str = "") -> None:
        """Take a client's candidates, before its offer or after it.

        Raises:
            SignallingError: 400 the id is out of range; 404 this session has never seen it; 422 one of them is none,
                and none was taken.
        """
        _check_id(cid)
        self._check_known(cid)
        if cid != SHARED_ID:  # which is everybody's: there, each one's candidates are for its own offers
            self._check_holder(cid, holder)
        wanted: list[tuple[Candidate, str | None]] = []
        for index, candidate in enumerate(candidates):
            if not candidate.candidate:
                continue  # there are no more: nothing waits for that
            try:
                address = read_candidate(candidate.candidate)
            except SignallingError as error:
                raise SignallingError(f"candidates[{index}].{error}", status=422) from error
            if address.reachable:
                wanted.append((candidate, address.ufrag))
            else:
                self._counters.add("transport.candidates_dropped")
        for candidate, ufrag in wanted:
            peer = self._addressee(cid, ufrag, holder)
            if peer is None:
                self._early.keep((cid, holder), candidate, ufrag)
            else:
                await peer.add_candidate(candidate)

    def _check_known(self, cid: int) -> None:
        if cid not in self._known:
            raise _unknown(cid)

    def _check_holder(self, cid: int, holder: str) -> None:
        place = self._places.get(cid)
        if place is not None and place.holder != holder:
            self._counters.add("transport.foreign_connections")
            raise _unknown(cid)

    def _addressee(self, cid: int, ufrag: str | None, holder: str) -> Peer | None:
        """The peer a candidate is for; None where its offer is still to come."""
        place = self._places.get(cid)
        peers = [place.peer] if place is not None and place.peer is not None else []
        if cid == SHARED_ID:
            peers += reversed(self._shared)
        own = (peer for peer in peers if peer.admission.holder == holder)
        return next((peer for peer in own if ufrag is None or ufrag in peer.ufrags), None)

    # -- the shared routes

    async def offer_shared(self, offer: Offer, poller: str | None = None) -> int:
        """Take an offer as a connection of its own, beside those that live, and return the id they all have.

        Args:
            poller: who makes it, in any words, such as its TCP connection: `collect_shared` prefers the same one.

        Raises:
            SignallingError: 422 the offer is wrong; 503 there are too many connections.
        """
        checked = plan(offer, self._around.tracks, self._counters)
        self._make_room(offer.admission)
        self._shared_count += 1
        label = f"peer {SHARED_ID}-{self._shared_count}"
        answer = self._answers.expect(poller, offer.admission.holder)
        try:
            peer = await self._accept(label, checked, offer.admission, shared=True)
        except BaseException:
            self._answers.drop(answer)
            raise
        self._shared[peer] = answer
        await self._replay(peer, self._early.take((SHARED_ID, offer.admission.holder), checked.ufrags))
        await self._answer(peer, answer)
        return SHARED_ID

    def collect_shared(self, poller: str | None = None, holder: str = "") -> str | None:
        """The answer to the last offer of `poller`, else the next one in the order of the offers of `holder`; None
        while it is not there yet.

        Raises:
            SignallingError: 422, that offer could not be answered.
        """
        return self._answers.collect(poller, holder)

    # -- what the runtime's engine asks for (see Transport)

    def show(self, frames: FrameSet, at: float) -> None:
        self._engine.show(frames, at)

    def flush(self, boundary: FrameSet) -> None:
        self._engine.flush(boundary)

    async def reset(self) -> None:
        """The session is over: drop connections that have not joined, and what is kept for ones to come."""
        waiting = [peer for peer in self._peers() if not peer.joined]
        self._places = {cid: place for cid, place in self._places.items() if place.peer and place.peer.joined}
        self._shared = {peer: answer for peer, answer in self._shared.items() if peer.joined}
        self._answers.clear()
        self._early.clear()
        self._known = {SHARED_ID, *self._places}
        self._engine.flush(FrameSet())
        await asyncio.gather(*(peer.close() for peer in waiting))

    def expect_end(self) -> None:
        """The server is on its way down: that clients miss the last words is no news any more."""
        self._around.ending.set()

    async def close(self) -> None:
        """Close all connections, then the media engine."""
        self.expect_end()
        await self._answering.close()
        peers = self._peers()
        self._places.clear()
        self._shared.clear()
        self._answers.clear()
        self._early.clear()
        await asyncio.gather(*(peer.close() for peer in peers))
        await self._closing.settled()
        if left := await asyncio.to_thread(self._engine.living.wait, _UNTIL_CLOSED):
            self._counters.add("transport.connections_left_open", left)
            logger.warning("connections that the media engine has not closed: %d", left)
        self._engine.close()

    # -- for who watches the server

    @property
    def count(self) -> int:
        """How many connections there are, live and half-open."""
        return len(self._places) + len(self._shared) + len(self._pending)

    @property
    def encoding(self) -> dict[str, Histogram]:
        """How long it takes to encode a picture for all that share it, by video track."""
        return self._engine.encoding

    async def traffic(self, seconds: float) -> Sequence[Traffic]:
        """What goes over the connections that have joined; those that do not say so within `seconds` are left out, and
        counted."""
        said, silent = await ask_all([peer for peer in self._peers() if peer.joined], seconds)
        if silent:
            self._counters.add("transport.stats_missed", silent)
        return said

    # -- one connection

    def _peers(self) -> list[Peer]:
        own = (place.peer for place in self._places.values() if place.peer is not None)
        return [*own, *self._shared, *self._pending]

    def _make_room(self, admission: Admission) -> None:
        self._prune()
        most = self._limits.connections
        if admission.watches_only:
            most -= most // _FOR_CONTROL
        if self.count >= most:
            self._counters.add("transport.connections_refused")
            raise SignallingError(
                f"there are {self.count} connections, the most there may be",
                status=503,
                retry_after=_RETRY_AFTER,
            )

    def _prune(self) -> None:
        """Forget ids that no connection came of."""
        oldest = self._clock.now() - self._limits.connect_timeout
        for cid, place in list(self._places.items()):
            if place.peer is None and place.since <= oldest:
                del self._places[cid]

    async def _accept(self, label: str, checked: Plan, admission: Admission, *, shared: bool) -> Peer:
        try:
            peer = Peer(label, self._around, admission=admission, shared=shared, on_gone=self._gone)
        except SignallingError:
            self._counters.add("transport.offers_refused")
            raise
        self._pending.add(peer)
        try:
            await peer.accept(checked)
        except BaseException as error:
            # Whoever keeps the error would keep the connection open, by variables on the way here.
            clear_frames(error.__traceback__)
            self._counters.add("transport.offers_refused")
            await peer.close()
            raise
        finally:
            self._pending.discard(peer)
        return peer

    async def _replay(self, peer: Peer, candidates: Sequence[Candidate]) -> None:
        for candidate in candidates:
            try:
                await peer.add_candidate(candidate)
            except SignallingError as error:
                self._counters.add("transport.candidates_dropped")
                peer.complaints.warn(str(error))

    async def _answer(self, peer: Peer, answer: Answer) -> None:
        """Begin to answer, and wait for the answer for a moment."""
        self._answering.spawn(self._engine.prepare(), "the media engine's tickers")
        task = self._answering.spawn(self._fill(peer, answer), f"{peer.label}: answer")
        await asyncio.wait({task}, timeout=_HEAD_START)

    async def _fill(self, peer: Peer, answer: Answer) -> None:
        try:
            sdp = await peer.answer()
            if not peer.gone:
                answer.sdp, answer.ready = sdp, self._clock.now()
        except SignallingError as error:
            clear_frames(error.__traceback__)  # likewise
            answer.error, answer.ready = error, self._clock.now()
            self._counters.add("transport.offers_failed")
            peer.leave(str(error))

    def _gone(self, peer: Peer) -> None:
        """A connection was lost or closed: it frees its place. A refusal stays there for its client to collect."""
        answer = self._shared.pop(peer, None)
        if answer is not None and answer.error is None:
            self._answers.drop(answer)
        for cid, place in list(self._places.items()):
            if place.peer is peer and place.answer.error is None:
                del self._places[cid]
            elif place.peer is peer:
                place.peer = None
        self._closing.spawn(peer.close(), f"{peer.label}: closing")


def _unknown(cid: int) -> SignallingError:
    return SignallingError(f"there is no connection {cid}; register one, or send an offer", status=404)


def _check_id(cid: int) -> None:
    if not _FIRST_ID <= cid <= _LAST_ID:
        raise SignallingError(f"connection_id: {cid} is not between {_FIRST_ID} and {_LAST_ID}", status=400)
