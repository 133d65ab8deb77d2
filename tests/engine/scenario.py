"""A model in process under a virtual clock, with in-process clients."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import numpy as np

from reactor_runtime.engine.execution import InlineExecution
from reactor_runtime.engine.runtime import Runtime
from reactor_runtime.interface import Output, ReactorModel, Video
from reactor_runtime.limits import Limits
from reactor_runtime.transport.memory import MemoryConnection, MemoryTransport

from ..virtual_time import VirtualClock, run


class Picture(Output):
    main_video: Video


def grey(level: int, size: tuple[int, int] = (4, 6)) -> Picture:
    """A frame that can be told by its level."""
    return Picture(main_video=np.full((*size, 3), level, np.uint8))


def level(connection: MemoryConnection, index: int = -1) -> int:
    """The level of a frame that a client saw."""
    return int(connection.frames[index].picture.rgb()[0, 0, 0])


def levels(connection: MemoryConnection) -> list[int]:
    return [int(frame.picture.rgb()[0, 0, 0]) for frame in connection.frames]


class World:
    """A runtime, its clock and its clients."""

    model: Any

    def __init__(self, runtime: Runtime, clock: VirtualClock) -> None:
        self.runtime = runtime
        self.clock = clock
        self.transport = MemoryTransport(runtime, clock)
        runtime.add_transport(self.transport)

    async def connect(self, *, paused: bool = False) -> MemoryConnection:
        """Start the session if none runs, and join it."""
        await self.runtime.start_session()
        return self.transport.connect(paused=paused)

    @property
    def counts(self) -> dict[str, int]:
        return self.runtime.counters.snapshot()


def play(
    model: type[ReactorModel],
    scenario: Callable[[World], Awaitable[None]],
    *,
    config: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    clock: VirtualClock | None = None,
) -> World:
    """Load `model`, run `scenario` with it, end it."""
    clock = clock or VirtualClock()

    async def whole() -> World:
        runtime = Runtime(
            model, name="test", config=config, clock=clock, limits=limits, execution=InlineExecution(clock.call_at)
        )
        world = World(runtime, clock)
        runtime.start()
        await runtime.loaded()
        try:
            await scenario(world)
        finally:
            await runtime.close("the test is over")
        return world

    return run(whole(), clock)


def play_with_model(
    model: type[ReactorModel], scenario: Callable[[World], Awaitable[None]], *, limits: Limits | None = None
) -> World:
    """Like `play`, with the model's instance as `world.model` and the clock in its config."""
    clock = VirtualClock()
    made: list[Any] = []

    def load(self: Any, config: Mapping[str, Any]) -> None:
        made.append(self)
        model.load(self, config)

    kept = type(model.__name__, (model,), {"load": load, "__doc__": model.__doc__})

    async def with_model(world: World) -> None:
        world.model = made[0]
        await scenario(world)

    return play(kept, with_model, config={"clock": clock}, clock=clock, limits=limits)
