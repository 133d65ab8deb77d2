"""The media engine's callbacks. They run on its threads, so they hand over and return."""

from __future__ import annotations

import reactor_webrtc as rw

from .bridge import (
    Bridge,
    CandidateFound,
    ChannelChanged,
    ChannelFound,
    GatheringDone,
    MessageArrived,
    StateChanged,
    TrackFound,
)
from .channels import CONTROL
from .offers import Candidate
from .thread_state import keep_state


def observe(observer: rw.PeerConnectionObserver, bridge: Bridge) -> None:
    """Post all that happens to a connection.

    The callbacks refer to the bridge alone: the engine's objects take no part in Python's garbage collection, so a
    cycle through them would never go away.
    """

    def on_candidate(found: rw.IceCandidate) -> None:
        bridge.post(CandidateFound(Candidate(found.candidate, found.sdp_mid, found.sdp_mline_index)))

    def on_gathering(state: rw.IceGatheringState) -> None:
        if state == rw.IceGatheringState.Complete:
            bridge.post(GatheringDone())

    def on_channel_state(state: rw.DataChannelState) -> None:
        keep_state()  # messages come on this thread, too
        bridge.post(ChannelChanged())

    def on_channel(channel: rw.DataChannel) -> None:
        # Set here and not on the loop, since messages may come at once.
        label = channel.label()
        control = label == CONTROL
        channel.on_message(lambda data, binary: bridge.post(MessageArrived(control, data, binary)))
        channel.on_state_change(on_channel_state)
        bridge.post(ChannelFound(channel, label))

    observer.on_connection_state_change = lambda state: bridge.post(StateChanged(state))
    observer.on_ice_candidate = on_candidate
    observer.on_ice_gathering_change = on_gathering
    observer.on_track = lambda kind, track: bridge.post(TrackFound(kind, track))
    observer.on_data_channel = on_channel


def unobserve(observer: rw.PeerConnectionObserver) -> None:
    """Post no more."""
    observer.on_connection_state_change = None
    observer.on_ice_candidate = None
    observer.on_ice_gathering_change = None
    observer.on_track = None
    observer.on_data_channel = None
