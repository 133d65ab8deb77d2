"""Runs the model: `load`, the `run()` task, and its hooks and handlers in their turn."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..counters import Counters
from ..errors import CommandError, MessageError, ModelError, ReactorError
from ..interface.commands import CommandDeclaration
from ..interface.messages import ModelMessage, message_data, wire_name
from ..interface.model import ReactorModel, bind, handlers_of
from ..interface.uploads import UploadedFile
from ..wire.messages import Message
from .answers import Ticket
from .dispatcher import Dispatcher
from .faults import Faults
from .host import ModelHost, keep_picture
from .outbox import Outbox
from .player import Player
from .scope import Member, Scope, handler_stamp

logger = logging.getLogger("reactor.model")

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
    bounded: bool = False


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
    ) -> None:
        self._class = model
        self._table = handlers_of(model)
        self._host = host
        self._dispatcher = dispatcher
        self._player = player
        self._outbox = outbox
        self._counters = counters
        self._faults = faults
        self._on_crash = on_crash
        self._members: set[Member] = set()
        self._model: ReactorModel | None = None
        self._context: contextvars.Context | None = None
        self._run: asyncio.Task[None] | None = None
        self._failed_hook = ""
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
        await invoke(self._model.load, *_load_arguments(self._model.load, config, path))
        said = (self._model.fps, self._model.buffer_size)
        if said != (self._class.fps, self._class.buffer_size):  # load() chose them
            self._player.configure(*said)

    def start(self) -> None:
        """Begin to dispatch, and start `run()`."""
        loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()
        self._dispatcher.task = loop.create_task(self._dispatcher.run(), name="dispatcher")
        self._start_run()

    async def stop(self) -> None:
        """Cancel what runs, and wait for it."""
        if self._run is not None:
            self._run.cancel()
            await asyncio.gather(self._run, return_exceptions=True)
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
        self._submit("the end of inference()", scope, partial(self._kind, "__reactor_session_ended__"))
        self._submit("@session_ended", scope, partial(self._session_ended, done))

    def call(self, member: Member, declaration: CommandDeclaration, arguments: dict[str, Any], ticket: Ticket) -> bool:
        """Queue a command; False where there is no room."""
        return self._submit(
            declaration.name,
            member.scope,
            partial(self._call, member, declaration, arguments, ticket),
            key=(id(member), declaration.name) if declaration.dedupe else None,
            bounded=True,
            supersede=partial(self._superseded, ticket),
        )

    def _submit(self, label: str, scope: Scope, work: Callable[[], Awaitable[None]], **options: Any) -> bool:
        return self._dispatcher.submit(Job(label, scope, partial(self._perform, label, scope, work), **options))

    # -- the jobs, on the model's loop

    async def _perform(self, label: str, scope: Scope, work: Callable[[], Awaitable[None]]) -> None:
        token = handler_stamp.set(self._host.new_stamp(scope))
        try:
            async with asyncio.timeout(OVERDUE if scope is self._overdue else None):
                await work()
        except TimeoutError:
            self._counters.add("hooks.overdue")
            logger.warning("%s has not finished with its session; it is cancelled", label)
        finally:
            handler_stamp.reset(token)

    async def _session_started(self, scope: Scope) -> None:
        self._host.scope = scope
        self._failed_hook = ""
        await self._kind("__reactor_session_started__")
        await self._hook("session_started")
        if self._run is None or self._run.done():
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
        if declaration.client_parameter:
            arguments = {**arguments, declaration.client_parameter: member.info}
        try:
            reply = _reply(await invoke(getattr(self._model, declaration.attribute), **arguments), declaration)
        except CommandError as refusal:
            self._outbox.put(partial(ticket.refuse, refusal.code, refusal.message))
        except BaseException as error:
            if _cancelled_from_outside(error):
                self._outbox.put(partial(ticket.refuse, "internal_error", f"{declaration.name}: it was stopped"))
                raise
            self._counters.add("handlers.failed")
            self._faults.add(declaration.attribute, error, answered=True)
            logger.exception("the handler %s.%s failed", self._class.__name__, declaration.attribute)
            text = f"{declaration.name}: its handler failed; the reason is in the server's log"
            self._outbox.put(partial(ticket.refuse, "internal_error", text))
        else:
            self._outbox.put(partial(ticket.reply, reply))

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
            if _cancelled_from_outside(error):
                raise
            self._counters.add("hooks.failed")
            self._faults.add(f"@{kind} {hook.attribute}", error)
            logger.exception("the @%s hook failed: %s.%s", kind, self._class.__name__, hook.attribute)
            if kind == "connected":
                self._failed_hook = f"{hook.attribute}(), which had failed with {type(error).__name__}: {error}"

    async def _kind(self, method: str) -> None:
        """What this kind of model does itself around a session, beside the author's hooks."""
        try:
            await invoke(getattr(self._model, method))
        except BaseException as error:
            if _cancelled_from_outside(error):
                raise
            self._counters.add("hooks.failed")
            self._faults.add(method.strip("_").removeprefix("reactor_"), error)
            logger.exception("%s.%s failed", self._class.__name__, method)

    # -- run()

    def _start_run(self) -> None:
        run = getattr(self._model, "run", None)
        if run is not None:
            assert self._context is not None
            # its own context: a restart comes from the dispatcher, and run() must not count as a handler
            self._run = asyncio.get_running_loop().create_task(
                self._supervise(run), name="run()", context=self._context.copy()
            )

    async def _supervise(self, run: Callable[[], Awaitable[None]]) -> None:
        self._host.step_begins()
        try:
            await run()
        except BaseException as error:
            if _cancelled_from_outside(error):
                raise
            hook = f" (after the @connected hook {self._failed_hook})" if self._failed_hook else ""
            logger.exception("run() of %s failed%s", self._class.__name__, hook)
            # the text of our own errors holds nothing of the author's; that of others may
            what = f"{type(error).__name__}: {error}" if isinstance(error, ReactorError) else type(error).__name__
            reason = f"the model's run() failed with {what}{hook}; the server's log has more"
            self._faults.add("run()", error)
        else:
            logger.error("run() of %s returned; it is to loop for as long as the server is up", self._class.__name__)
            reason = "the model's run() returned; it is to loop for as long as the server is up"
            self._faults.add("run()", ModelError(reason))
        self._counters.add("run.ended")
        served, current = self._host.run_over(), self._host.scope
        if served is None or not served.closed:
            served = current
        self._outbox.put(partial(self._on_crash, reason, served))
        if current is not None and current is not served:
            self._start_run()  # the session it failed for is over, and the next one has begun without it


async def invoke(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
    """Call the author's function, `async def` or plain."""
    result = function(*arguments, **keywords)
    return await result if inspect.isawaitable(result) else result


def _cancelled_from_outside(error: BaseException) -> bool:
    """Whether this task is being cancelled, rather than the author's code having met a cancelled task of its own."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


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
    annotation = parameters[0].annotation
    if annotation is Path or annotation in ("Path", "pathlib.Path"):
        return [path]
    return [config]
