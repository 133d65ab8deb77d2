"""Offers and answers as text."""

from __future__ import annotations

import pytest

from reactor_runtime.errors import SignallingError
from reactor_runtime.interface.tracks import TrackInfo
from reactor_runtime.transport.webrtc import Candidate, MappedTrack
from reactor_runtime.transport.webrtc.ice.candidates import is_reachable
from reactor_runtime.transport.webrtc.sdp import (
    check_offer,
    drop_candidates,
    drop_repeated_rtx,
    first_codec,
    message_limit,
    sections,
    ufrags,
    with_candidates,
    without_fec,
)

TRACKS = (TrackInfo("camera", "video", "in"), TrackInfo("main_video", "video", "out"))
HOST = "candidate:1 1 udp 2122260223 192.168.1.2 50000 typ host generation 0 ufrag abcd"
HIDDEN = "candidate:1 1 udp 2122260223 0b0e9a5e-3b1c-4d2c-8d0e.local 50000 typ host generation 0"
OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1 2",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98",
        "a=ice-ufrag:abcd",
        "a=mid:0",
        "a=recvonly",
        "a=rtpmap:96 VP8/90000",
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 apt=96",
        "a=" + HOST,
        "a=" + HIDDEN,
        "m=video 9 UDP/TLS/RTP/SAVPF 98 97",
        "a=mid:1",
        "a=sendonly",
        "a=rtpmap:98 VP9/90000",
        "a=rtpmap:97 rtx/90000",
        "a=rtcp-fb:97 nack",
        "a=fmtp:97 apt=98",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=mid:2",
        "",
    ]
)
MAIN = MappedTrack("0", "main_video", "video", "recvonly")
CAMERA = MappedTrack("1", "camera", "video", "sendonly")


def test_sections() -> None:
    found = [(section.media, section.mid, section.direction) for section in sections(OFFER)]
    assert found == [("video", "0", "recvonly"), ("video", "1", "sendonly"), ("application", "2", "sendrecv")]
    assert ufrags(OFFER) == {"abcd"}


def test_a_direction_for_the_whole_session() -> None:
    text = "v=0\na=recvonly\nm=video 9 x 96\na=mid:0\nm=video 9 x 96\na=mid:1\na=sendonly\n"
    assert [section.direction for section in sections(text)] == ["recvonly", "sendonly"]


def test_a_good_mapping() -> None:
    assert check_offer(OFFER, [MAIN, CAMERA], TRACKS) == {"0": TRACKS[1], "1": TRACKS[0]}
    assert check_offer(OFFER, [], TRACKS) == {}


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (MappedTrack("0", "other", "video", "recvonly"), "track_mapping[1].name"),
        (MappedTrack("1", "camera", "audio", "sendonly"), "track_mapping[1].kind"),
        (MappedTrack("1", "camera", "video", "recvonly"), "track_mapping[1].direction"),
        (MappedTrack("1", "camera", "video", "sideways"), "track_mapping[1].direction"),
        (MappedTrack("7", "camera", "video", "sendonly"), "track_mapping[1].mid"),
        (MappedTrack("2", "camera", "video", "sendonly"), "track_mapping[1].mid"),
        (MappedTrack("0", "camera", "video", "sendonly"), "track_mapping[1].mid"),
        (MappedTrack("0", "main_video", "video", "recvonly"), "track_mapping[1].mid"),
    ],
)
def test_a_bad_mapping_is_named(entry: MappedTrack, field: str) -> None:
    with pytest.raises(SignallingError) as caught:
        check_offer(OFFER, [MAIN, entry], TRACKS)
    assert caught.value.status == 422
    assert str(caught.value).startswith(field)


@pytest.mark.parametrize("text", ["", "nonsense", "v=0\r\n", "v=0\r\nm=video 9 x 96\r\na=mid:0\r\n"])
def test_what_is_no_offer_is_refused(text: str) -> None:
    with pytest.raises(SignallingError) as caught:
        check_offer(text, [], TRACKS)
    assert caught.value.status == 422
    assert "sdp_offer" in str(caught.value)


PLAIN = "a=max-message-size:{}\r\n"
CHUNKED = "a=x-reactor-dc-chunking:1 max-message-size={}\r\n"


