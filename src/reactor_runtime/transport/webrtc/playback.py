"""Which output tracks one viewer plays."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import reactor_webrtc as rw

from ...counters import Counters
from ...engine.tasks import Tasks
from .engine import Engine
from .outputs import OutputTrack

logger = logging.getLogger("reactor.webrtc")

_REPEATS = (0.15, 0.5)
"""When the first picture is sent again, in seconds: a lost key frame can only be made up for where one follows."""


class Playback:
    """Attaches each output track to a viewer's sender, or an idle one while it is paused.

    Neither is signalled: the stream stays the same, and only stops.
    """

    def __init__(self, label: str, engine: Engine, tasks: Tasks, counters: Counters) -> None:
        self._label = label
        self._engine = engine
        self._tasks = tasks
        self._counters = counters
        self._senders: dict[str, rw.Transceiver] = {}
        self._wanted: dict[str, bool] = {}
        self._playing: set[str] = set()
        self._wake = asyncio.Event()

    def start(self, senders: Mapping[str, rw.Transceiver]) -> None:
        """The viewer is connected: from now on it may play."""
        self._senders.update(senders)
        self._tasks.spawn(self._follow(), f"{self._label}: playback")

    def play(self, track: str, playing: bool) -> None:
        """Say what is wanted; it happens soon."""
        self._wanted[track] = playing
        self._wake.set()

    @property
    def playing(self) -> frozenset[str]:
        """The tracks it plays now."""
        return frozenset(self._playing)

    def drop(self) -> None:
        """Let go of the senders. The tasks must have ended."""
        self._senders.clear()
        while self._playing:
            self._engine.listen(self._playing.pop(), False)

    async def _follow(self) -> None:
        while True:
            self._wake.clear()
            for track, playing in list(self._wanted.items()):
                if track in self._senders and playing != (track in self._playing):
                    await self._apply(track, playing)
            await self._wake.wait()

    async def _apply(self, name: str, playing: bool) -> None:
        source = self._engine.source(name)
        if source is None:
            return
        kind = "audio" if source.kind() == rw.MediaKind.Audio else "video"
        try:
            await self._senders[name].set_track(source if playing else self._engine.idle(kind))
        except RuntimeError as error:
            self._counters.add("transport.play_failed")
            logger.warning("%s: could not %s %s: %s", self._label, "play" if playing else "pause", name, error)
        self._engine.listen(name, playing)
        if not playing:
            self._playing.discard(name)
            return
        self._playing.add(name)
        output = self._engine.output(name)
        if output is not None:
            output.repeat()
            self._tasks.spawn(self._again(output), f"{self._label}: first picture of {name}")

    async def _again(self, output: OutputTrack) -> None:
        shown = output.shown
        for delay in _REPEATS:
            await asyncio.sleep(delay)
            output.repeat(unless_after=shown)
