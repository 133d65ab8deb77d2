"""What each route asks for."""

from __future__ import annotations

from ...engine.admission import Role

_OPEN = {"/health", "/health/live", "/health/ready"}
"""What probes ask. A stranger is not told why."""
_WATCHING = {"/", "/client.js", "/session", "/schema", "/openapi.json", "/clips", "/start_session"}
"""`/start_session` is what clients begin with: one who may only watch is told the running session."""
_WATCHING_BELOW = ("/studio/", "/clips/")
_SIGNALLING = "/transport/webrtc/"


def needed(path: str) -> Role | None:
    """The least role that the route at `path` asks for; None where it is open. What is not named here takes
    `CONTROL`."""
    if path in _OPEN:
        return None
    if path.startswith("/tokens"):
        return Role.OWNER
    if path in _WATCHING or path.startswith(_WATCHING_BELOW):
        return Role.VIEW
    if path.startswith("/sessions/") and _SIGNALLING in path:
        return Role.VIEW
    return Role.CONTROL
