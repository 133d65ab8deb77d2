"""The application: every resource's routes, behind CORS and the error handling."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Router

from ..engine.runtime import Runtime
from ..media.recording import Shelf
from ..transport.webrtc import Peers
from .clips import ClipRoutes
from .cors import CORS
from .errors import HANDLERS, Failures
from .session import SessionRoutes
from .signalling import SignallingRoutes
from .studio import studio_routes
from .uploads import UploadRoutes


def create_app(runtime: Runtime, peers: Peers, *, shelf: Shelf | None = None, prefix: str = "") -> Starlette:
    """The ASGI application of one runtime. It neither starts nor closes the runtime.

    Args:
        runtime, peers: what is served.
        shelf: the recordings, where sessions are recorded.
        prefix: a path that every route stands under, such as `/t/4f1c`; it begins with a slash and ends without one.
    """
    routes: list[BaseRoute] = [
        *studio_routes(runtime.name, runtime.tracks, lambda: runtime.schema),
        *SessionRoutes(runtime).routes(),
        *SignallingRoutes(runtime, peers).routes(),
        *UploadRoutes(runtime).routes(),
        *ClipRoutes(shelf).routes(),
    ]
    return Starlette(
        # No redirects to a path with or without its last slash: they lose a POST's body, and CORS preflights.
        routes=[Mount(prefix, app=Router(routes, redirect_slashes=False))],
        middleware=[CORS, Middleware(Failures, counters=runtime.counters)],
        exception_handlers=HANDLERS,
    )
