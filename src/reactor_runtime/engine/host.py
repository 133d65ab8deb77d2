"""What a model is bound to while it runs: `emit`, `send`, `connected`, `output_buffer`, `input`."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import replace
from functools import partial
from typing import Any

from ..clock import Clock
from ..complaints import Complaints
from ..counters import Counters
from ..interface.host import make_inputs
from ..interface.inputs import InputBuffer
from ..interface.messages import ModelMessage, check_message, message_data, wire_name
from ..interface.tracks import Output, TrackInfo
from ..limits import Limits
from ..media.frameset import FrameSet
from ..media.outputs import Emission, check_compute_time, check_output
from ..media.ranges import Ranges
from ..wire.messages import Message
from .balance import Balance
from .dispatcher import Dispatcher
from .futures import finish
from .gate import Gate
from .outbox import Outbox
from .player import Player
from .scope import Member, Scope, Stamp, handler_stamp
from .sides import in_dispatcher, on_run_side

logger = logging.getLogger("reactor.model")

Convert = Callable[[Callable[[], list[FrameSet]]], Awaitable[list[FrameSet]]]
"""Runs a conversion where the model's loop is not held up by it."""

keep_picture: ContextVar[bool] = ContextVar("reactor_keep_picture", default=False)
"""Set while `@disconnected` runs and other clients remain: a flush leaves them their picture."""


