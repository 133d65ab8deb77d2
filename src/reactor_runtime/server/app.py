"""The application: every resource's routes, behind CORS and the error handling."""

from __future__ import annotations

import time

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Router

from ..engine.runtime import Runtime
from ..media.recording import Shelf
from ..transport.webrtc import Peers
from .access import Access, Guard, OriginCheck, TokenRoutes, Tokens
from .clips import ClipRoutes
from .cors import CORS
from .errors import HANDLERS, Failures
from .events import EventRoutes
from .health import HealthRoutes
from .metrics import MetricsRoutes
from .openapi import OpenApiRoutes
from .session import SessionRoutes
from .signalling import SignallingRoutes
from .studio import studio_routes
from .uploads import UploadRoutes


def create_app(
    runtime: Runtime, peers: Peers, *, shelf: Shelf | None = None, access: Access | None = None
) -> Starlette:
    """The ASGI application of one runtime. It neither starts nor closes the runtime.

    Args:
        runtime, peers: what is served.
        shelf: the recordings, where sessions are recorded.
        access: who may use it; everybody on this machine where left out.
    """
    access = access or Access()
    tokens = None if access.token is None else Tokens(access.token, time.time)
    events = EventRoutes(runtime)
    routes: list[BaseRoute] = [
        *studio_routes(runtime.name, runtime.tracks, lambda: runtime.schema, access.framers),
        *SessionRoutes(runtime).routes(),
        *HealthRoutes(runtime).routes(),
        *events.routes(),
        *MetricsRoutes(runtime, peers, lambda: events.listeners).routes(),
        *SignallingRoutes(runtime, peers).routes(),
        *UploadRoutes(runtime).routes(),
        *ClipRoutes(shelf).routes(),
        *TokenRoutes(tokens, runtime.limits).routes(),
        *OpenApiRoutes().routes(),
    ]
    middleware = [
        CORS,
        Middleware(Failures, counters=runtime.counters),
        Middleware(Guard, tokens=tokens, counters=runtime.counters),
    ]
    if tokens is None:
        check = Middleware(
            OriginCheck, origins=access.origins, host=access.host, clock=runtime.clock, counters=runtime.counters
        )
        middleware.insert(0, check)
    return Starlette(
        # No redirects to a path with or without its last slash: they lose a POST's body, and CORS preflights.
        routes=[Mount("", app=Router(routes, redirect_slashes=False))],
        middleware=middleware,
        exception_handlers=HANDLERS,
    )
