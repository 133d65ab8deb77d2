"""The media engine's callbacks. They run on its threads, so they hand over and return."""

from __future__ import annotations

from collections.abc import Callable

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
from .data import CONTROL
from .offers import Candidate
from .thread_state import keep_state


def observe(observer: rw.PeerConnectionObserver, bridge: Bridge, closed: Callable[[], None]) -> None:
    """Post all that happens to a connection that is made with `observer` afterwards.

    The engine's objects take no part in Python's garbage collection: a cycle through what callbacks refer to would
    never go away.

    Args:
        closed: called when the engine has closed it, on a thread of the engine's.
    """

    def on_state(state: rw.PeerConnectionState) -> None:
        bridge.post(StateChanged(state))
        if state == rw.PeerConnectionState.Closed:
            closed()

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

    observer.on_connection_state_change = on_state
    observer.on_ice_candidate = on_candidate
    observer.on_ice_gathering_change = on_gathering
    observer.on_track = lambda kind, track: bridge.post(TrackFound(kind, track))
    observer.on_data_channel = on_channel