class ModelHost:
    """Binds one model to its player, its dispatcher and the way to the clients. On the model's loop.

    Args:
        model: the class.
        tracks: its tracks.
        clock, limits, counters: of the process.
        dispatcher, player, outbox: the queues it works with.
        convert: see `Convert`.
    """

    def __init__(
        self,
        model: type,
        tracks: tuple[TrackInfo, ...],
        *,
        clock: Clock,
        limits: Limits,
        counters: Counters,
        dispatcher: Dispatcher,
        player: Player,
        outbox: Outbox,
        convert: Convert,
    ) -> None:
        self._name = model.__name__
        self._tracks = {track.name: track for track in tracks if track.direction == "out"}
        self._clock = clock
        self._limits = limits
        self._counters = counters
        self._dispatcher = dispatcher
        self._player = player
        self._outbox = outbox
        self._convert = convert
        self._run_stamp = Stamp()
        self._working = False
        self._generation = 0
        self._pacers: list[asyncio.Future[None]] = []
        self._flaws: dict[str, int] = {}
        self._balance = Balance()
        self._complaints = Complaints(logger, clock.now)
        self._ranges = Ranges()
        self._range_complaints = {name: Complaints(logger, clock.now) for name in self._tracks}
        self.scope: Scope | None = None
        self.gate = Gate(dispatcher.settle, self._step_ended, self.step_begins, limits.edge_wait)
        self.connected = self.gate
        self.output_buffer = _OutputBuffer(player, self._flushed)
        self.inputs = {
            track.name: InputBuffer(
                capacity=limits.input_frames,
                max_bytes=limits.input_bytes,
                on_evict=partial(counters.add, "input.evicted"),
                on_read=self._read,
                on_wait=self._waits,
            )
            for track in tracks
            if track.direction == "in"
        }
        self.input = make_inputs(model, self.inputs)
        self._thread = threading.get_ident()
        loop = asyncio.get_running_loop()
        player.changed = lambda: _call(loop, self._look_again)

    # -- the author's side

    async def emit(self, output: Output, *, compute_time: float | None, drop: bool) -> None:
        emitted = self._clock.now()
        self._check_thread("emit()")
        if on_run_side():
            self.gate.emitted()
            self._working = False
        self._report_flaws()
        stamp = replace(self._stamp())  # as it is when the step ends: a flush meanwhile must not renew it
        check_compute_time(compute_time)
        self._ranges.begin(stamp.scope)
        emission = check_output(output, self._tracks, self._name, self._limits, self._ranges)
        make = partial(emission.frames, self._player.fps)
        if emission.quick:
            frames = make()
            await asyncio.sleep(0)  # the loop gets its turn all the same
        else:
            frames = await self._convert(make)
        self._note_flaws(emission)
        if compute_time is None:
            self._check_balance(emission)
        self._player.push(frames, stamp=stamp, drop=drop, compute_time=compute_time, emitted=emitted)
        if not drop:
            await self._pace()
        await self._dispatcher.settle()
        self.step_begins()

    async def send(self, message: ModelMessage) -> None:
        self._check_thread("send()")
        wire = _wire_message(message, "send()")
        scope = self._stamp().scope
        if scope is None or scope.closed:
            self._counters.add("messages.nobody")
        else:
            await self._outbox.put_when_room(partial(scope.broadcast, wire), self._limits.send_wait)
        await self._dispatcher.settle()
        if not in_dispatcher() and not self.gate.edge_pending:
            self._stamp().scope = self.scope

    def send_threadsafe(self, message: ModelMessage) -> None:
        wire = _wire_message(message, "send_threadsafe()")
        scope = self.scope
        if scope is None or scope.closed:
            self._counters.add("messages.nobody")
        else:
            self._outbox.put_if_room(partial(scope.broadcast, wire))

    async def send_to(self, member: Member, message: ModelMessage) -> None:
        """`client.send`: to one client alone."""
        self._check_thread("client.send()")
        wire = _wire_message(message, "client.send()")
        await self._outbox.put_when_room(partial(member.deliver, wire), self._limits.send_wait)
        await self._dispatcher.settle()

    @property
    def step_began(self) -> float | None:
        """When the step began that `run()` is in; None while it is inside `emit()`, waits at the gate or for a frame
        of an input, or has ended. From any thread."""
        return self._run_stamp.began if self._working else None

    # -- the supervisor's side

    def step_begins(self) -> None:
        """A step begins now: what it makes belongs to the clients, the session and the epoch of this moment.

        Not while the last client's leaving has not been noticed: then it still works for the one who is gone.
        """
        stamp = self._stamp()
        if on_run_side():
            stamp.began = self._clock.now()
            self._working = True
        else:
            stamp.began = None
        if not self._for_one_gone():
            stamp.generation = self._generation
            stamp.epoch = self._player.epoch
            if not in_dispatcher():
                stamp.scope = self.scope

    def new_stamp(self, scope: Scope) -> Stamp:
        """The stamp of a handler or hook that begins now."""
        return Stamp(scope, self._generation, self._player.epoch)

    def emptied(self, generation: int) -> None:
        """The model has been told that the last client of a generation left; what it makes now is the next's."""
        self._generation = generation

    def run_over(self) -> Scope | None:
        """`run()` has ended; returns the session its last step was for."""
        self._run_stamp.began = None
        self.gate.forget()
        return self._run_stamp.scope

    # -- inside

    def _check_thread(self, call: str) -> None:
        if threading.get_ident() != self._thread:
            self._counters.add("model.wrong_thread")
            raise RuntimeError(
                f"{call} was called on thread {threading.current_thread().name!r}, and works on the model's only. Give "
                "what the thread made to run() or a handler, as `await asyncio.to_thread(...)` does; messages may also "
                "go by self.send_threadsafe()"
            )

    def _note_flaws(self, emission: Emission) -> None:
        for track, count in emission.flaws():
            self._counters.add("frames.not_finite")
            self._flaws[track] = self._flaws.get(track, 0) + count
        for track, problem in self._ranges.problems(emission.seen()):
            self._range_complaints[track].warn(f"emit(): {self._name} gave track {track!r} {problem}")

    def _check_balance(self, emission: Emission) -> None:
        flaw = self._balance.add(emission.length, self._player.fps, emission.seconds())
        if flaw is not None:
            self._counters.add("sound.unbalanced")
            self._complaints.warn(flaw)

    def _report_flaws(self) -> None:
        """Say what the last conversion found: what is checked while it is converted is known only then."""
        if self._flaws:
            found = ", ".join(f"{count} of track {track!r}" for track, count in self._flaws.items())
            self._complaints.warn(f"emit(): {self._name} gave values that are no numbers (NaN), shown as 0: {found}")
            self._flaws.clear()

    def _stamp(self) -> Stamp:
        return self._run_stamp if on_run_side() else handler_stamp.get() or self._run_stamp

    def _step_ended(self) -> None:
        self._run_stamp.began = None

    def _flushed(self) -> None:
        stamp = self._stamp()
        if not self._for_one_gone():
            stamp.epoch = self._player.epoch

    def _for_one_gone(self) -> bool:
        """Whether this is `run()`, which has not noticed yet that the last client left."""
        return on_run_side() and self.gate.edge_pending

    def _read(self, waited: bool) -> None:
        """A frame was read: what is made of it is new, also where the step began long ago."""
        began = self._stamp().began
        self.step_begins()
        if not waited:  # the time since the last emit was work
            self._stamp().began = began

    def _waits(self, waiting: bool) -> None:
        """`run()` waits for a frame to come in, which is no work of its step."""
        if on_run_side():
            self._working = not waiting

    async def _pace(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            at = self._player.return_at()
            if at is None or at <= self._clock.now():
                return
            woken: asyncio.Future[None] = loop.create_future()
            timer = loop.call_at(at, finish, woken)
            self._pacers.append(woken)
            try:
                await woken
            finally:
                timer.cancel()
                self._pacers.remove(woken)

    def _look_again(self) -> None:
        for pacer in self._pacers:
            finish(pacer)


class _OutputBuffer:
    """`self.output_buffer` of a model that runs."""

    def __init__(self, player: Player, flushed: Callable[[], None]) -> None:
        self._player = player
        self._flushed = flushed

    @property
    def fps(self) -> float:
        return self._player.fps

    @property
    def depth(self) -> int:
        return self._player.depth

    def flush(self, hold: bool = False) -> None:
        self._player.flush(hold=hold or keep_picture.get())
        self._flushed()

    def clear(self) -> None:
        self._player.clear()

    def set_fps(self, fps: float) -> None:
        self._player.set_fps(fps)


def _wire_message(message: Any, caller: str) -> Message:
    checked = check_message(message, caller)
    return Message(wire_name(type(checked)), message_data(checked))


def _call(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(callback)
