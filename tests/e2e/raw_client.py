"""A client that says whatever it is told to, also what no client should: a real peer, and JSON by hand."""

from __future__ import annotations

import base64
import itertools
import json
from dataclasses import asdict
from typing import Any

import httpx

from tests.e2e.server import Server
from tests.transport.support import Viewer, until

WATCH = [("video", "recvonly", "main_video")]


class RawClient:
    """One connection over the registered routes, in a viewer process that several may share."""

    def __init__(self, server: Server, viewer: Viewer, number: int) -> None:
        self.server = server
        self.viewer = viewer
        self.number = number
        self.requests = itertools.count(1)
        self.http = httpx.AsyncClient(base_url=server.url, timeout=30, headers={"origin": "http://localhost:3000"})

    async def connect(self, policy: str = "") -> str:
        """Start the session if none runs, and join it; `policy` as in `offer`. Returns the server's answer."""
        sdp = await self.offer(policy)
        self.viewer.do("answer", self.number, sdp=sdp)
        for label in ("data", "control"):
            await self.viewer.wait("open", self.number, label=label)
        return sdp

    async def offer(self, policy: str = "") -> str:
        """Start the session if none runs, and offer to join it.

        Args:
            policy: `all` or `relay`, to use the ICE servers that the server tells, and say which candidates there are.

        Returns:
            The server's answer.
        """
        session = (await self.http.post("/start_session", json={})).raise_for_status().json()
        transport = f"/sessions/{session['session_id']}/transport/webrtc"
        routes = f"{transport}/connections"
        ice: dict[str, Any] = {}
        if policy:
            servers = (await self.http.get(f"{transport}/ice_servers")).raise_for_status().json()["ice_servers"]
            ice = {"servers": servers, "policy": policy}
        cid = (await self.http.post(routes)).raise_for_status().json()["connection_id"]
        offer = await self.viewer.offer(self.number, WATCH, ice=ice)
        mapping = [
            {"mid": track.mid, "name": track.name, "kind": track.kind, "direction": track.direction}
            for track in offer.tracks
        ]
        body = {"sdp_offer": offer.sdp, "track_mapping": mapping, "client_info": {}}
        posted = await self.http.post(f"{routes}/{cid}/sdp_params", json=body)
        assert posted.status_code == 202, posted.text
        if policy:
            await self.viewer.wait("candidate", self.number)
            found = [asdict(candidate) for candidate in self.viewer.candidates(self.number)]
            (await self.http.post(f"{routes}/{cid}/ice_candidates", json={"candidates": found})).raise_for_status()
        answer = await self.http.get(f"{routes}/{cid}/sdp_params")
        while answer.status_code == 202:
            answer = await self.http.get(f"{routes}/{cid}/sdp_params")
        sdp: str = answer.raise_for_status().json()["sdp_answer"]
        return sdp

    async def watch(self) -> None:
        """Let the picture come, and wait for the first frame."""
        self.text({"type": "notification", "event": "resume_track", "data": {"name": "main_video"}}, label="control")
        await self.viewer.wait("frame", self.number)

    def text(self, message: Any, label: str = "data") -> None:
        """Send a message: a string as it is, anything else as JSON."""
        self.viewer.send(message if isinstance(message, str) else json.dumps(message), self.number, label)

    async def command(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Send a command with a request id; its answer."""
        return await self.answer_to({"type": name, "data": arguments})

    async def answer_to(self, data: dict[str, Any]) -> dict[str, Any]:
        request = f"r{next(self.requests)}"
        self.text({"scope": "application", "request_id": request, "data": data})
        return await self.runtime_message("commandResponse", request_id=request)

    def messages(self) -> list[dict[str, Any]]:
        """All it was sent, decoded."""
        return [json.loads(base64.b64decode(e["data"])) for e in self.viewer.all("message", self.number)]

    def model_messages(self, kind: str) -> list[dict[str, Any]]:
        """The `data` of the model's messages of one type."""
        return [m["data"]["data"] for m in self.messages() if m["scope"] == "application" and m["data"]["type"] == kind]

    async def runtime_message(self, kind: str, **details: Any) -> dict[str, Any]:
        """Wait for the runtime's message of this type with these fields."""

        def found() -> list[dict[str, Any]]:
            said = [m["data"] for m in self.messages() if m["scope"] == "runtime" and m["data"]["type"] == kind]
            return [m["data"] for m in said if details.items() <= m["data"].items()]

        await until(lambda: bool(found()), self.viewer.changed, f"{kind} {details} for client {self.number}")
        return found()[0]

    async def model_message(self, kind: str, **details: Any) -> dict[str, Any]:
        """Wait for a message of the model with these fields."""

        def found() -> list[dict[str, Any]]:
            return [m for m in self.model_messages(kind) if details.items() <= m.items()]

        await until(lambda: bool(found()), self.viewer.changed, f"{kind} {details} for client {self.number}")
        return found()[0]

    def frames(self) -> list[int]:
        """The level of each frame seen."""
        return [event["pixel"][0] for event in self.viewer.all("frame", self.number)]

    async def frame(self, level: int, tolerance: int = 6) -> None:
        """Wait for a frame of about this level."""
        await until(
            lambda: any(abs(seen - level) <= tolerance for seen in self.frames()),
            self.viewer.changed,
            f"a frame of level {level} for client {self.number}; it saw {sorted(set(self.frames()))}",
        )

    def leave(self) -> None:
        """Go without a word."""
        self.viewer.do("close", self.number)

    async def close(self) -> None:
        await self.http.aclose()
