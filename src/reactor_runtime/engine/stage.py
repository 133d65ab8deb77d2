"""The model's side, put together: its loop, host, dispatcher, player and supervisor, driven from the server's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ..clock import Clock
from ..counters import Counters
from ..errors import ReloadError
from ..interface.commands import CommandDeclaration
from ..interface.inputs import InputBuffer
from ..interface.messages import ModelMessage
from ..interface.model import ReactorModel, handlers_of
from ..interface.tracks import TrackInfo
from ..interface.uploads import UploadedFile
from ..limits import Limits
from .answers import Ticket
from .dispatcher import Dispatcher
from .execution import Execution
from .faults import Faults
from .host import ModelHost
from .measures import Measures
from .outbox import Outbox
from .player import Player
from .replacement import Replacement
from .scope import Member, Scope
from .session import Session
from .supervisor import Supervisor
from .timeline import Timeline
from .watchdog import Starvation
from .whereabouts import line_of_coroutine, line_of_thread

T = TypeVar("T")


class Stage:
    """One model and the machinery it runs on. All methods are for the server's loop.

    Args:
        model, tracks: the class and its tracks.
        execution: its threads.
        clock, limits, counters: of the process.
        measures: of its frames.
        on_crash: called when `run()` has ended, with the reason and the session it served.
        on_starved: called with where it is, when a step has held the model's loop for too long.
    """

    def __init__(
        self,
        model: type[ReactorModel],
        tracks: tuple[TrackInfo, ...],
        execution: Execution,
        *,
        clock: Clock,
        limits: Limits,
        counters: Counters,
        measures: Measures,
        on_crash: Callable[[str, Scope | None], None],
        on_starved: Callable[[str], None],
    ) -> None:
        self.commands: dict[str, CommandDeclaration] = dict(handlers_of(model).commands)
        self.inputs: Mapping[str, InputBuffer] = {}
        self.player = Player(clock, model.fps, model.buffer_size, counters, limits, measures.frames)
        self._class = model
        self._tracks = tracks
        self._execution = execution
        self._clock = clock
        self._limits = limits
        self._counters = counters
        self._on_crash = on_crash
        self._on_starved = on_starved
        self._loop: asyncio.AbstractEventLoop | None = None
        self._host: ModelHost | None = None
        self._supervisor: Supervisor | None = None
        self._dispatcher: Dispatcher | None = None
        self._outbox: Outbox | None = None
        self._starvation: Starvation | None = None
        self.faults = Faults(clock)

    @property
    def model(self) -> ReactorModel | None:
        """The instance, once it has been made. What it holds is for the model's loop."""
        return self._supervisor.model if self._supervisor is not None else None

    async def load(self, config: Mapping[str, Any], path: Path | None) -> None:
        """Start the threads, make the model and load it, then start its `run()`."""
        server = asyncio.get_running_loop()
        self._loop = self._execution.open()
        self._execution.drive(self.player)
        self._dispatcher = dispatcher = Dispatcher(
            self._loop,
            self._clock,
            self._limits.commands,
            self._limits.settle,
            each=self._limits.commands_each,
            ahead=self._limits.commands_ahead,
        )
        self._outbox = outbox = Outbox(server, self._limits.outbox, self._counters)

        async def prepare() -> tuple[ModelHost, Supervisor] | SystemExit:
            host = ModelHost(
                self._class,
                self._tracks,
                clock=self._clock,
                limits=self._limits,
                counters=self._counters,
                dispatcher=dispatcher,
                player=self.player,
                outbox=outbox,
                convert=self._execution.convert,
            )
            supervisor = Supervisor(
                self._class,
                host,
                dispatcher=dispatcher,
                player=self.player,
                outbox=outbox,
                counters=self._counters,
                faults=self.faults,
                on_crash=self._on_crash,
                clock=self._clock,
            )
            try:
                await supervisor.load(config, path)
            except SystemExit as error:  # the loop would let it out, and end
                return error
            supervisor.start()
            return host, supervisor

        prepared = await self._on_model_loop(prepare())
        if isinstance(prepared, SystemExit):
            raise prepared
        host, self._supervisor = prepared
        self._host, self.inputs = host, host.inputs
        self._starvation = Starvation(
            server,
            self._clock,
            self._limits.starvation,
            dispatcher,
            self._execution.model_thread,
            self._counters,
            self._on_starved,
        )

    async def replace(self, replacement: Replacement) -> None:
        """Let new code take the place of what runs, in its turn.

        Raises:
            ReloadError: it cannot; then everything is as it was.
            Exception: whatever `load` raises, where it was asked for.
        """
        outcome: Future[None] = Future()
        self._running.replace(replacement, outcome)
        wrapped = asyncio.wrap_future(outcome)
        await asyncio.wait({wrapped}, timeout=self._limits.close_grace)
        if not wrapped.done() and outcome.cancel():  # its turn has not come
            raise ReloadError(
                f"the model has not come to its next await point within {self._limits.close_grace:g} s: a handler or a "
                "step does not end",
                restart=True,
            )
        await wrapped
        self.commands.clear()
        self.commands.update(handlers_of(replacement.model).commands)

    # -- how it goes (see Gauges)

    @property
    def timeline(self) -> Timeline:
        return self.player.timeline

    @property
    def fps(self) -> float:
        return self.player.fps

    @property
    def depth(self) -> int:
        return self.player.depth

    @property
    def step_began(self) -> float | None:
        return None if self._host is None else self._host.step_began

    @property
    def holdup(self) -> str:
        """What holds up the model's loop, with the author's lines: what its thread is at, and the handler or hook that
        has not finished, since either may be the reason; empty where nothing of the author's does. From any thread."""
        found = []
        if (line := line_of_thread(self._execution.model_thread)) is not None:
            found.append(f"the model's thread, at {line}")
        if self._dispatcher is not None and (item := self._dispatcher.busy_with()) is not None:
            found.append(f"{item.label}, at {line_of_coroutine(self._dispatcher.suspended)}")
        return "; ".join(found)

    @property
    def queues(self) -> dict[str, tuple[int, int | None]]:
        """How many wait in each queue, and how many may; None where time bounds it."""
        waiting: dict[str, tuple[int, int | None]] = {"playout": (self.depth, None)}
        if self._dispatcher is not None and self._outbox is not None:
            waiting["commands"] = self._dispatcher.depth, self._limits.commands
            waiting["outbox"] = self._outbox.depth, self._limits.outbox
        return waiting

    @property
    def waited(self) -> float:
        """For how many seconds the oldest of what waits for the model's loop, or runs there, has been there."""
        since = None if self._dispatcher is None else self._dispatcher.waiting_since()
        return 0.0 if since is None else max(0.0, self._clock.now() - since)

    @property
    def tasks(self) -> int:
        """How many tasks of the model's loop have not ended."""
        return 0 if self._loop is None else len(asyncio.all_tasks(self._loop))

    def on_model_loop(self, call: Callable[[], None]) -> bool:
        """Call it there, as soon as that comes round; False where there is no such loop."""
        self._call_model(call)
        return self._loop is not None and not self._loop.is_closed()

    # -- what happens in sessions

    def session_started(self, session: Session) -> None:
        self._watchdog.session_began()
        self._running.session_started(session)

    def joined(self, member: Member) -> None:
        self._running.joined(member)
        self._watchdog.submitted()

    def left(self, member: Member) -> None:
        self._running.left(member, self.player.generation)
        self._watchdog.submitted()

    def uploaded(self, scope: Scope, file: UploadedFile) -> None:
        self._running.uploaded(scope, file)

    def call(self, member: Member, declaration: CommandDeclaration, arguments: dict[str, Any], ticket: Ticket) -> bool:
        queued = self._running.call(member, declaration, arguments, ticket)
        self._watchdog.submitted()
        return queued

    async def send_to(self, member: Member, message: ModelMessage) -> None:
        """`client.send`; on the model's loop."""
        assert self._host is not None
        await self._host.send_to(member, message)

    def session_ended(self, session: Session, done: Callable[[], None]) -> None:
        self._running.session_ended(session, done)

    def watch(self, watching: bool) -> None:
        """Whether anybody is connected. When the last one has left, what was under way for them is not shown."""
        self.player.watch(watching)
        if not watching:
            self._call_model(self._running.release_reads)

    def interrupt(self, session: Session) -> None:
        """Cancel what an ended session still does on the model's loop."""
        self._call_model(partial(self._running.interrupt, session))

    # -- the end

    async def close(self, timeout: float) -> bool:
        """Stop the model and its threads; False if the model's thread has not ended in time."""
        if self._starvation is not None:
            self._starvation.stop()
        if self._supervisor is not None:
            try:
                async with asyncio.timeout(timeout):
                    await self._on_model_loop(self._supervisor.stop())
            except TimeoutError:
                self._counters.add("model.stuck")
        return await self._execution.close(timeout)

    @property
    def _running(self) -> Supervisor:
        assert self._supervisor is not None, "the model has not loaded"
        return self._supervisor

    @property
    def _watchdog(self) -> Starvation:
        assert self._starvation is not None, "the model has not loaded"
        return self._starvation

    def _call_model(self, call: Callable[[], None]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)

    async def _on_model_loop(self, work: Coroutine[Any, Any, T]) -> T:
        assert self._loop is not None
        if self._loop is asyncio.get_running_loop():
            return await asyncio.create_task(work)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))
