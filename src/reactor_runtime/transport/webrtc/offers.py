"""What signalling hands over, whichever route it came by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...engine.admission import UNRESTRICTED, Admission


@dataclass(frozen=True, slots=True)
class MappedTrack:
    """Which media section of an offer carries which of the model's tracks.

    `direction` is the client's: `recvonly` for what the model emits, `sendonly` for what it receives.
    """

    mid: str
    name: str
    kind: str
    direction: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A client's offer to connect."""

    sdp: str
    tracks: Sequence[MappedTrack] = ()
    sdk_type: str = ""
    sdk_version: str = ""
    admission: Admission = UNRESTRICTED


@dataclass(frozen=True, slots=True)
class Candidate:
    """One address a client may be reached at; an empty `candidate` says that there are no more."""

    candidate: str
    sdp_mid: str | None = None
    sdp_mline_index: int | None = None
