"""Viewers beside the first: bare peers in a process of their own, which receive and decode, and do nothing else.

Reads lines on stdin and answers each with a JSON object on stdout:

    grow N      have N viewers that see pictures        {"viewers": N}
    count       frames that each has decoded so far     {"decoded": [..]}

The official SDK's client does more for a picture, and on a small machine the server shares the cores with it. A peer
says what such a client has to say: it resumes its track, and pings.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import urllib.request
from typing import Any

import reactor_webrtc as rw

from .children import answer_lines

TRACK = "main_video"
CONNECT_SECONDS = 30.0
PING_SECONDS = 5.0
FIRST_POLL, LONGEST_POLL = 0.05, 0.5


class Peer:
    """One viewer."""

    def __init__(self, factory: rw.PeerConnectionFactory, url: str) -> None:
        self._url = url
        self._observer = rw.PeerConnectionObserver()
        self._tracks: list[rw.Track] = []
        self._observer.on_track = lambda kind, track: self._tracks.append(track)
        configuration = rw.RtcConfiguration(bundle_policy=rw.BundlePolicy.MaxBundle)
        self._connection = factory.create_peer_connection(configuration, self._observer)

    async def connect(self) -> None:
        """Join the session and ask for pictures.

        Raises:
            TimeoutError: the connection is not open after `CONNECT_SECONDS`.
        """
        async with asyncio.timeout(CONNECT_SECONDS):
            video = self._connection.add_transceiver(rw.MediaKind.Video, rw.TransceiverDirection.RecvOnly)
            opened = [self._channel(label) for label in ("data", "control")]
            offer = await self._connection.create_offer()
            await self._connection.set_local_description(offer)
            answer = await self._exchange(offer.sdp, str(video.mid()))
            await self._connection.set_remote_description(rw.SessionDescription("answer", answer))
            await asyncio.gather(*opened)
            self._say({"type": "notification", "event": "resume_track", "data": {"name": TRACK}}, self._control)
            while not await self.decoded():  # noqa: ASYNC110 - there is no event to wait for
                await asyncio.sleep(FIRST_POLL)

    def ping(self) -> None:
        """The server drops a connection that it hears nothing of."""
        self._say({"scope": "runtime", "data": {"type": "ping", "data": {}}}, self._data)

    async def decoded(self) -> int:
        """How many frames were decoded."""
        report = await self._connection.get_stats()
        return sum(stream.frames_decoded for stream in report.inbound_rtp)

    def _channel(self, label: str) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        opened: asyncio.Future[None] = loop.create_future()
        channel = self._connection.create_data_channel(label)

        def on_open() -> None:
            loop.call_soon_threadsafe(opened.set_result, None)

        channel.on_open(on_open)
        if label == "control":
            self._control = channel
        else:
            self._data = channel
        return opened

    def _say(self, message: dict[str, Any], channel: rw.DataChannel) -> None:
        channel.send(json.dumps(message).encode(), False)

    async def _exchange(self, offer: str, mid: str) -> str:
        """Post the offer, and poll until there is an answer. What candidates the offer lacks, the server learns when
        they are tried."""
        session = (await _ask("GET", f"{self._url}/session"))[1]
        routes = f"{self._url}/sessions/{session['session_id']}/transport/webrtc/connections"
        _, made = await _ask("POST", routes, {})
        connection = f"{routes}/{made['connection_id']}/sdp_params"
        mapping = [{"mid": mid, "name": TRACK, "kind": "video", "direction": "recvonly"}]
        await _ask("POST", connection, {"sdp_offer": offer, "track_mapping": mapping, "client_info": {}})
        wait = FIRST_POLL
        while True:
            status, told = await _ask("GET", connection)
            if status == 200:
                return str(told["sdp_answer"])
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_POLL)


class Crowd:
    """All viewers, on the one factory that a process may have."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._factory = rw.PeerConnectionFactoryBuilder().build()
        self.peers: list[Peer] = []

    async def grow(self, count: int) -> dict[str, Any]:
        while len(self.peers) < count:
            peer = Peer(self._factory, self._url)
            self.peers.append(peer)
            await peer.connect()
        return {"viewers": len(self.peers)}

    async def count(self) -> dict[str, Any]:
        return {"decoded": await asyncio.gather(*(peer.decoded() for peer in self.peers))}

    async def keep_alive(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            for peer in self.peers:
                peer.ping()


async def _ask(method: str, url: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    def ask() -> tuple[int, dict[str, Any]]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else {}

    return await asyncio.to_thread(ask)


async def main(url: str) -> None:
    crowd = Crowd(url)

    async def answer(order: list[str]) -> dict[str, Any]:
        told = await (crowd.grow(int(order[1])) if order[0] == "grow" else crowd.count())
        return told | {"at": time.perf_counter()}

    alive = asyncio.create_task(crowd.keep_alive())
    await answer_lines(answer)
    alive.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
