"""What goes over the network, by track, as the media engine counts it: for who watches the server, not its clients."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import reactor_webrtc as rw


@dataclass(frozen=True, slots=True)
class Flow:
    """One track of one connection, in one direction, since it began.

    Attributes:
        codec: such as `VP8`; empty until there is one.
        bytes, packets, lost: that were sent or received; what was lost is as the receiver says.
        repeated: packets that the receiver asked for again.
        keyframes_asked: key frames that it asked for.
        target: of the encoder, in bit/s; 0 where nothing is encoded.
        jitter: in seconds, of what is received.
        frames, encode_seconds: that the media engine encoded, and how long that took. Not those of an encoder that
            viewers share.
    """

    codec: str
    bytes: int
    packets: int
    lost: int
    repeated: int
    keyframes_asked: int
    target: float = 0.0
    jitter: float = 0.0
    frames: int = 0
    encode_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Traffic:
    """One connection.

    Attributes:
        connection: its number, which no other has or had.
        rtt: the round trip in seconds; None where it is not known.
        available: what the way to it carries, in bit/s, by the estimate; None likewise.
        sent, received: its tracks, by name.
    """

    connection: int
    rtt: float | None
    available: float | None
    sent: Mapping[str, Flow]
    received: Mapping[str, Flow]


class Watched(Protocol):
    """A connection that says what goes over it."""

    async def traffic(self) -> Traffic | None: ...


async def read_traffic(number: int, connection: rw.PeerConnection, names: Mapping[str, str]) -> Traffic:
    """Ask `connection`, which is told from others by `number`; `names` has the track of each media section."""
    report = await connection.get_stats()
    pair = next((pair for pair in report.candidate_pairs if pair.nominated), None)
    sent = {name: _outgoing(stream) for stream in report.outbound_rtp if (name := names.get(stream.mid or ""))}
    received = {name: _incoming(stream) for stream in report.inbound_rtp if (name := names.get(stream.mid or ""))}
    return Traffic(
        number,
        None if pair is None else pair.current_round_trip_time_s,
        None if pair is None or not pair.available_outgoing_bitrate_bps else pair.available_outgoing_bitrate_bps,
        sent,
        received,
    )


async def ask_all(connections: Iterable[Watched], seconds: float) -> tuple[Sequence[Traffic], int]:
    """Ask all at once, for `seconds` at most: what they said, and how many have not."""
    asked = [asyncio.ensure_future(connection.traffic()) for connection in connections]
    if not asked:
        return [], 0
    try:
        done, late = await asyncio.wait(asked, timeout=seconds)
    finally:
        for question in asked:
            question.cancel()
    said = [question.result() for question in done if not question.cancelled() and question.exception() is None]
    known = [traffic for traffic in said if traffic is not None]
    return known, len(late) + len(done) - len(said)


def _codec(mime: str | None) -> str:
    return "" if mime is None else mime.rpartition("/")[2]


def _outgoing(stream: rw.OutboundRtpStats) -> Flow:
    return Flow(
        _codec(stream.codec_mime_type),
        bytes=stream.bytes_sent,
        packets=stream.packets_sent,
        lost=stream.packets_lost,
        repeated=stream.nack_count,
        keyframes_asked=stream.pli_count + stream.fir_count,
        target=stream.target_bitrate_bps,
        frames=stream.frames_encoded,
        encode_seconds=stream.total_encode_time_s,
    )


def _incoming(stream: rw.InboundRtpStats) -> Flow:
    return Flow(
        _codec(stream.codec_mime_type),
        bytes=stream.bytes_received,
        packets=stream.packets_received,
        lost=stream.packets_lost,
        repeated=stream.nack_count,
        keyframes_asked=stream.pli_count + stream.fir_count,
        jitter=stream.jitter_s,
    )
