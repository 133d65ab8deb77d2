"""Runs the model: `load`, `run()`, its hooks and handlers in their turn, and new code in its place."""

from __future__ import annotations

import asyncio
import gc
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..clock import Clock
from ..counters import Counters
from ..errors import CommandError, MessageError, ReloadError, error_name
from ..interface.commands import CommandDeclaration
from ..interface.config import takes_path
from ..interface.messages import ModelMessage, message_data, wire_name
from ..interface.model import ReactorModel, bind, handlers_of
from ..interface.uploads import UploadedFile
from ..wire.messages import Message, ServerMessage
from .answers import Ticket
from .dispatcher import Dispatcher
from .faults import Faults
from .host import ModelHost, keep_picture
from .offspring import Offspring
from .outbox import Outbox
from .player import Player
from .replacement import FreshLoad, Replacement
from .run_loop import END_SECONDS, RunLoop, cancelled_from_outside
from .scope import Member, Scope, handler_stamp

logger = logging.getLogger("reactor.model")

_LOAD = "load()"
OVERDUE = 1.0
"""How long each hook may take, in seconds, once its session should have been over long ago."""


@dataclass(slots=True)
class Job:
    """One thing to do on the model's loop, in its turn."""

    label: str
    scope: Scope
    perform: Callable[[], Coroutine[Any, Any, None]]
    supersede: Callable[[], None] = lambda: None
    key: Hashable | None = None
    owner: Hashable | None = None
    bounded: bool = False


class _NoSession:
    """What a job belongs to that is of no session."""

    closed = False

    def broadcast(self, message: ServerMessage) -> None:
        """There is nobody."""


_NO_SESSION = _NoSession()


