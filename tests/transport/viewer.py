"""A WebRTC client in a process of its own, as a process can have one media engine only.

It takes one JSON object a line on stdin, and says what happens likewise on stdout.
"""

from __future__ import annotations

import array
import asyncio
import base64
import json
import sys
from typing import Any

import reactor_webrtc as rw

DIRECTIONS = {"recvonly": rw.TransceiverDirection.RecvOnly, "sendonly": rw.TransceiverDirection.SendOnly}


def say(event: str, peer: int, **details: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, "peer": peer, **details}) + "\n")
    sys.stdout.flush()


class Connection:
    def __init__(self, factory: rw.PeerConnectionFactory, number: int, ice: dict[str, Any]) -> None:
        self.factory = factory
        self.number = number
        self.channels: dict[str, rw.DataChannel] = {}
        self.cameras: list[rw.Track] = []
        self.microphones: list[rw.Track] = []
        self.received: list[rw.Track] = []
        self.observer = rw.PeerConnectionObserver()
        self.observer.on_connection_state_change = lambda state: say("state", number, state=str(state).split(".")[-1])
        self.observer.on_ice_candidate = lambda found: say(
            "candidate", number, candidate=found.candidate, mid=found.sdp_mid, index=found.sdp_mline_index
        )
        received = self.received

        def on_track(kind: rw.MediaKind, track: rw.Track) -> None:
            index = len(received)
            received.append(track)

            def on_frame(bgra: bytes, width: int, height: int, metadata: rw.FrameMetadata | None) -> None:
                middle = 4 * (height // 2 * width + width // 2)
                with_it = metadata.user_data.decode() if metadata else ""
                say(
                    "frame",
                    number,
                    track=index,
                    width=width,
                    height=height,
                    pixel=list(bgra[middle : middle + 3]),
                    metadata=with_it,
                    captured=metadata.capture_time_us if metadata else None,
                )

            def on_sound(pcm: bytes, rate: int, channels: int, count: int) -> None:
                samples = array.array("h", pcm)
                say(
                    "sound", number, track=index, rate=rate, channels=channels, count=count, peak=max(map(abs, samples))
                )

            if kind == rw.MediaKind.Audio:
                track.on_audio_frame(on_sound)
            else:
                track.on_video_frame(on_frame)

        self.observer.on_track = on_track
        servers = [
            rw.IceServer(server["uris"], *server.get("credentials", {}).values()) for server in ice.get("servers", ())
        ]
        configuration = rw.RtcConfiguration(
            bundle_policy=rw.BundlePolicy.MaxBundle,
            ice_servers=servers,
            ice_transport_type=ice.get("policy", "all"),
        )
        self.connection = factory.create_peer_connection(configuration, self.observer)

    async def offer(self, kinds: list[list[str]], labels: list[str]) -> None:
        transceivers = []
        for kind, direction in kinds:
            media = rw.MediaKind.Audio if kind == "audio" else rw.MediaKind.Video
            transceiver = self.connection.add_transceiver(media, DIRECTIONS[direction])
            if direction == "sendonly" and kind == "video":
                self.cameras.append(self.factory.create_video_track(f"camera{len(self.cameras)}"))
                await transceiver.set_track(self.cameras[-1])
            if direction == "sendonly" and kind == "audio":
                name = f"microphone{len(self.microphones)}"
                self.microphones.append(self.factory.create_audio_track_with_local_source(name))
                await transceiver.set_track(self.microphones[-1])
            transceivers.append(transceiver)
        for label in labels:
            self.open_channel(label)
        offer = await self.connection.create_offer()
        await self.connection.set_local_description(offer)
        say("offer", self.number, sdp=offer.sdp, mids=[transceiver.mid() for transceiver in transceivers])

    async def tell_pairs(self) -> None:
        report = await self.connection.get_stats()
        say(
            "pairs",
            self.number,
            pairs=[
                {
                    "nominated": pair.nominated,
                    "local": str(pair.local_candidate_type).rpartition(".")[2],
                    "received": pair.bytes_received,
                }
                for pair in report.candidate_pairs
            ],
        )

    def open_channel(self, label: str) -> None:
        number = self.number
        channel = self.channels[label] = self.connection.create_data_channel(label)
        channel.on_open(lambda: say("open", number, label=label))
        channel.on_close(lambda: say("close", number, label=label))
        channel.on_message(
            lambda data, binary: say(
                "message", number, label=label, binary=binary, data=base64.b64encode(data).decode()
            )
        )

    def close(self) -> None:
        observer = self.observer
        observer.on_connection_state_change = observer.on_ice_candidate = observer.on_track = None
        self.channels.clear()
        self.cameras.clear()
        self.microphones.clear()
        self.received.clear()
        del self.connection
        say("closed", self.number)


async def main() -> None:
    builder = rw.PeerConnectionFactoryBuilder()
    if "--chunking" in sys.argv:
        builder.with_dc_chunking()
    factory = builder.build()
    connections: dict[int, Connection] = {}
    lines = asyncio.StreamReader(limit=1 << 26)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        order: dict[str, Any] = json.loads(line)
        number = order["peer"]
        match order["do"]:
            case "offer":
                connections[number] = Connection(factory, number, order.get("ice", {}))
                await connections[number].offer(order["media"], order["labels"])
            case "answer":
                answer = rw.SessionDescription("answer", order["sdp"])
                await connections[number].connection.set_remote_description(answer)
            case "pairs":
                await connections[number].tell_pairs()
            case "channel":
                connections[number].open_channel(order["label"])
            case "send":
                data = base64.b64decode(order["data"])
                try:
                    for _ in range(order["times"]):
                        connections[number].channels[order["label"]].send(data, order["binary"])
                except RuntimeError as error:  # the server closed the channel
                    say("unsent", number, why=str(error))
            case "show":
                width, height = order["size"]
                picture = bytes([*order["pixel"], 255]) * (width * height)
                metadata = order.get("metadata", "").encode() or None
                connections[number].cameras[order["camera"]].push_video_frame(picture, width, height, metadata)
            case "speak":
                # 10 ms at 48 kHz of a square wave of that loudness
                period = [order["loud"]] * 24 + [-order["loud"]] * 24
                pcm = array.array("h", period * 10).tobytes()
                connections[number].microphones[0].push_pcm(pcm, 48_000, 1)
            case "close":
                connections.pop(number).close()
    for connection in connections.values():
        connection.close()


asyncio.run(main())
