"""Which output tracks one viewer plays."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

import reactor_webrtc as rw

from ...counters import Counters
from ...engine.tasks import Tasks
from .engine import Engine
from .video import Subscription

logger = logging.getLogger("reactor.webrtc")

Subscribe = Callable[[str, rw.Transceiver], Subscription | None]
"""Makes the viewer's subscription to a video track; None where there is no such track, or the engine is closed."""


class Playback:
    """Plays each output track to a viewer, or not while it is paused.

    Neither is signalled: the stream stays the same, and only stops.
    """

    def __init__(self, label: str, engine: Engine, tasks: Tasks, counters: Counters) -> None:
        self._label = label
        self._engine = engine
        self._tasks = tasks
        self._counters = counters
        self._senders: dict[str, rw.Transceiver] = {}
        self._subscribe: Subscribe | None = None
        self._subscriptions: dict[str, Subscription] = {}
        self._wanted: dict[str, bool] = {}
        self._playing: set[str] = set()
        self._wake = asyncio.Event()

    def start(self, senders: Mapping[str, rw.Transceiver], subscribe: Subscribe) -> None:
        """The viewer is connected: from now on it may play."""
        self._senders.update(senders)
        self._subscribe = subscribe
        self._tasks.spawn(self._follow(), f"{self._label}: playback")

    def play(self, track: str, playing: bool) -> None:
        """Say what is wanted; it happens soon."""
        self._wanted[track] = playing
        self._wake.set()

    @property
    def playing(self) -> frozenset[str]:
        """The tracks it plays now."""
        coming = {name for name, subscription in self._subscriptions.items() if not subscription.attached}
        return frozenset(self._playing - coming)

    @property
    def subscriptions(self) -> Mapping[str, Subscription]:
        """To the video tracks that it has ever played."""
        return self._subscriptions

    def drop(self) -> None:
        """Let go of the senders. The tasks must have ended."""
        self._senders.clear()
        self._subscribe = None
        for subscription in self._subscriptions.values():
            subscription.drop()
        self._subscriptions.clear()
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
        if source is not None:
            await self._attach(name, source if playing else self._engine.idle())
        elif not self._show(name, playing):
            return
        self._engine.listen(name, playing)
        (self._playing.add if playing else self._playing.discard)(name)

    async def _attach(self, name: str, source: rw.Track) -> None:
        """Feed the sender of an audio track."""
        try:
            await self._senders[name].set_track(source)
        except RuntimeError as error:
            self._counters.add("transport.play_failed")
            logger.warning("%s: could not play or pause %s: %s", self._label, name, error)

    def _show(self, name: str, playing: bool) -> bool:
        """Play or pause a video track. Whether there is one."""
        subscription = self._subscriptions.get(name)
        if subscription is None:
            if self._subscribe is None or (subscription := self._subscribe(name, self._senders[name])) is None:
                return False
            self._subscriptions[name] = subscription
            self._tasks.spawn(subscription.run(), f"{self._label}: {name}")
        subscription.play(playing)
        return True
