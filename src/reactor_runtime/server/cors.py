"""Who may call from a browser: any origin, without credentials. The listener is bound to loopback unless told
otherwise."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

CORS = Middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=["*"],
    allow_headers=[
        "authorization",
        "content-type",
        "last-event-id",
        "reactor-api-accept-version",
        "reactor-api-version",
        "reactor-webrtc-version",
    ],
    expose_headers=["retry-after"],
)
