"""A model that writes on all it makes in which session it was made, for whom, and after how many flushes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from reactor_runtime.errors import CommandError
from reactor_runtime.interface import (
    ClientInfo,
    Metadata,
    ModelMessage,
    Output,
    ReactorModel,
    UploadedFile,
    Video,
    connected,
    disconnected,
    event,
    file_uploaded,
    session_ended,
    session_started,
)


class Frame(Output):
    main_video: Video
    stamp: Metadata


class Tick(ModelMessage):
    """To everybody."""

    session: int


class Hello(ModelMessage):
    """To one client alone."""

    session: int
    client: int


class Echo(ModelMessage):
    """The answer to a command."""

    session: int
    token: int


@dataclass
class Story:
    """What happened to the model, and how it is to behave.

    Attributes:
        sessions: how many have begun for it.
        wrong: what reached it in a session that is not its own.
        step: how long a step of `run()` takes, in seconds.
        chunk: how many frames a step makes.
        hook: how long `@connected` takes.
        is_open: whether a session, by its number, is open on the server's side.
        stale: the tokens of commands that were sent by a client that had left.
        flushed: when the output was flushed, by the same clock.
        crashed: the sessions in which `run()` has failed, and when, by the clock of its loop.
    """

    sessions: int = 0
    wrong: list[str] = field(default_factory=list)
    step: float = 0.2
    chunk: int = 1
    hook: float = 0.0
    is_open: Callable[[int], bool] = lambda session: True
    stale: set[int] = field(default_factory=set)
    crashed: list[tuple[int, float]] = field(default_factory=list)
    flushed: list[float] = field(default_factory=list)


PICTURE = np.zeros((4, 4, 3), np.uint8)


class Stamped(ReactorModel):
    fps = 20

    def load(self, config: Any) -> None:
        self.story: Story = config["story"]
        self.here: set[int] = set()
        self.founder = 0
        self.flushes = 0
        self.frames = 0
        self.crashes = False
        self.own_tasks: set[asyncio.Task[None]] = set()

    # -- sessions and clients

    @session_started
    def begin(self) -> None:
        self.story.sessions += 1
        self.here.clear()

    @session_ended
    def end(self) -> None:
        if self.here:
            self.story.wrong.append(f"session {self.story.sessions} ended with {self.here} in it")

    @connected
    async def hello(self, client: ClientInfo) -> None:
        if not self.here:
            self.founder = client.id
        self.here.add(client.id)
        session = self.story.sessions
        await asyncio.sleep(self.story.hook)
        await client.send(Hello(session=session, client=client.id))

    @disconnected
    def bye(self, client: ClientInfo) -> None:
        self.here.discard(client.id)

    @file_uploaded
    def got(self, uploaded_file: UploadedFile) -> None:
        self._check("the hook of an upload", int(uploaded_file.data))

    def _check(self, what: str, session: int, token: int | None = None) -> None:
        if session != self.story.sessions:
            self.story.wrong.append(f"{what} of session {session} in session {self.story.sessions}")
        if not self.story.is_open(session):
            self.story.wrong.append(f"{what} of session {session}, which is over")
        if token in self.story.stale:
            self.story.wrong.append(f"{what} of a client that had left")

    def _frame(self, founder: int) -> Frame:
        stamp = {"session": self.story.sessions, "founder": founder, "flushes": self.flushes}
        return Frame(main_video=PICTURE, stamp=stamp)

    # -- commands

    @event(name="echo")
    def echo(self, session: int, token: int) -> Echo:
        self._check("a command", session, token)
        return Echo(session=session, token=token)

    @event(name="newest", dedupe=True)
    def newest(self, session: int, token: int) -> Echo:
        return self.echo(session, token)

    @event(name="slow")
    async def slow(self, session: int, token: int, seconds: float) -> Echo:
        self._check("a command", session, token)
        frame = self._frame(self.founder)
        await asyncio.sleep(seconds)
        await self.emit(frame)
        await self.send(Tick(session=session))
        return Echo(session=session, token=token)

    @event(name="never")
    async def never(self, session: int, token: int) -> None:
        self._check("a command", session, token)
        await asyncio.get_running_loop().create_future()

    @event(name="later")
    async def later(self, session: int, token: int, seconds: float) -> None:
        """What a handler leaves behind goes on, and is of its session all the same."""
        self._check("a command", session, token)
        frame = self._frame(self.founder)

        async def rest() -> None:
            await asyncio.sleep(seconds)
            await self.send(Tick(session=session))
            await self.emit(frame)

        task = asyncio.create_task(rest())
        self.own_tasks.add(task)
        task.add_done_callback(self.own_tasks.discard)

    @event(name="fail")
    def fail(self, session: int, token: int) -> None:
        self._check("a command", session, token)
        raise ValueError("as it was told to")

    @event(name="refuse")
    def refuse(self, session: int, token: int) -> None:
        self._check("a command", session, token)
        raise CommandError("unwilling", "as it was told to")

    @event(name="keep")
    def keep(self, session: int, token: int, file: UploadedFile) -> Echo:
        self._check("a command", session, token)
        self._check("a file", int(file.data))
        return Echo(session=session, token=token)

    @event(name="flush")
    def flush(self, session: int, token: int, hold: bool) -> None:
        self._check("a command", session, token)
        self.output_buffer.flush(hold)
        self.flushes += 1
        self.story.flushed.append(asyncio.get_running_loop().time())

    @event(name="whisper")
    async def whisper(self, client: ClientInfo, session: int, token: int) -> None:
        self._check("a command", session, token)
        await client.send(Hello(session=session, client=client.id))

    @event(name="crash")
    def crash(self, session: int, token: int) -> None:
        self._check("a command", session, token)
        self.crashes = True

    # -- frames

    async def run(self) -> None:
        while True:
            await self.connected.wait()
            founder = self.founder  # what authors keep of a client until they see it gone
            while self.connected.is_set():
                if self.crashes:
                    self.crashes = False
                    self.story.crashed.append((self.story.sessions, asyncio.get_running_loop().time()))
                    raise RuntimeError("as it was told to")
                if self.story.chunk > 1:  # it looks too seldom to notice each change of clients, and is told so
                    founder = self.founder
                frame = self._frame(founder)
                await asyncio.sleep(self.story.step)
                await self.emit(frame)
                for _ in range(self.story.chunk - 1):  # a step of its own: it began when the last `emit` returned
                    await self.emit(self._frame(founder))
                self.frames += 1
                if self.frames % 3 == 0:
                    await self.send(Tick(session=self.story.sessions))


class Reloaded(Stamped):
    """The same, as new code."""


def stamp_of(user_data: bytes) -> dict[str, int] | None:
    """The stamp of a frame; None for the black one that marks a flush."""
    return json.loads(user_data) if user_data else None
