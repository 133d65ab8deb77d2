"""The real application around a real runtime and a real transport, called in process."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
from starlette.applications import Starlette

from reactor_runtime.engine.runtime import Runtime
from reactor_runtime.interface import Input, Output, ReactorModel, UploadedFile, Video, event, file_uploaded
from reactor_runtime.limits import Limits
from reactor_runtime.server import Access, create_app
from reactor_runtime.transport.webrtc import IceServer, IceSettings, Peers

HERE = Access(host="reactor.test")
WAIT = 30.0
"""No wait of a test is longer, in seconds."""


class Picture(Output):
    main_video: Video


class Camera(Input):
    camera: Video


class Painter(ReactorModel):
    """Shows what it is told."""

    input: Camera

    def load(self, config: Any) -> None:
        self.files: list[UploadedFile] = []
        self.got_file = threading.Event()
        gate = config.get("gate")
        if gate is not None:
            assert gate.wait(WAIT)
        if config.get("fail"):
            raise RuntimeError("no such checkpoint")
        if "models" in config:
            config["models"].append(self)

    @event(name="paint", description="Fill the picture.")
    async def paint(self, level: int = 0) -> None:
        await self.emit(Picture(main_video=np.full((16, 16, 3), level, np.uint8)))

    @file_uploaded
    def keep(self, uploaded_file: UploadedFile) -> None:
        self.files.append(uploaded_file)
        self.got_file.set()


@dataclass
class House:
    runtime: Runtime
    peers: Peers
    http: httpx.AsyncClient
    app: Starlette

    def client(self, port: int) -> httpx.AsyncClient:
        """A client whose TCP connection comes from `port`."""
        transport = httpx.ASGITransport(self.app, client=("127.0.0.1", port))
        return httpx.AsyncClient(transport=transport, base_url="http://reactor.test:8123")

    async def start(self) -> str:
        """Start a session; returns its id."""
        reply = await self.http.post("/start_session", json={})
        assert reply.status_code == 200, reply.text
        return str(reply.json()["session_id"])

    async def transport_url(self) -> str:
        """Start a session; returns where its signalling routes are."""
        return f"/sessions/{await self.start()}/transport/webrtc"


@contextlib.asynccontextmanager
async def serve(
    *,
    config: dict[str, Any] | None = None,
    limits: Limits | None = None,
    ice: tuple[IceServer, ...] = (),
    access: Access = HERE,
    load: bool = True,
) -> AsyncIterator[House]:
    """A house; with `load` false its model is still to be loaded."""
    runtime = Runtime(Painter, name="painter", config=config or {}, limits=limits)
    peers = Peers(
        runtime,
        runtime.tracks,
        clock=runtime.clock,
        limits=runtime.limits,
        counters=runtime.counters,
        ice=IceSettings(servers=ice),
    )
    runtime.add_transport(peers)
    app = create_app(runtime, peers, access=access)
    transport = httpx.ASGITransport(app)
    async with (
        asyncio.timeout(WAIT),
        httpx.AsyncClient(transport=transport, base_url="http://reactor.test:8123") as http,
    ):
        try:
            if load:
                runtime.start()
                await runtime.loaded()
            yield House(runtime, peers, http, app)
        finally:
            await runtime.close("the test is over")
            await peers.close()


OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1 2",
        "a=msid-semantic: WMS",
        *(
            line
            for mid, direction in (("0", "sendonly"), ("1", "recvonly"))
            for line in (
                "m=video 9 UDP/TLS/RTP/SAVPF 96",
                "c=IN IP4 0.0.0.0",
                "a=rtcp:9 IN IP4 0.0.0.0",
                "a=ice-ufrag:abcd",
                "a=ice-pwd:abcdefghijklmnopqrstuvwx",
                "a=ice-options:trickle",
                "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
                "a=setup:actpass",
                f"a=mid:{mid}",
                f"a={direction}",
                "a=rtcp-mux",
                "a=rtcp-rsize",
                "a=rtpmap:96 VP8/90000",
                "a=rtcp-fb:96 nack",
                "a=rtcp-fb:96 nack pli",
            )
        ),
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        "a=ice-options:trickle",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "a=mid:2",
        "a=sctp-port:5000",
        "a=max-message-size:262144",
        "",
    ]
)

OFFER_BODY = {
    "sdp_offer": OFFER,
    "track_mapping": [
        {"mid": "0", "name": "camera", "kind": "video", "direction": "sendonly"},
        {"mid": "1", "name": "main_video", "kind": "video", "direction": "recvonly"},
    ],
    "client_info": {"sdk_version": "1.0.0", "sdk_type": "python"},
}