class Supervisor:
    """Owns the model instance. `load`, `start` and `stop` are for the model's loop; the rest, which queue a job, may
    be called from the server's loop.

    Args:
        model: the class.
        host: what the instance is bound to.
        dispatcher, player, outbox: as the host's.
        counters: counts failures by kind.
        faults: keeps them.
        on_crash: called on the server's loop when `run()` has ended, with the reason and the session it served.
        clock: the time.
    """

    def __init__(
        self,
        model: type[ReactorModel],
        host: ModelHost,
        *,
        dispatcher: Dispatcher,
        player: Player,
        outbox: Outbox,
        counters: Counters,
        faults: Faults,
        on_crash: Callable[[str, Scope | None], None],
        clock: Clock,
    ) -> None:
        self._class = model
        self._clock = clock
        self._table = handlers_of(model)
        self._host = host
        self._dispatcher = dispatcher
        self._player = player
        self._outbox = outbox
        self._counters = counters
        self._faults = faults
        self._offspring = Offspring(asyncio.get_running_loop())
        self._run = RunLoop(
            host, outbox=outbox, counters=counters, faults=faults, offspring=self._offspring, on_crash=on_crash
        )
        self._members: set[Member] = set()
        self._model: ReactorModel | None = None
        self._loaded = False
        self._overdue: Scope | None = None

    @property
    def model(self) -> ReactorModel | None:
        """The instance, once it has been made."""
        return self._model

    # -- on the model's loop

    async def load(self, config: Mapping[str, Any], path: Path | None) -> None:
        """Make the model and load it. Raises whatever the author's code raises."""
        self._model = self._class()
        bind(self._model, self._host)
        with self._offspring.within(_LOAD):
            await invoke(self._model.load, *_load_arguments(self._model.load, config, path))
        self._loaded = True
        said = (self._model.fps, self._model.buffer_size)
        if said != (self._class.fps, self._class.buffer_size):  # load() chose them
            self._player.configure(*said)

    def start(self) -> None:
        """Begin to dispatch, and start `run()`."""
        loop = asyncio.get_running_loop()
        self._dispatcher.task = loop.create_task(self._dispatcher.run(), name="dispatcher")
        self._start_run()

    async def _replace(self, new: Replacement, outcome: Future[None]) -> None:
        if not outcome.set_running_or_notify_cancel():
            return
        try:
            await self._run.end()
            if new.load is None:
                self._give_class(new)
            else:
                await self._load_anew(new, new.load)
        except BaseException as error:
            self._start_run()
            if cancelled_from_outside(error):
                outcome.set_exception(ReloadError("it was stopped before it had ended", restart=True))
                raise
            outcome.set_exception(error)
            return
        for kind in ("session_started", "connected"):
            if kind in new.rerun or new.load is not None:
                await self._rerun(kind)
        self._start_run()
        outcome.set_result(None)

    def _give_class(self, new: Replacement) -> None:
        if self._model is not None:  # else the last one could not be made
            before = (self._model.fps, self._model.buffer_size)
            try:
                object.__setattr__(self._model, "__class__", new.model)  # past a `__setattr__` of its own
            except TypeError as error:
                raise ReloadError(f"{new.model.__name__} lays out its attributes in another way: {error}") from error
            said = (self._model.fps, self._model.buffer_size)
            if said != before:
                self._player.configure(*said)
        new.adopt()
        self._class, self._table = new.model, handlers_of(new.model)

    async def _load_anew(self, new: Replacement, load: FreshLoad) -> None:
        """Make a fresh instance. The old one goes first: there may be no room for the weights of both."""
        self._faults.clear()
        self._model, self._loaded = None, False
        await self._offspring.end(_LOAD, END_SECONDS)
        gc.collect()
        new.adopt()
        self._class, self._table = new.model, handlers_of(new.model)
        await self.load(load.config, load.config_path)
        if self._host.scope is not None:
            await self._kind("__reactor_session_started__")

    async def _rerun(self, kind: str) -> None:
        scope = self._host.scope
        if scope is None or not self._loaded:
            return
        members = sorted(self._members, key=lambda member: member.info.id) if kind == "connected" else [None]
        for member in members:
            await self._perform(f"@{kind}", scope, partial(self._hook, kind, member))

    def _start_run(self) -> None:
        if self._loaded and self._model is not None:
            self._run.start(self._model)

    async def stop(self) -> None:
        """Cancel what runs, and wait for it."""
        await self._run.stop()
        await self._dispatcher.stop()

    # -- from the server's loop

    def session_started(self, scope: Scope) -> None:
        self._submit("@session_started", scope, partial(self._session_started, scope))

    def joined(self, member: Member) -> None:
        self._submit("@connected", member.scope, partial(self._joined, member))

    def left(self, member: Member, generation: int) -> None:
        """`generation` is the player's, now that this one has left."""
        self._submit("@disconnected", member.scope, partial(self._left, member, generation))

    def release_reads(self) -> None:
        """Nobody is connected: a handler that waits for a frame need not. On the model's loop."""
        for buffer in self._host.inputs.values():
            buffer.interrupt(self._dispatcher.task)

    def interrupt(self, scope: Scope) -> None:
        """Cancel the handler or hook of an ended session that does not come to its end, and let those that follow
        take no longer than `OVERDUE`. On the model's loop."""
        self._overdue = scope
        self._dispatcher.interrupt(lambda item: isinstance(item, Job) and item.scope is scope)

    def uploaded(self, scope: Scope, file: UploadedFile) -> None:
        if "file_uploaded" in self._table.hooks:
            self._submit("@file_uploaded", scope, partial(self._uploaded, scope, file))

    def session_ended(self, scope: Scope, done: Callable[[], None]) -> None:
        """Run the last hook of a session; `done` is called on the server's loop."""
        # Its commands have been answered; they are not to take the room of the next session's.
        self._dispatcher.discard(lambda item: isinstance(item, Job) and item.bounded and item.scope is scope)
        self._submit("the end of inference()", scope, partial(self._kind, "__reactor_session_ended__"))
        self._submit("@session_ended", scope, partial(self._session_ended, done))

    def call(self, member: Member, declaration: CommandDeclaration, arguments: dict[str, Any], ticket: Ticket) -> bool:
        """Queue a command; False where there is no room."""
        return self._submit(
            declaration.name,
            member.scope,
            partial(self._call, member, declaration, arguments, ticket),
            key=(id(member), declaration.name) if declaration.dedupe else None,
            owner=id(member),
            bounded=True,
            supersede=partial(self._superseded, ticket),
        )

    def replace(self, new: Replacement, outcome: Future[None]) -> None:
        """Let new code take the place of what runs, in its turn; `outcome` tells when, or why not."""
        self._submit("the new code", _NO_SESSION, partial(self._replace, new, outcome))

    def _submit(self, label: str, scope: Scope, work: Callable[[], Awaitable[None]], **options: Any) -> bool:
        return self._dispatcher.submit(Job(label, scope, partial(self._perform, label, scope, work), **options))

    # -- the jobs, on the model's loop

    async def _perform(self, label: str, scope: Scope, work: Callable[[], Awaitable[None]]) -> None:
        token = handler_stamp.set(self._host.new_stamp(scope))
        try:
            if scope is self._overdue:
                async with asyncio.timeout(OVERDUE):
                    await work()
            else:
                await work()
        except TimeoutError:
            self._counters.add("hooks.overdue")
            logger.warning("%s has not finished with its session; it is cancelled", label)
        finally:
            handler_stamp.reset(token)

    async def _session_started(self, scope: Scope) -> None:
        self._host.scope = scope
        self._run.failed_hook = ""
        await self._kind("__reactor_session_started__")
        await self._hook("session_started")
        self._start_run()

    async def _joined(self, member: Member) -> None:
        if member.present:
            await self._host.gate.edge_seen()
        if not self._members:
            for buffer in self._host.inputs.values():
                buffer.reset()
        self._members.add(member)
        await self._hook("connected", member)
        self._host.gate.set()
        member.admitted = True

    async def _left(self, member: Member, generation: int) -> None:
        self._members.discard(member)
        if not self._members:
            self._host.gate.clear()
            self._host.emptied(generation)
            for buffer in self._host.inputs.values():
                buffer.close()
        token = keep_picture.set(bool(self._members))
        try:
            await self._hook("disconnected", member)
        finally:
            keep_picture.reset(token)

    async def _uploaded(self, scope: Scope, file: UploadedFile) -> None:
        if not scope.closed:
            await self._hook("file_uploaded", uploaded_file=file)

    async def _session_ended(self, done: Callable[[], None]) -> None:
        await self._hook("session_ended")
        self._host.scope = None
        self._outbox.put(done)

    async def _call(
        self, member: Member, declaration: CommandDeclaration, arguments: dict[str, Any], ticket: Ticket
    ) -> None:
        if member.scope.closed:
            return
        ticket.began = self._clock.now()
        if declaration.client_parameter:
            arguments = {**arguments, declaration.client_parameter: member.info}
        try:
            reply = _reply(await invoke(getattr(self._model, declaration.attribute), **arguments), declaration)
        except CommandError as refusal:
            ticket.ended = self._clock.now()
            self._outbox.put(partial(ticket.refuse, refusal.code, refusal.message))
        except BaseException as error:
            ticket.ended = self._clock.now()
            if cancelled_from_outside(error):
                self._outbox.put(partial(ticket.refuse, "internal_error", f"{declaration.name}: it was stopped"))
                raise
            self._counters.add("handlers.failed")
            self._faults.add(declaration.attribute, error, answered=True)
            logger.exception("the handler %s.%s failed", self._class.__name__, declaration.attribute)
            text = f"{declaration.name}: its handler failed; the reason is in the server's log"
            self._outbox.put(partial(ticket.refuse, "internal_error", text))
        else:
            ticket.ended = self._clock.now()
            self._outbox.put(partial(ticket.reply, reply, ticket.ended))

    def _superseded(self, ticket: Ticket) -> None:
        self._counters.add("commands.superseded")
        self._outbox.put(partial(ticket.reply, None))

    async def _hook(self, kind: str, member: Member | None = None, **arguments: Any) -> None:
        hook = self._table.hooks.get(kind)
        if hook is None:
            return
        if hook.takes_client and member is not None:
            arguments[hook.takes_client] = member.info
        try:
            await invoke(getattr(self._model, hook.attribute), **arguments)
        except BaseException as error:
            if cancelled_from_outside(error):
                raise
            self._counters.add("hooks.failed")
            self._faults.add(f"@{kind} {hook.attribute}", error)
            logger.exception("the @%s hook failed: %s.%s", kind, self._class.__name__, hook.attribute)
            if kind == "connected":
                self._run.failed_hook = f"{hook.attribute}(), which had failed with {error_name(error)}"

    async def _kind(self, method: str) -> None:
        """What this kind of model does itself around a session, beside the author's hooks."""
        try:
            await invoke(getattr(self._model, method))
        except BaseException as error:
            if cancelled_from_outside(error):
                raise
            self._counters.add("hooks.failed")
            self._faults.add(method.strip("_").removeprefix("reactor_"), error)
            logger.exception("%s.%s failed", self._class.__name__, method)


async def invoke(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
    """Call the author's function, `async def` or plain."""
    result = function(*arguments, **keywords)
    return await result if inspect.isawaitable(result) else result


def _reply(returned: Any, declaration: CommandDeclaration) -> Message | None:
    if returned is None:
        return None
    if not isinstance(returned, ModelMessage):
        raise MessageError(
            f"{declaration.attribute}() returned a {type(returned).__name__}; a handler returns a ModelMessage or None"
        )
    return Message(wire_name(type(returned)), message_data(returned))


def _load_arguments(load: Callable[..., Any], config: Mapping[str, Any], path: Path | None) -> list[Any]:
    parameters = list(inspect.signature(load).parameters.values())
    if not parameters:
        return []
    return [path] if takes_path(parameters[0]) else [config]
