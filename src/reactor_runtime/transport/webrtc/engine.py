"""The media engine: one factory for the whole process, and how it is set up."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import reactor_webrtc as rw

from ...clock import Clock
from ...counters import Counters
from ...engine.measures import Histogram
from ...errors import ManifestError, SignallingError
from ...interface.tracks import TrackInfo
from ...limits import KIB, MIB, Limits
from ...media.frameset import FrameSet
from ...media.hardware import Hardware, Recipe, Search
from ...media.resampling import prepare
from ...media.vp8 import find as find_libvpx
from .audio import RATE, Feeder, SoundTrack
from .data import NETWORK_CALLBACKS
from .ice import IceServer, IceSettings, Ports, fresh
from .living import Living
from .video import Desk, OutputTrack

MIN_BITRATE = 150_000
"""Below which no bandwidth estimate goes, in bit/s."""
_CODECS = {"VP8": rw.VideoCodec.Vp8, "VP9": rw.VideoCodec.Vp9, "AV1": rw.VideoCodec.Av1}
"""What to send, best first, where no hardware encodes. VP8 costs a CPU least, and every client has it."""

LIP_SYNC = 0.5
"""For how long, in seconds, a client may hold a picture back until its sound is there; a client that plays no sound
holds none back."""

_OWN_LABEL = "server"
"""Whose this side's credentials are, in the log of a TURN server."""
_CHUNK = 64 * KIB
_LINGER = 2.0
"""Seconds after a sound in which pictures wait as if it were theirs, so that their pace is even where only some come
with sound."""


