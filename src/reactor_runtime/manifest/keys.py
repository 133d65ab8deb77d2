"""Every key of a `reactor.yaml`: what reading it expects, and what the reference page says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..media.hardware import NAMES


@dataclass(frozen=True, slots=True)
class Key:
    """One key.

    Attributes:
        path: from the top of the file, with dots; `[]` stands behind the key of a list, for each of its items.
        expected: what its value is to be, as an error says it: `expected seconds above 0, got the text 'long'`.
        description: what it is for.
        default: what holds where it is left out, in words; empty where that is nothing.
        example: a value, as YAML writes it.
    """

    path: str
    expected: str
    description: str
    default: str = ""
    example: str = ""

    @property
    def name(self) -> str:
        """Its own name, such as `max_bytes`."""
        return self.path.rpartition(".")[2]

    @property
    def section(self) -> str:
        """The path of the key it stands under; empty at the top."""
        return self.path.rpartition(".")[0]


TARGET = "the model's class as module:Class"

KEYS = (
    Key("model", "the key name, or module:Class in older manifests", "The model, as clients see it. In the older form, "
        "`model: module:Class`, it stands for `runtime.import`."),
    Key("model.name", "the model's name", "Its published name.", "the class's name, in kebab-case", "my-model"),
    Key("runtime", "keys and values", "How it is served."),
    Key("runtime.import", TARGET, "The class; its module is looked for in the manifest's folder first. Required.",
        example='"my_model:MyModel"'),
    Key("runtime.config", "the config file's path", "A YAML file, from the manifest's folder: what `load()` gets.",
        "an empty config", "config.yml"),
    Key("runtime.ice_servers", "a list of URLs", "STUN and TURN servers for clients and server, beside those of "
        "`--ice-server`. No server is contacted that is not named.", "none", "[stun:stun.example.org:3478]"),
    Key("runtime.ice_servers[].urls", "a URL or a list of URLs", "An item may be a URL alone, or these three keys.",
        example="turn:turn.example.org:3478"),
    Key("runtime.ice_servers[].uris", "a URL or a list of URLs", "Another name of `urls`."),
    Key("runtime.ice_servers[].username", "a text", "For a TURN server, which needs both, or `runtime.turn_secret`."),
    Key("runtime.ice_servers[].credential", "a text", "Its password."),
    Key("runtime.turn_secret", "a text", "What coturn has as `static-auth-secret`: TURN servers without credentials of "
        "their own get ones made from it, which last a day, for each client. Better in the environment, as "
        "`TURN_SECRET`, which goes first.", "none", '"change-me"'),
    Key("runtime.udp_ports", "two ports, as FIRST-LAST", "The UDP ports for pictures, sound and commands: one for each "
        "client. `--udp-ports` and `WEBRTC_PORT_RANGE` go first.", "any", "50000-50199"),
    Key("runtime.ice_tcp", "true or false", "Whether clients may connect by TCP too, at the same ports, where UDP does "
        "not pass. `--ice-tcp` and `ICE_TCP` go first.", "false", "false"),
    Key("runtime.ice_policy", "all or relay", "`relay`: clients reach the server by its TURN server alone. "
        "`--ice-policy` and `ICE_TRANSPORT_POLICY` go first.", "all", "all"),
    Key("runtime.advertise_ip", "an IP address or a list of them", "The addresses at which clients reach this machine "
        "behind a NAT that keeps ports as they are. `--advertise-ip` and `ADVERTISE_IP` go first.", "none",
        "203.0.113.7"),
    Key("runtime.orphan_timeout", "seconds above 0", "How long a session lives with nobody in it.", "30", "30"),
    Key("runtime.message_rate", "a whole number above 0", "Messages a second, in the long run, of one connection; "
        "twice as many may come at once. What comes faster is refused as `rate_limited`.", "10000", "10000"),
    Key("runtime.video", "keys and values", "How pictures are sent."),
    Key("runtime.video.encoder", f"auto, software or one of {', '.join(NAMES)}", "What encodes them: hardware where it "
        "has shown that it works, or never, or that encoder where it has; else software.", "auto", "software"),
    Key("runtime.uploads", "keys and values", "What clients may upload."),
    Key("runtime.uploads.max_bytes", "a whole number of bytes above 0", "One file.", "100 MiB", "104857600"),
    Key("runtime.uploads.session_max_bytes", "a whole number of bytes above 0", "All files of a session.", "1 GiB",
        "1073741824"),
    Key("runtime.recording", "keys and values", "Whether and how sessions are recorded, so that clients can ask for "
        "clips."),
    Key("runtime.recording.enabled", "true or false", "Record each session.", "false", "true"),
    Key("runtime.recording.chunk_seconds", "seconds from 0.5 to 60", "How long a segment is; a clip is made of whole "
        "ones.", "4", "4"),
    Key("runtime.recording.clip_max_seconds", "seconds above 0", "The longest clip: who asks for more gets this.",
        "300", "300"),
    Key("runtime.recording.retention_seconds", "seconds above 0", "How long a recording is kept once its session has "
        "ended.", "300", "300"),
    Key("runtime.recording.max_bytes", "a whole number of bytes above 0", "What all recordings together may take on "
        "the disk; the oldest go first.", "2 GiB", "2147483648"),
    Key("runtime.recording.dir", "a folder's path", "Where recordings lie, from the manifest's folder. One server at "
        "a time may use it.", "a temporary folder of each process", "recordings"),
    Key("runtime.recording.video", "keys and values", "The pictures' encoder."),
    Key("runtime.recording.video.codec", "h264", "The only one there is.", "h264", "h264"),
    Key("runtime.recording.video.preset", "a preset of x264, from ultrafast to placebo", "How much time encoding "
        "takes.", "veryfast", "veryfast"),
    Key("runtime.recording.video.crf", "a whole number from 1 to 51", "How good the pictures are; less is better.",
        "23", "23"),
    Key("runtime.recording.audio", "keys and values", "The sound's encoder."),
    Key("runtime.recording.audio.codec", "aac", "The only one there is.", "aac", "aac"),
    Key("runtime.recording.audio.bitrate", "bits a second from 16k to 512k, such as 128k", "How good the sound is.",
        "128k", "128k"),
    Key("recording", "keys and values, as runtime.recording", "Older form of `runtime.recording`."),
    Key("name", "the model's name", "Older form of `model.name`."),
    Key("config", "the config file's path", "Older form of `runtime.config`."),
)  # fmt: skip

LATER = ("runtime.step_results",)
"""Keys that other runtimes know, and that say nothing here: no reason to warn."""

_BY_PATH = {key.path: key for key in KEYS}


def expected(path: str) -> str:
    """What the value of the key at `path` is to be, in words for an error."""
    return _BY_PATH[path].expected


def known(section: str) -> list[str]:
    """The names of the keys that may stand in a section, such as `runtime.uploads`."""
    return [key.name for key in KEYS if key.section == section]


def later(section: str) -> Iterator[str]:
    """The names of the keys in a section that say nothing here."""
    return (path.rpartition(".")[2] for path in LATER if path.rpartition(".")[0] == section)
