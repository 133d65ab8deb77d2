"""How a WebRTC connection comes about: ICE servers, connection ids, offers, answers, candidates.

Clients that register a connection use the routes under `connections/{id}`; older ones use the shared routes without an
id, where each offer is a connection of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..engine.runtime import Runtime
from ..errors import SignallingError
from ..transport.webrtc import Candidate, MappedTrack, Offer, Peers
from ..transport.webrtc.peers import SHARED_ID
from .access import admitted
from .body import problem, read_body, read_json
from .errors import RequestError

_BASE = "/sessions/{session_id}/transport/webrtc"
_OWN = _BASE + "/connections/{connection_id}"
_REFUSALS_EVERY = 10.0
"""Seconds from one refusal in the journal to the next."""


class ClientInfoBody(msgspec.Struct):
    """Which SDK speaks."""

    sdk_type: str = ""
    sdk_version: str = ""


class TrackBody(msgspec.Struct):
    """Which media section carries which track; `direction` is the client's."""

    mid: str
    name: str
    kind: Literal["video", "audio"]
    direction: Literal["recvonly", "sendonly"]


class OfferBody(msgspec.Struct):
    """An offer."""

    sdp_offer: str
    track_mapping: list[TrackBody]
    client_info: ClientInfoBody | None = None


class CandidateBody(msgspec.Struct):
    """One candidate; an empty one ends them."""

    candidate: str
    sdp_mid: Annotated[str, msgspec.Meta(max_length=256)] | None = None
    sdp_mline_index: Annotated[int, msgspec.Meta(ge=0, le=65535)] | None = None


class CandidatesBody(msgspec.Struct):
    """A batch of candidates; the last one has `is_final` and may be empty."""

    candidates: list[CandidateBody]
    is_final: bool = False


class SignallingRoutes:
    """Brings clients and the WebRTC transport together. All need the running session's id."""

    def __init__(self, runtime: Runtime, peers: Peers) -> None:
        self._runtime = runtime
        self._peers = peers

    def routes(self) -> list[Route]:
        """The routes."""
        polls = [Route(base + "/sdp_params", self._poll, methods=["GET"]) for base in (_BASE, _OWN)]
        for poll in polls:
            assert poll.methods is not None
            poll.methods.discard("HEAD")  # a poll takes the answer away
        return [
            Route(_BASE + "/ice_servers", self._ice_servers, methods=["GET"]),
            Route(_BASE + "/connections", self._register, methods=["POST"]),
            *(Route(base + "/sdp_params", self._offer, methods=["POST", "PUT"]) for base in (_BASE, _OWN)),
            *polls,
            *(Route(base + "/ice_candidates", self._candidates, methods=["POST"]) for base in (_BASE, _OWN)),
        ]

    def _check_session(self, request: Request) -> None:
        self._runtime.find_session(request.path_params["session_id"])

    async def _ice_servers(self, request: Request) -> Response:
        self._check_session(request)
        servers: list[dict[str, Any]] = []
        for server in self._peers.ice_servers():
            entry: dict[str, Any] = {"uris": list(server.uris)}
            if server.username or server.credential:
                entry["credentials"] = {"username": server.username, "password": server.credential}
            servers.append(entry)
        return JSONResponse({"ice_servers": servers}, headers={"cache-control": "no-store"})

    async def _register(self, request: Request) -> Response:
        self._check_session(request)
        await read_body(request, self._runtime.limits)
        self._check_session(request)  # it may have ended while the body came in
        with self._noted():
            connection_id = self._peers.register(admitted(request))
        tracks = {
            track.name: {
                "kind": track.kind,
                "direction": track.direction,
                **({} if track.rate is None else {"rate": track.rate}),
            }
            for track in self._runtime.tracks
        }
        return JSONResponse({"connection_id": connection_id, "track_map": tracks}, 201)

    async def _offer(self, request: Request) -> Response:
        self._check_session(request)
        connection_id = _connection_id(request)
        body = await read_json(request, OfferBody, self._runtime.limits)
        self._check_session(request)
        info = body.client_info or ClientInfoBody()
        tracks = tuple(MappedTrack(track.mid, track.name, track.kind, track.direction) for track in body.track_mapping)
        offer = Offer(body.sdp_offer, tracks, info.sdk_type, info.sdk_version, admitted(request))
        with self._noted():
            if connection_id is None:
                return JSONResponse({"connection_id": await self._peers.offer_shared(offer, _poller(request))}, 202)
            await self._peers.offer(connection_id, offer)
        return JSONResponse({"connection_id": connection_id}, 202)

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """A connection that is refused is in the journal; of many, now and then one."""
        try:
            yield
        except SignallingError as error:
            session = self._runtime.session
            self._runtime.journal.note(
                "connection_refused",
                "" if session is None else session.id,
                every=_REFUSALS_EVERY,
                status=error.status,
                reason=str(error),
            )
            raise

    async def _poll(self, request: Request) -> Response:
        self._check_session(request)
        connection_id = _connection_id(request)
        if connection_id is None:
            answer, reply_id = self._peers.collect_shared(_poller(request), admitted(request).holder), SHARED_ID
        else:
            answer, reply_id = self._peers.collect(connection_id, admitted(request).holder), connection_id
        if answer is None:
            return Response(status_code=202)
        return JSONResponse({"sdp_answer": answer, "connection_id": reply_id})

    async def _candidates(self, request: Request) -> Response:
        self._check_session(request)
        connection_id = _connection_id(request)
        body = await read_json(request, CandidatesBody, self._runtime.limits)
        self._check_session(request)
        candidates = [Candidate(item.candidate, item.sdp_mid, item.sdp_mline_index) for item in body.candidates]
        cid = SHARED_ID if connection_id is None else connection_id
        await self._peers.candidates(cid, candidates, admitted(request).holder)
        return JSONResponse({}, 202)


def _poller(request: Request) -> str | None:
    """The TCP connection a request came by: clients that poll keep theirs, most of the time."""
    return f"{request.client.host}:{request.client.port}" if request.client else None


def _connection_id(request: Request) -> int | None:
    """The id in the path; None on the shared routes.

    Raises:
        RequestError: 422, it is no number.
    """
    text: str | None = request.path_params.get("connection_id")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        message = "a connection id is a whole number"
        raise RequestError(422, [problem("int_parsing", ["connection_id"], message, text, where="path")])
    return int(text)