class Engine:
    """Makes connections and feeds the output tracks.

    Args:
        encoders: the hardware encoders to look for.

    Raises:
        RuntimeError: another one lives in this process.
        ManifestError: there is no connecting with these ICE servers; names the one it is.
    """

    def __init__(
        self,
        ice: IceSettings,
        tracks: Sequence[TrackInfo],
        limits: Limits,
        clock: Clock,
        counters: Counters,
        encoders: Sequence[Recipe] = (),
    ) -> None:
        outputs = [track for track in tracks if track.direction == "out"]
        sound = any(track.kind == "audio" for track in outputs)
        if any(track.rate not in (None, RATE) for track in tracks):
            prepare()
        builder = rw.PeerConnectionFactoryBuilder()
        builder.with_synthetic_adm()
        builder.with_send_playout_delay(0.0, LIP_SYNC if sound else 0.0)
        builder.with_receive_playout_delay(0.0, 0.0)
        builder.with_dtls_in_stun(True)
        builder.with_dc_callbacks_on_network_thread(NETWORK_CALLBACKS)
        # Larger messages than `message_bytes` may arrive, so that a client hears why they are refused.
        message = max(4 * limits.message_bytes, 1 * MIB)
        builder.with_dc_chunking(
            max_message_size=message,
            send_buffer_limit=max(2 * limits.send_buffer_bytes, 2 * message),
            chunk_size=_CHUNK,
        )
        self._factory: rw.PeerConnectionFactory | None = builder.build()
        self._clock = clock
        self._origin = rw.time_micros() - round(clock.now() * 1e6)
        self._sounding: list[SoundTrack] = []
        self._sounded = -math.inf
        self._idle_sound: rw.Track | None = self._factory.create_audio_track_with_local_source("idle-sound")
        library = find_libvpx()
        videos = [track.name for track in outputs if track.kind == "video"]
        self.search = Search(encoders if videos and library is not None else (), limits.encoder_probe)
        """What looks for a hardware encoder; there is none until it has found one."""
        self._outputs = {
            name: OutputTrack(
                name, library, clock, counters, Hardware(name, self.search, lambda: counters.add("video.hardware_lost"))
            )
            for name in videos
        }
        self.desk: Desk | None = Desk(self._factory, self._outputs, clock, counters)
        """What viewers come to the video tracks with; None once the engine is closed."""
        self._sounds = {
            track.name: SoundTrack(self._factory.create_audio_track_with_local_source(track.name), counters)
            for track in outputs
            if track.kind == "audio"
        }
        self._feeder = Feeder(list(self._sounds.values()), clock, counters)
        self._ice = ice
        self._ports = Ports(ice.port_range, clock, counters)
        self._credential_lifetime = limits.turn_credentials
        self.living = Living()
        """The connections that were made by `connect`."""

        try:
            self._try()
        except BaseException:
            self.close()
            raise

    def _try(self) -> None:
        """Make a connection and drop it, so that what no connection can be made with is known before the first one
        is asked for."""
        try:
            self._make(rw.PeerConnectionObserver(), self._configuration())
        except (RuntimeError, ValueError) as error:
            for server in self._ice.servers:
                try:
                    alone = rw.RtcConfiguration(ice_servers=[self._ice_server(server)])
                    self._make(rw.PeerConnectionObserver(), alone)
                except (RuntimeError, ValueError) as reason:
                    urls = ", ".join(server.uris)
                    raise ManifestError(f"ice_servers: the media engine does not take {urls}: {reason}") from reason
            raise ManifestError(f"ice_servers: the media engine cannot be set up like this: {error}") from error

    def _configuration(self) -> rw.RtcConfiguration:
        """For one connection: each has credentials and a first port of its own."""
        first, last = self._ports.next()
        return rw.RtcConfiguration(
            ice_servers=[self._ice_server(server) for server in self._ice.servers],
            ice_transport_type=self._ice.policy,
            min_port=first,
            max_port=last,
            bundle_policy=rw.BundlePolicy.MaxBundle,
            tcp_candidate_policy=rw.TcpCandidatePolicy.Enabled if self._ice.tcp else rw.TcpCandidatePolicy.Disabled,
            sctp_snap=True,
        )

    def _ice_server(self, server: IceServer) -> rw.IceServer:
        known = fresh(server, _OWN_LABEL, time.time(), self._credential_lifetime)
        return rw.IceServer(urls=list(known.uris), username=known.username, password=known.credential)

    def _make(self, observer: rw.PeerConnectionObserver, configuration: rw.RtcConfiguration) -> rw.PeerConnection:
        if self._factory is None:
            raise RuntimeError("the media engine is closed")
        return self._factory.create_peer_connection(configuration, observer)

    def connect(self, observer: rw.PeerConnectionObserver) -> rw.PeerConnection:
        """A new connection. It closes when the last reference to it goes.

        Raises:
            SignallingError: 503, none can be made, or the engine is closed.
        """
        try:
            return self._make(observer, self._configuration())
        except (RuntimeError, ValueError) as error:
            raise SignallingError(f"no connection can be made: {error}", status=503) from error

    async def prepare(self) -> None:
        """Make what the first viewer needs, and only that one would wait for."""
        if self.desk is not None:
            await self.desk.prepare()

    @property
    def encoding(self) -> dict[str, Histogram]:
        """How long it takes to encode a picture, by video track."""
        return {name: output.encoding for name, output in self._outputs.items()}

    def codecs(self, name: str) -> list[rw.VideoCodec]:
        """What to send the video track `name` in, best first."""
        output = self._outputs.get(name)
        first = None if output is None or output.hardware is None else output.hardware.preferred
        return [_CODECS[codec] for codec in sorted(_CODECS, key=lambda codec: codec != first)]

    def output(self, name: str) -> OutputTrack | None:
        """The video output track `name`, while the engine is open."""
        return self._outputs.get(name)

    def source(self, name: str) -> rw.Track | None:
        """What feeds the senders of the audio output track `name`, while the engine is open."""
        sound = self._sounds.get(name)
        return None if sound is None else sound.track

    def idle(self) -> rw.Track:
        """What a paused listener's sender is fed with: a track that never has a sound.

        Raises:
            RuntimeError: the engine is closed.
        """
        if self._idle_sound is None:
            raise RuntimeError("the media engine is closed")
        return self._idle_sound

    def listen(self, name: str, listening: bool) -> None:
        """One listener of `name` more or less; nothing where it is no audio track."""
        sound = self._sounds.get(name)
        if sound is not None:
            self._feeder.listen(sound, listening)

    def media_time(self, at: float) -> int:
        """A time of the clock, in seconds, on the media engine's: in microseconds, as frames carry it."""
        return round(at * 1e6) + self._origin

    def show(self, frames: FrameSet, at: float) -> None:
        """Send pictures and sounds to all who play them, with one capture time, `at` seconds of the clock; to nobody
        where it is closed."""
        captured, now = self.media_time(at), self._clock.now()
        for name, sound in frames.sounds.items():
            if (heard := self._sounds.get(name)) is not None:
                heard.play(sound, captured, now)
        if sounds := [self._sounds[name] for name in frames.sounds if name in self._sounds]:
            self._sounding, self._sounded = sounds, now
        elif now - self._sounded < _LINGER:
            sounds = self._sounding
        for name, picture in frames.pictures.items():
            if (shown := self._outputs.get(name)) is not None:
                self._feeder.show(shown, picture, captured, sounds)

    def flush(self, boundary: FrameSet) -> None:
        """Send `boundary` at once, drop what waits, and keep no last pictures."""
        self._feeder.drop_held()
        self._sounded = -math.inf
        for sound in self._sounds.values():
            sound.drop_waiting()
        self.show(boundary, self._clock.now())
        for output in self._outputs.values():
            output.forget()

    def close(self) -> None:
        """Let the engine go. Its connections must be gone by then."""
        self.search.close()
        self._feeder.close()
        for output in self._outputs.values():
            output.close()
        self._outputs, self._sounds = {}, {}
        self._idle_sound = None
        if self.desk is not None:
            self.desk.retired.clear()
        self.desk = None
        self._factory = None
