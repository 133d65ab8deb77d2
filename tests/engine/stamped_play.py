"""Drives a stamped model through sessions, clients, commands and uploads."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Awaitable, Sequence
from typing import Any, TypeVar

from reactor_runtime.engine.replacement import Replacement
from reactor_runtime.engine.session import Session
from reactor_runtime.engine.state import IN_SESSION, Event, State
from reactor_runtime.errors import ReloadError, SessionError, UploadError
from reactor_runtime.testing.virtual_time import VirtualClock, VirtualLoop
from reactor_runtime.testing.world import World
from reactor_runtime.wire.messages import Ping, UploadReference

from .stamped import Reloaded, Stamped, Story
from .stamped_checks import LIMITS, Seat, Upload, check

T = TypeVar("T")

PING = 5.0


class Play:
    """A runtime in the making of a story. Every method lets at most so much virtual time pass as it says."""

    def __init__(self) -> None:
        self.threads = threading.active_count()
        self.clock = VirtualClock()
        self.loop = VirtualLoop(self.clock)
        self.story = Story(is_open=lambda session: not self.sessions[session - 1].closed)
        self.seats: list[Seat] = []
        self.uploads: list[Upload] = []
        self.sessions: list[Session] = []
        self.crowd: set[int] = set()
        self.touched = 0.0
        self.tokens = 0
        self.path: list[tuple[State, Event, State]] = []
        self.world = self.do(self._open())
        self.runtime = self.world.runtime

    async def _open(self) -> World:
        world = World(Stamped, config={"story": self.story}, clock=self.clock, limits=LIMITS)
        machine = world.runtime._machine
        machine._on_change = self._changed
        await world.load()
        return world

    def _changed(self, old: State, event: Event, new: State) -> None:
        self.path.append((old, event, new))
        if new in (State.WAITING, State.ORPHANED):
            self.touched = self.clock.now()

    def do(self, work: Awaitable[T]) -> T:
        async def whole() -> T:
            return await work

        return self.loop.run_until_complete(whole())

    # -- sessions and time

    def start(self) -> None:
        async def start() -> None:
            self._note(await self.runtime.start_session())

        self.do(start())

    def _note(self, session: Session) -> None:
        self.touched = self.clock.now()
        if session not in self.sessions:
            self.sessions.append(session)
            self.crowd = set()

    def stop(self, wait: bool) -> None:
        """Stop the session; without `wait`, what follows happens while it closes."""
        running = self.runtime.state in IN_SESSION

        async def stop() -> None:
            try:
                await self.runtime.stop_session("enough")
            except SessionError:
                assert not running
            else:
                assert running
            while wait and self.runtime.state is State.CLOSING:
                await asyncio.sleep(0.01)

        self.do(stop())

    def passes(self, seconds: float) -> None:
        """Time passes, and those who are there say so."""

        async def passing() -> None:
            left = seconds
            while left > 0:
                for seat in self.seats:
                    if seat.present and not seat.silent:
                        self._say(seat, Ping())
                await asyncio.sleep(min(left, PING))
                left -= PING

        self.do(passing())

    def rests(self) -> None:
        """All that can happen at this instant happens."""
        self.do(self.loop.rest())

    def behaves(self, step: float, chunk: int, hook: float) -> None:
        self.story.step, self.story.chunk, self.story.hook = step, chunk, hook

    # -- clients

    def joins(self) -> None:
        async def join() -> None:
            open_ = self.runtime.state in IN_SESSION
            try:
                connection = self.world.transport.connect()
            except SessionError:
                assert not open_
                return
            assert open_ and self.runtime.session is self.sessions[-1]
            if len(self.runtime.session.clients) == 1:
                self.crowd = set()
            self.crowd.add(connection.client.info.id)
            self.touched = self.clock.now()
            self.seats.append(Seat(connection, len(self.sessions), self.crowd, self.clock.now()))

        self.do(join())

    def leaves(self, seat: Seat) -> None:
        async def leave() -> None:
            if seat.present:  # what waits for a file of its is not done any more
                self.story.stale |= {token for token, file in seat.waiting.items() if not file.gate.is_set()}
            seat.connection.leave()

        self.do(leave())

    def vanishes(self, seat: Seat) -> None:
        """It is heard of no more."""
        seat.silent = True

    def _say(self, seat: Seat, message: Any) -> None:
        seat.heard = self.clock.now()
        seat.connection.client.receive(message)

    # -- commands

    def says(self, seat: Seat, names: Sequence[str], seconds: float = 1.0, hold: bool = False) -> None:
        """It sends commands, all at once; nothing else happens meanwhile."""

        async def say() -> None:
            for name in names:
                self._send(seat, name, seconds, hold)

        self.do(say())

    def _send(self, seat: Seat, name: str, seconds: float, hold: bool, file: Upload | None = None) -> None:
        self.tokens += 1
        arguments: dict[str, Any] = {"session": seat.session, "token": "one" if name == "echo?" else self.tokens}
        if name in ("slow", "later"):
            arguments["seconds"] = seconds
        if name == "flush":
            arguments["hold"] = hold
        uploads = {} if file is None else {"file": UploadReference(file.id)}
        if file is not None:
            seat.waiting[self.tokens] = file
        if seat.present:
            request = f"request_{len(seat.connection._requests) + 1}"
            seat.sent[request] = (self.clock.now(), name, self.tokens)
            seat.heard = self.clock.now()
        else:
            self.story.stale.add(self.tokens)
        seat.connection.post(name.rstrip("?"), arguments, uploads)

    # -- uploads

    def declares(self) -> None:
        async def declare() -> None:
            if self.runtime.state in IN_SESSION:
                session = self.runtime.find_session()
                self.touched = self.clock.now()
                data = str(len(self.sessions)).encode()
                name = session.uploads.declare("stamp", len(data), "text/plain")
                self.uploads.append(Upload(len(self.sessions), name, data, asyncio.Event()))

        self.do(declare())

    def writes(self, upload: Upload, at_once: bool) -> None:
        """The bytes of a file begin to come, through its session's store; `at_once` they end, too."""

        async def body() -> AsyncGenerator[bytes, None]:
            await upload.gate.wait()
            yield upload.data

        async def write() -> None:
            async with contextlib.aclosing(body()) as chunks:
                with contextlib.suppress(UploadError):
                    await self.sessions[upload.session - 1].uploads.write(upload.id, chunks, None)

        async def begin() -> None:
            if upload.writing is None:
                upload.writing = asyncio.create_task(write())
            if at_once:
                upload.gate.set()
                await asyncio.sleep(0)

        self.do(begin())

    def uses(self, seat: Seat, upload: Upload) -> None:
        async def use() -> None:
            self._send(seat, "keep", 0.0, False, upload)

        self.do(use())

    # -- code

    def reloads(self, rerun: bool) -> None:
        """New code takes the place of the old; it may have to wait for a handler, in vain."""
        model = Stamped if self.runtime.model is Reloaded else Reloaded

        async def reload() -> None:
            with contextlib.suppress(ReloadError):
                await self.runtime.replace_model(Replacement(model, rerun=frozenset({"connected"} if rerun else ())))

        self.do(reload())

    # -- the end

    def trace(self) -> list[Any]:
        """All that clients got, and when: the same steps give the same."""
        got = [[(at, repr(message)) for at, message in seat.connection.received] for seat in self.seats]
        seen = [[(shown.at, shown.picture.user_data) for shown in seat.connection.frames] for seat in self.seats]
        return [got, seen, self.path]

    def close(self) -> None:
        """End it; nothing is left behind."""

        async def left() -> list[str]:
            own = set(self.world.model.own_tasks)
            for upload in self.uploads:
                upload.gate.set()
                if upload.writing is not None:
                    await upload.writing
            for task in own:
                task.cancel()
            await asyncio.gather(*own, return_exceptions=True)
            return [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]

        try:
            self.do(self.runtime.close("the play is over"))
            check(self)
            assert self.runtime.state is State.TERMINATED
            assert self.do(left()) == []
        finally:
            self.loop.finish()
        assert threading.active_count() <= self.threads
