"""What clients are told of the runtime: the descriptor, and its health."""

from __future__ import annotations

from typing import Any

from .. import __version__
from ..engine.runtime import Runtime
from ..engine.state import State
from .health import condition

NO_SESSION = "00000000-0000-0000-0000-000000000000"
_WEBRTC = {"protocol": "webrtc", "version": "1.0"}
_DIRECTIONS = {"in": "sendonly", "out": "recvonly"}
_HEALTH = {State.LOADING: "loading", State.READY: "available", State.TERMINATED: "terminated"}


def descriptor(runtime: Runtime) -> dict[str, Any]:
    """The session's descriptor, as the clients' schemas want it. Directions are the client's; with no session the id
    is all zeros."""
    return {
        "session_id": runtime.session.id if runtime.session else NO_SESSION,
        "state": str(runtime.state),
        "cluster": "local",
        "model": {"name": runtime.name},
        "server_info": {"server_version": __version__},
        "selected_transport": _WEBRTC,
        "transports": [_WEBRTC],
        "generation": "streamed",
        **({"last_end_reason": runtime.last_end_reason} if runtime.last_end_reason else {}),
        "capabilities": {
            "protocol_version": "v0",
            "commands": [],
            "tracks": [
                {"name": track.name, "kind": track.kind, "direction": _DIRECTIONS[track.direction]}
                for track in runtime.tracks
            ],
        },
    }


def health(runtime: Runtime, *, known: bool = True) -> dict[str, Any]:
    """`status` is healthy or unhealthy, `state` one of loading, available, serving, terminated. `detail` says in one
    line why it is unhealthy. The rest is for probes (see `Condition`)."""
    found = condition(runtime, known=known)
    return {
        "status": "healthy" if found.healthy else "unhealthy",
        "state": _HEALTH.get(runtime.state, "serving"),
        "detail": runtime.trouble if known else None,
        "live": found.live,
        "ready": found.ready,
        "why": found.why,
    }
