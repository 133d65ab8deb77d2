"""A model that is driven by a script in virtual time, while a tap takes what leaves it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ..engine.connection import Tap
from ..engine.faults import Fault
from ..errors import ScriptError
from ..interface.model import ReactorModel
from ..interface.tracks import TrackInfo, tracks_of
from ..manifest import Manifest
from ..testing.virtual_time import VirtualClock
from ..testing.world import World
from .events import Event, Script, Stream
from .order import check_tracks
from .player import Player, Refused, Sources
from .source import MediaFile
from .steady import SteadyLoop

WITHOUT_SCRIPT = 10.0
"""Seconds that are rendered where nothing happens and nobody says how long."""
AFTERWARDS = 1.0
"""So many seconds follow the last thing that happens, where nobody says how long."""
INSTANT = 1e-6
"""So many seconds before the end it is over: what would be shown from then on is not."""
TICK = 0.1
"""How often, in virtual seconds, somebody looks whether it is over."""
_RUN = "run()"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a rendering.

    Attributes:
        seconds: how much was rendered.
        commands: how many were sent.
        refused: those that were refused, and uploads that were.
        failure: why `run()` ended before the end; None where it did not.
        faults: other failures of the author's code, but those of which a command's answer tells.
    """

    seconds: float
    commands: int = 0
    refused: list[Refused] = field(default_factory=list)
    failure: Fault | None = None
    faults: list[Fault] = field(default_factory=list)


class Rendering:
    """One rendering. All that can be checked before the model is loaded is checked when it is made; `run` it once.

    Args:
        model, manifest: what to run.
        script: what happens.
        seconds: how long it takes; where left out, until the script's end, or a second after all has happened.

    Attributes:
        seconds: how long it takes.
        outputs: the model's output tracks.
        clock: the model's time.

    Raises:
        ScriptError: the script asks for a track that the model does not have, or names a file that cannot be read.
        DeclarationError: the model's tracks cannot work.
    """

    def __init__(
        self, model: type[ReactorModel], manifest: Manifest, script: Script, seconds: float | None = None
    ) -> None:
        tracks = tracks_of(model)
        check_tracks(script, tracks)
        self.outputs = [track for track in tracks if track.direction == "out"]
        self.clock = VirtualClock()
        self._model = model
        self._manifest = manifest
        self._script = script
        self._sources = _open_sources(script, tracks)
        self.seconds = _length(script, self._sources) if seconds is None else seconds
        self._loop = SteadyLoop(self.clock)
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """End it when the step under way is over. From any thread, and from a signal handler."""
        with contextlib.suppress(RuntimeError):  # it is over already
            self._loop.call_soon_threadsafe(self._stopped.set)

    def run(self, begin: Callable[[], Tap], on_time: Callable[[float], None] = lambda seconds: None) -> Outcome:
        """Load the model, and let everything happen.

        Args:
            begin: makes what takes the frames; called once the model has loaded, when time begins to pass.
            on_time: told now and again how many seconds are rendered.

        Raises:
            ModelError: the model could not be loaded; the author's exception is its `__cause__`.
            ScriptError: a media file could not be decoded to its end, or an upload not be read.
        """
        try:
            return self._loop.run_until_complete(self._run(begin, on_time))
        finally:
            self._loop.finish()

    async def _run(self, begin: Callable[[], Tap], on_time: Callable[[float], None]) -> Outcome:
        world = World(
            self._model,
            config=self._manifest.config,
            config_path=self._manifest.config_path,
            clock=self.clock,
            limits=self._manifest.limits,
            keep_bytes=0,
        )
        player = Player(world, self._script, self._sources)
        try:
            await world.load()
            world.runtime.add_tap(begin())
            began = self.clock.now()
            await player.start()
            await self._until_over(world, player, began, on_time)
            seconds = min(self.clock.now() - began + INSTANT, self.seconds)
            # As they are: what the end refuses, and what it makes fail, is not of what was rendered.
            refused = list(player.refused)
            failure = next(filter(_ended_run, world.runtime.faults), None)
        finally:
            await player.stop()
            await world.runtime.close("the rendering is over")
        faults = [fault for fault in world.runtime.faults if not fault.answered]
        return Outcome(seconds, player.commands, refused, failure, [fault for fault in faults if fault is not failure])

    async def _until_over(self, world: World, player: Player, began: float, on_time: Callable[[float], None]) -> None:
        """Let time pass until all is rendered, `stop` is called, or `run()` has failed."""
        stopped = asyncio.create_task(self._stopped.wait())
        end = self.seconds - INSTANT
        passed, ticks = 0.0, 0
        while not stopped.done() and passed < end and not any(map(_ended_run, world.runtime.faults)):
            on_time(passed)
            player.check()
            ticks += 1
            await asyncio.wait({stopped}, timeout=max(0.0, min(ticks * TICK, end) - passed))
            passed = self.clock.now() - began
        stopped.cancel()


def _ended_run(fault: Fault) -> bool:
    return fault.where == _RUN


def _open_sources(script: Script, tracks: Iterable[TrackInfo]) -> Sources:
    kinds = {track.name: track.kind for track in tracks}
    sources: dict[Event, MediaFile] = {}
    for event in script.events:
        if isinstance(event.deed, Stream):
            try:
                sources[event] = MediaFile(event.deed.path, kinds[event.deed.track])
            except ScriptError as error:
                raise ScriptError(f"{script.where(event)}: path: {error}") from error
    return sources


def _length(script: Script, sources: Sources) -> float:
    """How long it takes until all has happened, and what is streamed once has been."""
    if script.end is not None:
        return script.end
    ends = [event.at for event in script.events]
    ends += [
        event.at + source.seconds
        for event, source in sources.items()
        if isinstance(event.deed, Stream) and not event.deed.loop
    ]
    last = max(ends, default=0.0)
    return last + AFTERWARDS if last or any(event.line for event in script.events) else WITHOUT_SCRIPT
