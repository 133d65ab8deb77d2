"""What makes viewers' senders take the next encoded picture.

The media engine keeps what a pre-encoded track is given in a queue, and takes one of it for each picture that its
sender lets pass. Fed by that track itself, a picture that the sender leaves out for the sake of the network stays in
the queue for good, and all that follow are as much later. So senders are fed by a track of tiny pictures, one for all
viewers: one more of them takes what has stayed behind, and where there is nothing, nothing is sent.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import reactor_webrtc as rw

_SIZE = 2
_PICTURE = bytes(_SIZE * _SIZE * 4)
_YOUNGER = 1000
"""Microseconds by which a picture has to be younger than the one before, or the engine drops it."""
_DEADLINE = 5.0
_ENCODERS_MADE = 0.02


class Ticker:
    """The track of tiny pictures for one output track. From any thread."""

    def __init__(self, track: rw.Track) -> None:
        self.track = track
        self._lock = threading.Lock()
        self._captured = 0

    def tick(self, captured: int) -> None:
        """Let all senders take a picture, captured then in microseconds of the engine's clock, or a little later."""
        with self._lock:
            self._captured = max(captured, self._captured + _YOUNGER)
            self.track.push_video_frame(_PICTURE, _SIZE, _SIZE, None, capture_time_us=self._captured)


async def make_tickers(factory: rw.PeerConnectionFactory, names: Sequence[str]) -> dict[str, Ticker]:
    """One for each output track.

    The engine gives the next encoder it makes to the track that was made first of those without one. So that none of a
    viewer's goes to these, they are given theirs here, on a connection that leads nowhere.

    Raises:
        RuntimeError: the engine does not take part.
        TimeoutError: it does not answer.
    """
    configuration = rw.RtcConfiguration(ice_transport_type="none")
    here = factory.create_peer_connection(configuration, rw.PeerConnectionObserver())
    there = factory.create_peer_connection(configuration, rw.PeerConnectionObserver())
    tickers = {}
    async with asyncio.timeout(_DEADLINE):
        for name in names:
            track = factory.create_video_track_with_options(f"{name}-ticks", frame_metadata=False)
            assert isinstance(track, rw.Track)
            tickers[name] = Ticker(track)
            await here.add_transceiver(rw.MediaKind.Video, rw.TransceiverDirection.SendOnly).set_track(track)
        offer = await here.create_offer()
        await here.set_local_description(offer)
        await there.set_remote_description(offer)
        answer = await there.create_answer()
        await there.set_local_description(answer)
        await here.set_remote_description(answer)
        for ticker in tickers.values():
            ticker.tick(rw.time_micros())
        await asyncio.sleep(_ENCODERS_MADE)  # on threads of the engine's, which say nothing of it
    return tickers
