"""Session descriptions as text: reading, checking and amending them. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from ...errors import SignallingError
from ...interface.tracks import TrackInfo
from .offers import Candidate, MappedTrack

_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_FEC = ("red/", "ulpfec/", "flexfec-03/")
_PLAIN_MESSAGE_BYTES = 65536
"""What a side takes that does not say (RFC 8841)."""
_CLIENT_DIRECTION = {"out": "recvonly", "in": "sendonly"}


@dataclass(frozen=True, slots=True)
class Section:
    """One media section. `direction` is that of the side which wrote the description."""

    media: str
    mid: str
    direction: str

    @property
    def sends(self) -> bool:
        """Whether the side which wrote the description sends media here."""
        return self.direction in ("sendonly", "sendrecv")

    @property
    def receives(self) -> bool:
        """Whether it takes media here."""
        return self.direction in ("recvonly", "sendrecv")


def _refuse(problem: str) -> NoReturn:
    raise SignallingError(problem, status=422)


def _blocks(text: str) -> list[list[str]]:
    """The lines of the session part and of each media section."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("m="):
            blocks.append([])
        if line:
            blocks[-1].append(line)
    return blocks


def _join(blocks: Iterable[list[str]]) -> str:
    return "".join(f"{line}\r\n" for block in blocks for line in block)


def _attribute(lines: Sequence[str], name: str) -> str | None:
    start = f"a={name}:"
    return next((line[len(start) :].strip() for line in lines if line.startswith(start)), None)


def _direction(lines: Sequence[str], default: str) -> str:
    return next((line[2:] for line in lines if line[2:] in _DIRECTIONS and line.startswith("a=")), default)


def sections(text: str) -> list[Section]:
    """The media sections of a description, in order."""
    head, *media = _blocks(text)
    default = _direction(head, "sendrecv")
    return [
        Section(lines[0][2:].split(" ", 1)[0], _attribute(lines, "mid") or "", _direction(lines, default))
        for lines in media
    ]


def first_codec(text: str, mid: str) -> str:
    """What the media section `mid` has first among its codecs of video, in capitals: of an answer, what is sent to who
    made it; empty where there is none."""
    lines = next((lines for lines in _blocks(text)[1:] if _attribute(lines, "mid") == mid), [""])
    if not lines[0].startswith("m=video"):
        return ""
    codecs = {_payload(line): line.partition(" ")[2] for line in lines if line.startswith("a=rtpmap:")}
    names = (codecs.get(payload, "").partition("/") for payload in lines[0].split(" ")[3:])
    return next((name.upper() for name, _, rate in names if rate == "90000"), "")


def check_offer(text: str, mapping: Sequence[MappedTrack], tracks: Sequence[TrackInfo]) -> dict[str, TrackInfo]:
    """Check an offer against its track mapping and the model's tracks.

    Returns:
        The track of each mapped media section, by mid.

    Raises:
        SignallingError: 422, naming the field that is wrong.
    """
    if not text.startswith("v=0"):
        _refuse("sdp_offer: is no session description: it does not begin with v=0")
    by_mid = {section.mid: section for section in sections(text) if section.mid}
    if not any(section.media == "application" for section in by_mid.values()):
        _refuse("sdp_offer: has no m=application section with a mid; create the data channels before the offer")
    known = {track.name: track for track in tracks}
    mapped: dict[str, TrackInfo] = {}
    for index, entry in enumerate(mapping):
        path = f"track_mapping[{index}]"
        track = known.get(entry.name)
        if track is None:
            names = ", ".join(known) or "none"
            _refuse(f"{path}.name: the model has no track {entry.name!r}; its tracks: {names}")
        if entry.kind != track.kind:
            _refuse(f"{path}.kind: {entry.name!r} is a track of kind {track.kind}, not {entry.kind!r}")
        wanted = _CLIENT_DIRECTION[track.direction]
        if entry.direction != wanted:
            _refuse(f"{path}.direction: a client takes {entry.name!r} as {wanted}, not as {entry.direction!r}")
        section = by_mid.get(entry.mid)
        if section is None:
            _refuse(f"{path}.mid: the offer has no media section with the mid {entry.mid!r}")
        if section.media != track.kind:
            _refuse(
                f"{path}.mid: the media section {entry.mid!r} is {section.media}, but {entry.name!r} is {track.kind}"
            )
        if not (section.receives if track.direction == "out" else section.sends):
            _refuse(
                f"{path}.mid: the media section {entry.mid!r} is {section.direction}; {entry.name!r} needs {wanted}"
            )
        if entry.mid in mapped:
            _refuse(f"{path}.mid: the media section {entry.mid!r} is mapped twice")
        if track in mapped.values():
            _refuse(f"{path}.name: the track {entry.name!r} is mapped twice")
        mapped[entry.mid] = track
    return mapped


