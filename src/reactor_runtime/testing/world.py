"""A whole runtime under a virtual clock, for coroutines: the engine's own tests, and what `Harness` drives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from ..engine.execution import InlineExecution
from ..engine.runtime import Runtime
from ..interface.model import ReactorModel
from ..limits import Limits
from ..transport.memory import MemoryConnection, MemoryTransport
from .virtual_time import VirtualClock, run


class World:
    """A model that is being run, its clock, and the way in for clients. Make it on the clock's loop.

    Args:
        model: the class.
        config: what `load` gets.
        config_path: the file it came from, for a `load` that takes a path.
        clock: the loop's clock.
        limits: every bound; the runtime's own where left out.
        keep_bytes: of its pictures each client keeps the newest so many bytes; all of them where left out.
    """

    def __init__(
        self,
        model: type[ReactorModel],
        *,
        config: Mapping[str, Any] | None = None,
        config_path: Path | None = None,
        clock: VirtualClock,
        limits: Limits | None = None,
        keep_bytes: int | None = None,
    ) -> None:
        self.clock = clock
        self.runtime = Runtime(
            model,
            name="test",
            config=config,
            config_path=config_path,
            clock=clock,
            limits=limits,
            execution=InlineExecution(clock.call_at),
        )
        self.transport = MemoryTransport(self.runtime, clock, keep_bytes)
        self.runtime.add_transport(self.transport)

    @property
    def model(self) -> Any:
        """The model's instance."""
        return self.runtime.instance

    async def load(self) -> None:
        """Load the model and start its `run()`.

        Raises:
            ModelError: it could not be loaded; the author's exception is its `__cause__`.
        """
        self.runtime.start()
        await self.runtime.loaded()

    async def connect(self, *, paused: bool = False) -> MemoryConnection:
        """Start the session if none runs, and join it. A `paused` client sees the tracks it resumes."""
        await self.runtime.start_session()
        return self.transport.connect(paused=paused)

    async def upload(self, name: str, data: bytes, mime_type: str) -> str:
        """Put a file into the running session; returns its id."""

        async def body() -> AsyncIterator[bytes]:
            yield data

        store = self.runtime.find_session().uploads
        upload_id = store.declare(name, len(data), mime_type)
        await store.write(upload_id, body(), len(data))
        return upload_id

    @property
    def counts(self) -> dict[str, int]:
        """What was counted so far, by name."""
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
        world = World(model, config=config, clock=clock, limits=limits)
        await world.load()
        try:
            await scenario(world)
        finally:
            await world.runtime.close("the test is over")
        return world

    return run(whole(), clock)
