"""What browsers are told: a page of any origin may call, without credentials. Which ones may is for the token, and
where there is none for `OriginCheck`, which stands in front."""

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
