"""Where things run: the model's thread and loop, the player's thread, the conversion worker.

`ThreadedExecution` is how a server runs. `InlineExecution` puts everything on the caller's loop, so that a clock that
is not the machine's can drive it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from ..clock import Clock
from .player import Player
from .worker import Worker

logger = logging.getLogger("reactor.threads")

T = TypeVar("T")

IDLE_WAIT = 60.0
"""The player's longest wait in seconds; it is woken when there is something to do."""


class Execution(Protocol):
    """The threads of one runtime, or none."""

    @property
    def model_thread(self) -> int | None:
        """The identity of the model's thread, None where it has none of its own."""
        ...

    def open(self) -> asyncio.AbstractEventLoop:
        """Start the model's loop."""
        ...

    def drive(self, player: Player) -> None:
        """Turn the player whenever something is due."""
        ...

    async def convert(self, work: Callable[[], T]) -> T:
        """Do `work` off the model's loop, and wait for it there."""
        ...

    async def close(self, timeout: float) -> bool:
        """End it all; False if the model's thread has not ended within `timeout` seconds."""
        ...


class ThreadedExecution:
    """A thread for the model, one for the player, and a worker for conversions."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._loop = asyncio.new_event_loop()
        self._model = threading.Thread(target=self._run_model, name="reactor-model", daemon=True)
        self._worker = Worker("reactor-convert")
        self._player: Player | None = None
        self._player_thread = threading.Thread(target=self._run_player, name="reactor-player", daemon=True)
        self._condition = threading.Condition()
        self._kicked = False
        self._closing = False

    @property
    def model_thread(self) -> int | None:
        return self._model.ident

    def open(self) -> asyncio.AbstractEventLoop:
        self._model.start()
        return self._loop

    def drive(self, player: Player) -> None:
        self._player = player
        player.kick = self._kick
        self._player_thread.start()

    async def convert(self, work: Callable[[], T]) -> T:
        return await self._worker.do(work)

    async def close(self, timeout: float) -> bool:
        with self._condition:
            self._closing = True
            self._condition.notify()
        if self._model.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            await asyncio.to_thread(self._model.join, timeout)
        if self._player_thread.is_alive():
            await asyncio.to_thread(self._player_thread.join, timeout)
        self._worker.close()
        return not self._model.is_alive()

    def _run_model(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            while not self._closing:
                try:
                    self._loop.run_forever()
                except (SystemExit, KeyboardInterrupt) as error:  # asyncio lets these out of a task and stops
                    logger.error(
                        "a task of the model ended with %s: %s; it is the server that ends the process",
                        type(error).__name__,
                        error,
                    )
        finally:
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()

    def _kick(self) -> None:
        with self._condition:
            self._kicked = True
            self._condition.notify()

    def _run_player(self) -> None:
        assert self._player is not None
        while True:
            due = self._player.turn()
            with self._condition:
                while not self._kicked and not self._closing:
                    wait = IDLE_WAIT if due is None else min(due - self._clock.now(), IDLE_WAIT)
                    if wait <= 0:
                        break
                    self._condition.wait(wait)
                self._kicked = False
                if self._closing:
                    return


class Cancellable(Protocol):
    def cancel(self) -> None: ...


class InlineExecution:
    """Everything on the running loop. The player turns on timers of its own, as a thread beside the model would.

    Args:
        call_at: calls a function at a time of the clock, also while the model's step lets time pass; the running
            loop's `call_at` where left out.
    """

    model_thread: int | None = None

    def __init__(self, call_at: Callable[[float, Callable[[], None]], Cancellable] | None = None) -> None:
        self._call_at = call_at or asyncio.get_running_loop().call_at
        self._timer: Cancellable | None = None
        self._player: Player | None = None

    def open(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    def drive(self, player: Player) -> None:
        self._player = player
        player.kick = self._turn

    async def convert(self, work: Callable[[], T]) -> T:
        await asyncio.sleep(0)
        return work()

    async def close(self, timeout: float) -> bool:
        if self._timer is not None:
            self._timer.cancel()
        return True

    def _turn(self) -> None:
        assert self._player is not None
        if self._timer is not None:
            self._timer.cancel()
        due = self._player.turn()
        self._timer = None if due is None else self._call_at(due, self._turn)
