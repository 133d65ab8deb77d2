"""From an offer to an answer, on one engine connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import reactor_webrtc as rw

from ...counters import Counters
from ...errors import SignallingError
from ...interface.tracks import TrackInfo
from .engine import MIN_BITRATE, Engine
from .ice import Gathering, IceSettings, is_reachable, with_advertised
from .offers import Offer
from .sdp import (
    check_offer,
    drop_candidates,
    drop_repeated_rtx,
    sections,
    ufrags,
    with_candidates,
    with_short_sound,
    without_fec,
)
from .video import MAX_BITRATE, START_BITRATE

logger = logging.getLogger("reactor.webrtc")

_ENGINE_DEADLINE = 5.0
"""The engine answers within milliseconds; after so many seconds it does not."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An offer that was checked.

    Attributes:
        sdp: as the engine takes it.
        by_mid: the track of each mapped section.
        arrivals: for each section the client sends on, in order, its kind and the input track it carries, if any.
        ufrags: of the offer.
    """

    sdp: str
    by_mid: Mapping[str, TrackInfo]
    arrivals: Sequence[tuple[str, str | None]]
    ufrags: frozenset[str]


def plan(offer: Offer, tracks: Sequence[TrackInfo], counters: Counters) -> Plan:
    """Check an offer and make it fit for the engine.

    Raises:
        SignallingError: 422, naming the field that is wrong.
    """
    by_mid = check_offer(offer.sdp, offer.tracks, tracks)
    text, dropped = drop_candidates(drop_repeated_rtx(offer.sdp), is_reachable)
    if dropped:
        counters.add("transport.candidates_dropped", dropped)
    arrivals: list[tuple[str, str | None]] = []
    for section in sections(text):
        if section.media in ("video", "audio") and section.sends:
            track = by_mid.get(section.mid)
            arrivals.append((section.media, track.name if track is not None and track.direction == "in" else None))
    text = without_fec(with_short_sound(text))
    return Plan(text, by_mid, arrivals, frozenset(ufrags(offer.sdp)))


async def accept(connection: rw.PeerConnection, checked: Plan, engine: Engine) -> dict[str, rw.Transceiver]:
    """Apply the offer: each mapped section gets its direction, each output track a sender that is paused.

    Returns:
        The senders, by track.

    Raises:
        SignallingError: 422, the engine does not take the offer.
    """
    senders: dict[str, rw.Transceiver] = {}
    try:
        async with asyncio.timeout(_ENGINE_DEADLINE):
            await connection.set_remote_description(rw.SessionDescription("offer", checked.sdp))
            for transceiver in await connection.transceivers():
                track = checked.by_mid.get(transceiver.mid() or "")
                if track is None:
                    await transceiver.set_direction(rw.TransceiverDirection.Inactive)
                elif track.direction == "in":
                    await transceiver.set_direction(rw.TransceiverDirection.RecvOnly)
                else:
                    # Answered as sendonly though paused: clients name tracks by the order of such sections.
                    # A video sender has nothing attached before it plays for the first time (see Subscription).
                    if track.kind == "audio":
                        await transceiver.set_track(engine.idle())
                    await transceiver.set_direction(rw.TransceiverDirection.SendOnly)
                    if track.kind == "video":
                        await transceiver.set_codec_preferences(engine.codecs(track.name))
                        await transceiver.set_send_bitrate(None, MAX_BITRATE)
                    senders[track.name] = transceiver
    except (RuntimeError, ValueError) as error:
        raise SignallingError(f"sdp_offer: the media engine refuses it: {error}", status=422) from error
    except TimeoutError as error:
        raise SignallingError("sdp_offer: the media engine did not take it in time", status=422) from error
    return senders


async def answer(connection: rw.PeerConnection, gathering: Gathering, ice: IceSettings) -> str:
    """The answer, with this side's candidates in it.

    Raises:
        SignallingError: 422, the engine finds no answer to the offer.
    """
    try:
        async with asyncio.timeout(_ENGINE_DEADLINE):
            description = await connection.create_answer()
            await connection.set_local_description(description)
            await connection.set_bitrate(MIN_BITRATE, START_BITRATE, MAX_BITRATE)
    except (RuntimeError, ValueError) as error:
        raise SignallingError(f"sdp_offer: the media engine cannot answer it: {error}", status=422) from error
    except TimeoutError as error:
        raise SignallingError("sdp_offer: the media engine did not answer it in time", status=422) from error
    candidates = await gathering.collect(ice)
    if not candidates:
        if ice.relay_only:
            logger.warning(
                "no relayed address was found: the TURN server is out of reach, or it refuses the credentials; clients "
                "will not be able to connect"
            )
        else:
            logger.warning("no network address or port to be reached at was found: clients will not be able to connect")
    return with_candidates(description.sdp, with_advertised(candidates, ice.advertise))