def drop_candidates(text: str, keep: Callable[[str], bool]) -> tuple[str, int]:
    """Leave out the candidates `keep` does not want.

    Returns:
        The description, and how many were left out.
    """
    dropped = 0
    blocks = _blocks(text)
    for block in blocks:
        kept = [line for line in block if not line.startswith("a=candidate:") or keep(line[2:])]
        dropped += len(block) - len(kept)
        block[:] = kept
    return _join(blocks), dropped


def drop_repeated_rtx(text: str) -> str:
    """Leave out RTX payload types that an earlier section uses for another codec.

    Browsers write such offers, and media engines refuse them, as bundled sections share one payload type space.
    """
    blocks = _blocks(text)
    seen: dict[str, str] = {}
    for block in blocks[1:]:
        rtx = {line[9:].split(" ", 1)[0] for line in block if line.startswith("a=rtpmap:") and " rtx/" in line.lower()}
        wrong: set[str] = set()
        for line in block:
            payload, _, settings = line.removeprefix("a=fmtp:").partition(" ")
            is_rtx = line.startswith("a=fmtp:") and payload in rtx and settings.startswith("apt=")
            if is_rtx and seen.setdefault(payload, settings) != settings:
                wrong.add(payload)
        if wrong:
            block[:] = [
                _without_payloads(block[0], wrong),
                *(line for line in block[1:] if _payload(line) not in wrong),
            ]
    return _join(blocks)


def without_fec(text: str) -> str:
    """An offer without forward error correction of its video (RFC 5109): where the network is too slow, which is why
    most packets are lost, it fills it further, and what is lost is asked for again all the same."""
    blocks = _blocks(text)
    for block in blocks[1:]:
        if not block[0].startswith("m=video"):
            continue
        codecs = {_payload(line): line.partition(" ")[2].lower() for line in block if line.startswith("a=rtpmap:")}
        fec = {payload for payload, codec in codecs.items() if payload and codec.startswith(_FEC)}
        fec |= {
            payload
            for line in block
            if (payload := _payload(line)) and line.startswith("a=fmtp:") and line.partition(" apt=")[2] in fec
        }
        block[:] = [_without_payloads(block[0], fec), *(line for line in block[1:] if _payload(line) not in fec)]
    return _join(blocks)


def with_short_sound(text: str) -> str:
    """An offer that asks for 10 ms of sound in a packet, which is half of what engines send unasked: the first sample
    of a packet waits for its last (RFC 8866, ptime)."""
    blocks = _blocks(text)
    for block in blocks[1:]:
        if block[0].startswith("m=audio"):
            block[:] = [*(line for line in block if not line.startswith("a=ptime:")), "a=ptime:10"]
    return _join(blocks)


def _without_payloads(media_line: str, payloads: set[str]) -> str:
    words = media_line.split(" ")
    return " ".join([*words[:3], *(word for word in words[3:] if word not in payloads)])


def _payload(line: str) -> str | None:
    """The payload type an attribute line is about."""
    name, colon, rest = line.partition(":")
    return rest.split(" ", 1)[0] if colon and name in ("a=rtpmap", "a=fmtp", "a=rtcp-fb") else None


def ufrags(text: str) -> set[str]:
    """The ICE user fragments of a description."""
    return {line[12:].strip() for line in text.splitlines() if line.startswith("a=ice-ufrag:")}


def message_limit(offer: str, answer: str) -> int | None:
    """The most bytes one message to the offering side may have; None for any number.

    Media engines refuse to send more, and close the channel. Two sides that both cut messages into chunks have a limit
    of their own, which is larger.
    """
    chunked = [_number(text, "a=x-reactor-dc-chunking:1 max-message-size=") for text in (offer, answer)]
    plain = [_number(text, "a=max-message-size:") for text in (offer, answer)]
    if all(limit is not None for limit in chunked):
        limits = chunked
    else:
        limits = [_PLAIN_MESSAGE_BYTES if limit is None else limit for limit in plain]
    return min((limit for limit in limits if limit), default=None)


def _number(text: str, start: str) -> int | None:
    """The number that the first line with this start goes on with; None where there is no such line."""
    for line in text.splitlines():
        if line.startswith(start):
            digits = line[len(start) :].strip()
            return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None
    return None


def with_candidates(text: str, candidates: Sequence[Candidate]) -> str:
    """A description that carries its candidates itself, and says that these are all."""
    blocks = _blocks(text)
    for index, block in enumerate(blocks[1:]):
        mid = _attribute(block, "mid")
        here = [c for c in candidates if (c.sdp_mid == mid if c.sdp_mid is not None else c.sdp_mline_index == index)]
        if here:
            block += [f"a={candidate.candidate}" for candidate in here]
            block.append("a=end-of-candidates")
    return _join(blocks)
