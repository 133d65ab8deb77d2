"""Offers that real clients made, and what can go wrong with one."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from reactor_runtime.interface.tracks import TrackInfo
from reactor_runtime.transport.webrtc import MappedTrack, Offer

TRACKS = (
    TrackInfo("webcam", "video", "in"),
    TrackInfo("microphone", "audio", "in", 48000),
    TrackInfo("main_video", "video", "out"),
    TrackInfo("sound", "audio", "out", 48000),
)
"""The tracks of the model that the clients connected to."""
MAPPING = tuple(
    MappedTrack(str(mid), track.name, track.kind, "sendonly" if track.direction == "in" else "recvonly")
    for mid, track in enumerate(TRACKS)
)

_FOLDER = Path(__file__).with_name("offers")
RECORDED = {file.stem: file.read_text().replace("\n", "\r\n") for file in sorted(_FOLDER.glob("*.sdp"))}
"""By client: Chromium with `client.js`, and `reactor-sdk`."""

_WORDS = (
    "",
    "0",
    "-1",
    "9",
    "65536",
    "4294967296",
    "9" * 40,
    "\x00",
    "\u2028",
    "é",
    "\U0001f600",
    "a" * 300,
    "96",
    "VP8/90000",
    "rtx/90000",
    "red/90000",
    "apt=96",
    "inactive",
    "sendrecv",
    "BUNDLE",
    "candidate:1 1 udp 1 192.0.2.1 9 typ host",
)
_LINES = (
    "",
    "m=",
    "m=video",
    "m=video 9 UDP/TLS/RTP/SAVPF",
    "m=video 0 UDP/TLS/RTP/SAVPF 96",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "m=text 9 x y",
    "a=mid:0",
    "a=mid:",
    "a=mid",
    "a=inactive",
    "a=bundle-only",
    "a=rtpmap:",
    "a=rtpmap:96 rtx/90000",
    "a=fmtp:97 apt=97",
    "a=fmtp:96",
    "a=ssrc:1 cname:x",
    "a=ssrc-group:FID 1 1",
    "a=rid:h send",
    "a=simulcast:send h;l",
    "a=extmap:0 x",
    "a=extmap:300 urn:x",
    "a=ice-ufrag:x",
    "a=ice-pwd:short",
    "a=ice-lite",
    "a=fingerprint:sha-256 00",
    "a=fingerprint:md5 00:11",
    "a=setup:passive",
    "a=setup:holdconn",
    "a=sctp-port:0",
    "a=sctp-port:70000",
    "a=max-message-size:0",
    "a=max-message-size:99999999999999999999",
    "a=x-reactor-dc-chunking:1 max-message-size=0",
    "a=candidate:1 1 udp 1 192.0.2.1 9 typ host",
    "a=candidate:1 1 udp 1 x.local 9 typ host",
    "a=candidate:",
    "a=group:BUNDLE",
    "a=group:BUNDLE 0 0 0 9",
    "a=msid:- -",
    "b=AS:0",
    "c=IN IP6 ::1",
    "o=",
    "v=0",
    "\x00",
)

_edit = st.tuples(
    st.sampled_from(["drop", "twice", "move", "line", "word", "cut", "char"]),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.sampled_from(_LINES),
    st.sampled_from(_WORDS),
)


def _changed(offer: str, edits: list[tuple[str, int, int, str, str]]) -> str:
    lines = offer.split("\r\n")
    for kind, place, other, line, word in edits:
        at, to = place % len(lines), other % len(lines)
        match kind:
            case "drop":
                del lines[at : at + 1 + other % 4]
            case "twice":
                lines.insert(to, lines[at])
            case "move":
                lines.insert(to, lines.pop(at))
            case "line":
                lines.insert(at, line)
            case "word":
                words = lines[at].split(" ")
                words[other % len(words)] = word
                lines[at] = " ".join(words)
            case "cut":
                lines[at] = lines[at][: other % (len(lines[at]) + 1)]
            case "char":
                cut = other % (len(lines[at]) + 1)
                lines[at] = lines[at][:cut] + word + lines[at][cut + 1 :]
        lines = lines or [""]
    return "\r\n".join(lines)


def damaged(most: int) -> st.SearchStrategy[str]:
    """Real offers with up to so many changes."""
    return st.builds(_changed, st.sampled_from(sorted(RECORDED.values())), st.lists(_edit, min_size=1, max_size=most))


sdps = damaged(6)

_entry = st.builds(
    MappedTrack,
    st.sampled_from(["0", "1", "2", "3", "4", "", "9"]),
    st.sampled_from([*(track.name for track in TRACKS), "", "other"]),
    st.sampled_from(["video", "audio"]),
    st.sampled_from(["recvonly", "sendonly"]),
)
mappings = st.just(MAPPING) | st.lists(st.sampled_from(MAPPING) | _entry, max_size=5).map(tuple)
offers = st.builds(Offer, sdps, mappings)
hardly_damaged = st.builds(Offer, damaged(2), st.just(MAPPING))
