"""What the media engine says of its sending to one client."""

from __future__ import annotations

from collections.abc import Mapping

import reactor_webrtc as rw

from ...engine.connection import Sending, TrackSending
from .video import Subscription


async def read_sending(
    connection: rw.PeerConnection, senders: Mapping[str, rw.Transceiver], subscriptions: Mapping[str, Subscription]
) -> Sending:
    """Ask `connection`; `senders` has the transceiver of each output track."""
    names = {sender.mid(): name for name, sender in senders.items()}
    report = await connection.get_stats()
    tracks = {
        (name := names[stream.mid]): _amended(subscriptions.get(name), _track(stream))
        for stream in report.outbound_rtp
        if stream.kind == rw.StreamKind.Video and stream.mid in names
    }
    pair = next((pair for pair in report.candidate_pairs if pair.nominated), None)
    return Sending(tracks, None if pair is None else pair.current_round_trip_time_s)


def _amended(subscription: Subscription | None, said: TrackSending) -> TrackSending:
    return said if subscription is None else subscription.amended(said)


def _track(stream: rw.OutboundRtpStats) -> TrackSending:
    codec = stream.codec_mime_type
    return TrackSending(
        codec=None if codec is None else codec.rpartition("/")[2],
        encoder=stream.encoder_implementation,
        width=stream.frame_width,
        height=stream.frame_height,
        frames_encoded=stream.frames_encoded,
        encode_seconds=stream.total_encode_time_s,
        packets=stream.packets_sent,
        send_delay_seconds=stream.total_packet_send_delay_s,
        bits_per_second=stream.target_bitrate_bps,
        lost=stream.packets_lost,
        nacks=stream.nack_count,
        keyframes_asked=stream.pli_count + stream.fir_count,
    )
