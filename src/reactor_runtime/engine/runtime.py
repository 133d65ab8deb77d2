"""The runtime of one process: it loads one model and runs one session of it after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..clock import Clock, SystemClock
from ..counters import Counters
from ..errors import NotReady, ReloadError, SessionError, UnknownSession, error_name
from ..interface.model import ReactorModel
from ..interface.schema import openapi
from ..interface.tracks import tracks_of
from ..limits import Limits
from .client import SessionClient
from .connection import Clips, Connection, Tap, Transport
from .crashes import Crashes
from .execution import Execution, ThreadedExecution
from .faults import Fault, Faults
from .journal import Journal
from .load_failure import load_failure
from .measures import Measures
from .orphan import OrphanTimer
from .parting import HooksTime, part
from .replacement import Replacement
from .scope import Scope
from .session import Session
from .stage import Stage
from .standstill import Standstill, refuse
from .state import IN_SESSION, Event, State, StateMachine
from .tasks import Tasks
from .witness import Witness

logger = logging.getLogger("reactor.runtime")


class Runtime:
    """Runs a model for clients. On the server's loop; make it, then `start()` it, inside that loop.

    Args:
        model: the class.
        name: its published name.
        config: what `load` gets.
        config_path: the file that `config` came from, for a `load` that takes a path.
        clock: the time; it must be the loop's.
        limits: every bound.
        counters: where it counts.
        execution: its threads; a `ThreadedExecution` where left out.

    Attributes:
        last_end_reason: why the last session ended; empty before the first one has.
        fatal: resolves with the reason when the process should end with status 1.
        awaits_new_code: whether a failure of `run()` leaves session and clients waiting for `replace_model`, rather
            than ending them.
        journal: what has happened so far.
        measures: what is measured of frames and commands.
        clips: what is recorded of the sessions to come; None where nothing is.
        witness: told what the clients of the sessions to come do.
    """

    def __init__(
        self,
        model: type[ReactorModel],
        *,
        name: str,
        config: Mapping[str, Any] | None = None,
        config_path: Path | None = None,
        clock: Clock | None = None,
        limits: Limits | None = None,
        counters: Counters | None = None,
        execution: Execution | None = None,
    ) -> None:
        self.name = name
        self.model = model
        self.clock = clock or SystemClock()
        self.limits = limits or Limits()
        self.counters = counters or Counters()
        self.tracks = tracks_of(model)
        self.schema: dict[str, Any] = {}
        self.session: Session | None = None
        self.detail: str | None = None
        self.fatal: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._config = {} if config is None else config
        self._config_path = config_path
        self._loop = asyncio.get_running_loop()
        self._machine = StateMachine()
        self.journal = Journal(lambda: self.state, self.clock, self.limits, self.counters)
        self.measures = Measures()
        self._tasks = Tasks(self.counters)
        self._transports: list[Transport] = []
        self._taps: list[Tap] = []
        self._crashes = Crashes(self.limits.crash_window)
        self._standstill = Standstill()
        self._orphan = OrphanTimer(self._loop, self.limits.orphan_timeout, self._orphaned)
        self._closing: asyncio.Task[Any] | None = None
        self._loaded: asyncio.Future[None] = self._loop.create_future()
        self._ending = False
        self._end_reason = ""
        self._hooks_time = HooksTime(self.limits.close_grace)
        self.last_end_reason = ""
        self.awaits_new_code = False
        self.clips: Clips | None = None
        self.witness = Witness()
        self._stage = Stage(
            model,
            self.tracks,
            execution or ThreadedExecution(self.clock),
            clock=self.clock,
            limits=self.limits,
            counters=self.counters,
            measures=self.measures,
            on_crash=self._crashed,
            on_starved=self._starved,
        )
        self.faults.told = self._failed

    @property
    def state(self) -> State:
        return self._machine.state

    @property
    def instance(self) -> ReactorModel | None:
        """The model, once it has loaded. What it holds is for the model's loop."""
        return self._stage.model

    @property
    def faults(self) -> Faults:
        """The newest failures of the author's code."""
        return self._stage.faults

    @property
    def stage(self) -> Stage:
        """The model's side, for who measures it."""
        return self._stage

    @property
    def ending(self) -> bool:
        """Whether it is being closed, or has been."""
        return self._ending

    @property
    def healthy(self) -> bool:
        """Whether it serves, or will."""
        return self.state is not State.TERMINATED and self.detail is None and not self._ending

    @property
    def trouble(self) -> str | None:
        """Why it is unhealthy, in one line; None where it is not, and where it has ended as it was told to."""
        if self.detail is None and self._ending and self.state is not State.TERMINATED:
            return self._ends()
        return self.detail

    @property
    def holdup(self) -> str:
        """What the model's thread is at, with the author's line, for the log of a stop that takes too long; empty
        where that is nothing of the author's. From any thread."""
        return self._stage.holdup

    def add_transport(self, transport: Transport) -> None:
        """Show every frame to `transport`."""
        self._transports.append(transport)
        self._stage.player.add_transport(transport)

    def add_tap(self, tap: Tap) -> None:
        """Let `tap` have every frame that somebody is there to see, from the next session on."""
        self._taps.append(tap)
        self._stage.player.add_tap(tap)

    # -- loading

    def start(self) -> None:
        """Begin to load the model, on its own thread."""
        # whether anybody waits for it or not, its failure is kept in `detail`
        self._loaded.add_done_callback(lambda loaded: loaded.cancelled() or loaded.exception())
        self.journal.note("initializing", model=self.name)
        self._tasks.spawn(self._load(), "load the model")

    async def loaded(self) -> None:
        """Wait until the model has loaded.

        Raises:
            ModelError: it could not be; the author's exception is its `__cause__`.
        """
        await asyncio.shield(self._loaded)

    async def _load(self) -> None:
        try:
            await self._stage.load(self._config, self._config_path)
            self.schema = openapi(self.model, self.name)
        except BaseException as error:
            failure = load_failure(self.model, error)
            if not self._ending:
                self.detail = str(failure)
            self._terminate("initialization_fail", error=str(failure))
            self._loaded.set_exception(failure)
            if isinstance(error, asyncio.CancelledError):
                raise
            return
        if self._machine.can(Event.LOADED):
            self._machine.on(Event.LOADED)
            self.journal.note("initialization_success")
        self._loaded.set_result(None)

    async def replace_model(self, replacement: Replacement) -> None:
        """Let new code take the place of what runs; sessions and clients stay, and are told the new schema.

        Raises:
            ReloadError: it cannot; then everything is as it was.
            DeclarationError: its tracks or its schema cannot work; likewise.
            Exception: whatever `load` raises, where a fresh one was asked for; then no model runs until one is loaded
                (see `load_failed`).
        """
        model = replacement.model
        if tracks_of(model) != self.tracks:
            raise ReloadError("the tracks have changed, and those of a connection cannot", restart=True)
        schema = openapi(model, self.name)
        with self._standstill.replacing(load=replacement.load is not None):
            await self._stage.replace(replacement)
            self.model, self.schema = model, schema
            if self.session is not None:
                self.session.change_schema(schema)
                self._standstill.remind(self.session)
        self.detail = self._standstill.detail
        self.journal.note("reloaded", self._session_id, load=replacement.load is not None)

    def load_failed(self, error: Exception) -> None:
        """The load that `replace_model` was asked for raised `error`: clients are told, and wait for new code."""
        self._standstill.load_failed(load_failure(self.model, error), self.session)
        self.detail = self._standstill.detail
        self.journal.note("reload_failed", self._session_id, error=self.detail)

    def code_refused(self, why: str) -> None:
        """New code is not taken: clients are told why."""
        refuse(why, self.session)
        self.journal.note("reload_refused", self._session_id, reason=why)

    # -- sessions

    async def start_session(self) -> Session:
        """Start a session; the running one, where one runs. One that is just closing is waited for.

        Raises:
            NotReady: the model is loading, or the runtime has ended.
        """
        self._refuse_while_ending()
        if self._closing is not None:
            await asyncio.shield(self._closing)
            self._refuse_while_ending()
        if self.session is not None and self.state in IN_SESSION:
            self._renew_orphan_timer()
            return self.session
        if self.state is State.LOADING:
            raise NotReady("the model is still loading; try again shortly", retry_after=1)
        if self.state is not State.READY:
            raise NotReady(f"no session can start while {self.state}: {self.detail or 'the server is ending'}")
        session = Session(
            self._stage,
            tracks=self.tracks,
            schema=self.schema,
            clock=self.clock,
            limits=self.limits,
            counters=self.counters,
            on_population=self._populated,
            clips=self.clips,
            witness=self.witness,
            journal=self.journal,
            measures=self.measures.commands,
        )
        self.session = session
        self._standstill.session_began()
        self.counters.add("sessions.started")
        self._machine.on(Event.STARTED)
        self.measures.frames.session_began()
        self.journal.note("start_session", session.id)
        logger.info("session %s started", session.id)
        for tap in self._taps:
            tap.begin(session.id)
        if self._taps:
            self.journal.note("recording_started", session.id)
        self.witness.began(session.id)
        self._stage.session_started(session)
        self._orphan.arm()
        return session

    def find_session(self, session_id: str | None = None) -> Session:
        """The running session; with an id, only if it is that one. Being asked for keeps it from being orphaned.

        Raises:
            UnknownSession: none runs (status 400), or another one (404).
            NotReady: the server is ending.
        """
        self._refuse_while_ending()
        if self.session is None or self.state not in IN_SESSION:
            last = f" (the last one ended: {self.last_end_reason})" if self.last_end_reason else ""
            raise UnknownSession(f"No session running{last}; POST /start_session first", status=400)
        if session_id is not None and session_id != self.session.id:
            raise UnknownSession(f"Unknown session {session_id!r}; GET /session names the running one")
        self._renew_orphan_timer()
        return self.session

    def join(self, connection: Connection) -> SessionClient:
        """Let an open connection into the running session.

        Raises:
            UnknownSession: none runs.
        """
        client = self.find_session().join(connection)
        if self._standstill.notice is not None:
            client.send(self._standstill.notice)
        return client

    async def stop_session(self, reason: str = "") -> None:
        """End the running session: every client is told and closed when this returns, the model's hooks follow.

        Raises:
            SessionError: none runs.
        """
        session = self.session
        if session is None or self.state not in IN_SESSION:
            raise SessionError(f"cannot stop a session while {self.state}")
        self._orphan.disarm()
        self._machine.on(Event.STOPPED)
        self.last_end_reason = reason or "stopped"
        self.journal.note("stop_session", session.id, reason=self.last_end_reason)
        logger.info("session %s ends: %s", session.id, self.last_end_reason)
        disconnected = self._loop.create_future()
        self._closing = self._tasks.spawn(
            self._end_session(session, self.last_end_reason, disconnected), f"end session {session.id}"
        )
        await asyncio.shield(disconnected)

    async def _end_session(self, session: Session, reason: str, disconnected: asyncio.Future[None]) -> None:
        try:
            await part(
                session,
                reason,
                transports=self._transports,
                taps=self._taps,
                stage=self._stage,
                hooks_time=self._hooks_time,
                disconnected=disconnected,
                counters=self.counters,
                journal=self.journal,
            )
        finally:
            self.session = None
            self._closing = None
            if self._machine.can(Event.CLOSED):
                self._machine.on(Event.CLOSED)
            self.journal.note("cleanup_complete", session.id, reason=reason)

    def _populated(self, clients: int) -> None:
        self._stage.watch(clients > 0)
        if self.state not in IN_SESSION:
            return
        if clients:
            self._orphan.disarm()
            self._machine.on(Event.JOINED)
        elif self.state is State.STREAMING:
            self._machine.on(Event.EMPTIED)
            self._orphan.arm()

    def _renew_orphan_timer(self) -> None:
        if self.state in _EMPTY:
            self._orphan.arm()

    def _orphaned(self) -> None:
        reason = f"nobody was connected for {self.limits.orphan_timeout:g} s"
        self._tasks.spawn(self._stop_if(_EMPTY, self.session, reason), "end the orphaned session")

    async def _stop_if(self, states: frozenset[State], session: Scope | None, reason: str) -> None:
        """Stop `session` if it still runs, in one of `states`."""
        if self.state in states and self.session is session:
            await self.stop_session(reason)

    # -- failure and end

    @property
    def _session_id(self) -> str:
        return self.session.id if self.session is not None else ""

    def _starved(self, what: str) -> None:
        self.journal.note("starved", self._session_id, message=what)

    def _failed(self, fault: Fault) -> None:
        """The author's code failed; on the model's loop. What `run()` ended with comes by `_crashed`."""
        if fault.where != "run()":
            with suppress(RuntimeError):  # the server's loop is closed: nobody listens
                self._loop.call_soon_threadsafe(self._note_failure, fault.where, error_name(fault.error))

    def _note_failure(self, where: str, error: str) -> None:
        self.journal.note("error", self._session_id, every=_FAILURES_EVERY, about=where, where=where, message=error)

    def _crashed(self, reason: str, session: Scope | None) -> None:
        self.journal.note("error", self._session_id, where="run()", message=reason)
        if self.awaits_new_code:
            logger.error("%s; waiting for new code", reason)
            self._standstill.run_failed(reason, self.faults, session)
            return
        crashes = self._crashes.add(self.clock.now())
        logger.error("failure %d of %d: %s", crashes, self.limits.crashes, reason)
        if session is not None:
            self._tasks.spawn(self._stop_if(IN_SESSION, session, reason), "end the session of a failed model")
        self.last_end_reason = reason
        if crashes >= self.limits.crashes:
            self.detail = f"{reason} ({crashes} times within {self.limits.crash_window:g} s)"
            if not self.fatal.done():
                self.fatal.set_result(self.detail)

    def _terminate(self, event: str, **detail: Any) -> None:
        if self.state is not State.TERMINATED:
            self._machine.on(Event.TERMINATED)
            self.journal.note(event, **detail)

    def _ends(self) -> str:
        return f"the server is ending: {self._end_reason}" if self._end_reason else "the server is ending"

    def _refuse_while_ending(self) -> None:
        if self._ending:
            self.counters.add("sessions.refused_at_the_end")
            raise NotReady(self._ends())

    async def close(self, reason: str, timeout: float | None = None, *, hooks: float | None = None) -> bool:
        """End everything: the session with `reason` at every client, then the model's thread. From the call on,
        whoever asks for a session, or for anything in one, is refused with `reason`.

        Args:
            reason: for the clients.
            hooks: how long the model's hooks may take, in seconds, also those of a session that ends already;
                `limits.close_grace` where left out.
            timeout: how long the model's thread may take, in seconds; `limits.close_grace` where left out.

        Returns:
            Whether the model's thread has ended; it cannot be stopped inside a step.
        """
        self._ending, self._end_reason = True, reason
        self._hooks_time.allow(self.limits.close_grace if hooks is None else hooks)
        if self.state in IN_SESSION:
            await self.stop_session(reason)
        if self._closing is not None:
            await asyncio.shield(self._closing)
        self._terminate("terminated", reason=reason)
        self.journal.close()
        self._orphan.disarm()
        await self._tasks.close()
        if not self._loaded.done():
            self._loaded.cancel()
        return await self._stage.close(self.limits.close_grace if timeout is None else timeout)


_FAILURES_EVERY = 10.0
"""Seconds from one failure of a handler in the journal to the next of the same one."""

_EMPTY = frozenset({State.WAITING, State.ORPHANED})
"""States in which nobody is connected."""