@pytest.mark.parametrize(
    ("offer", "answer", "limit"),
    [
        ("", "", 65536),
        (PLAIN.format(262144), PLAIN.format(262144), 262144),
        (PLAIN.format(1000), PLAIN.format(262144), 1000),
        (PLAIN.format(0), PLAIN.format(262144), 262144),
        (PLAIN.format(0), PLAIN.format(0), None),
        (PLAIN.format("many"), PLAIN.format(262144), 65536),
        (PLAIN.format("9" * 400), PLAIN.format(262144), 65536),
        (CHUNKED.format(67108864) + PLAIN.format(1000), CHUNKED.format(1048576), 1048576),
        (CHUNKED.format(67108864) + PLAIN.format(1000), PLAIN.format(262144), 1000),
        (PLAIN.format(1000), CHUNKED.format(1048576), 1000),
        (CHUNKED.format(67108864).replace(":1 ", ":2 ") + PLAIN.format(1000), CHUNKED.format(1048576), 1000),
    ],
)
def test_how_large_a_message_may_be(offer: str, answer: str, limit: int | None) -> None:
    assert message_limit(f"v=0\r\n{offer}", f"v=0\r\n{answer}") == limit


def test_hidden_candidates_are_left_out() -> None:
    text, dropped = drop_candidates(OFFER, is_reachable)
    assert dropped == 1
    assert ".local" not in text
    assert text.replace("\r\n", "") == OFFER.replace("a=" + HIDDEN, "").replace("\r\n", "")


def test_repeated_rtx_payload_types_are_left_out() -> None:
    first, second, _ = drop_repeated_rtx(OFFER).split("\r\nm=")[1:]
    assert "rtpmap:97 rtx" in first
    assert second.startswith("video 9 UDP/TLS/RTP/SAVPF 98\r\n")
    assert "97" not in second
    same = OFFER.replace("a=fmtp:97 apt=98", "a=fmtp:97 apt=96")
    assert drop_repeated_rtx(same) == same


def test_candidates_go_into_their_section() -> None:
    text = with_candidates(OFFER, [Candidate(HOST, "2", 2), Candidate(HOST, None, 1)])
    first, second, third = text.split("\r\nm=")[1:]
    assert "end-of-candidates" not in first
    assert second.endswith(f"a={HOST}\r\na=end-of-candidates")
    assert third.endswith(f"a={HOST}\r\na=end-of-candidates\r\n")


FEC = "\r\n".join(
    [
        "v=0",
        "a=group:BUNDLE 0 1",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
        "a=mid:0",
        "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:63 red/48000/2",
        "a=fmtp:63 111/111",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97 120 121 122 35 36 98",
        "a=mid:1",
        "a=rtpmap:96 VP8/90000",
        "a=rtcp-fb:96 nack pli",
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 apt=96",
        "a=rtpmap:120 red/90000",
        "a=rtpmap:121 rtx/90000",
        "a=fmtp:121 apt=120",
        "a=rtpmap:122 ULPFEC/90000",
        "a=rtpmap:35 flexfec-03/90000",
        "a=rtcp-fb:35 transport-cc",
        "a=fmtp:35 repair-window=10000000",
        "a=rtpmap:36 redundant/90000",
        "a=rtpmap:98 VP9/90000",
        "a=fmtp:98 profile-id=0",
        "",
    ]
)


def test_an_offer_without_error_correction_of_its_video() -> None:
    wanted = FEC.replace("96 97 120 121 122 35 36 98", "96 97 36 98").splitlines()
    about = [f":{payload} " for payload in (120, 121, 122, 35)]
    wanted = [line for line in wanted if not any(part in line for part in about)]
    assert without_fec(FEC).splitlines() == wanted
    assert "a=rtpmap:63 red/48000/2" in wanted  # that of the sound stays
    assert without_fec(without_fec(FEC)) == without_fec(FEC)


def test_an_offer_that_has_none_stays_as_it_is() -> None:
    assert without_fec(OFFER) == OFFER


@pytest.mark.parametrize(
    ("line", "has"),
    [
        ("a=rtpmap:96 VP8/90000", True),
        ("a=rtpmap:96 vp8/90000", True),
        ("a=rtpmap:96 VP9/90000", False),
        ("a=rtpmap:96 VP8/48000", False),
        ("a=fmtp:96 VP8/90000", False),
        ("a=rtpmap:96", False),
    ],
)
def test_whether_a_section_has_vp8_first(line: str, has: bool) -> None:
    text = OFFER.replace("a=rtpmap:96 VP8/90000", line)
    assert (first_codec(text, "0") == "VP8") is has


def test_other_sections_are_of_no_account() -> None:
    assert first_codec(OFFER, "1") != "VP8"
    assert first_codec(OFFER, "2") != "VP8"
    assert first_codec(OFFER, "3") != "VP8"
    assert first_codec(OFFER, "") != "VP8"


def test_the_first_codec_is_the_one_that_is_listed_first() -> None:
    assert (
        first_codec(FEC.replace("m=video 9 UDP/TLS/RTP/SAVPF 96 97", "m=video 9 UDP/TLS/RTP/SAVPF 98 96 97"), "1")
        == "VP9"
    )
    assert first_codec(FEC.replace("a=rtpmap:98 VP9/90000", "a=rtpmap:98 av1/90000"), "1") == "VP8"
