"""A model that runs in this process, under a virtual clock, driven by plain function calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from ..engine.faults import Fault
from ..errors import ModelError
from ..interface.config import Config
from ..interface.model import ReactorModel
from ..limits import MIB, Limits
from ..manifest import import_model, read_manifest
from .client import Client
from .virtual_time import VirtualClock, VirtualLoop
from .world import World

T = TypeVar("T")

_LOOK_SECONDS = 0.005
"""How often `until` looks, in virtual seconds."""

_ADMITTED_SECONDS = 60.0

KEEP_BYTES = 256 * MIB
"""Of its pictures a client keeps the newest so many bytes: nine seconds at 640x360 and 30 frames a second."""


class Harness:
    """Runs a model as `reactor run` would, without a server: the same validation, dispatch, pacing, sessions and
    epochs, with clients in this process.

    Time is virtual. It passes in `run`, `until` and the methods of clients that wait, and it passes at once: a minute
    takes as long as the model's own work in it. What the model computes takes no virtual time, unless it calls
    `work`; what it hands to `asyncio.to_thread`, or awaits from a socket or a pipe, is waited for, and takes as long as
    it does. A thread of its own is not waited for.

    What `run()` or a hook raises is raised by the harness call during which it happens. What a handler raises is the
    command's answer, as for a real client.

    Args:
        model: the class; or what `reactor run` takes: a folder with a reactor.yaml, a file.py, a module:Class.
        config: what `load` gets; beside a manifest, keys that replace those of its config file.
        config_path: what a `load` that takes a path gets; the manifest's where left out.
        limits: every bound of the runtime; the manifest's where left out.
        raise_faults: False leaves failures of `run()` and of hooks to be looked at, as clients see them.

    Raises:
        Exception: whatever `load` raises.
        ManifestError: there is nothing to be served at the path.

    Attributes:
        clock: the virtual clock.
    """

    __test__ = False  # no class of tests, whatever pytest is told to collect

    def __init__(
        self,
        model: type[ReactorModel] | str | Path,
        *,
        config: Mapping[str, Any] | None = None,
        config_path: Path | None = None,
        limits: Limits | None = None,
        raise_faults: bool = True,
    ) -> None:
        _refuse_running_loop()
        whole = Config(config)
        if isinstance(model, type):
            self._class = model
        else:
            manifest = read_manifest(str(model))
            self._class = import_model(manifest.target, manifest.root)
            whole = Config({**manifest.config, **whole})
            config_path, limits = config_path or manifest.config_path, limits or manifest.limits
        self.clock = VirtualClock()
        self._loop = VirtualLoop(self.clock)
        self._raise_faults = raise_faults
        self._seen_faults = 0
        self._started: list[asyncio.Task[None]] = []
        self._closed = False
        try:
            self._world = self._loop.run_until_complete(self._open(whole, config_path, limits))
        except BaseException:
            self._closed = True
            self._loop.finish()
            raise
        self._origin = self.clock.now()

    async def _open(self, config: Config, config_path: Path | None, limits: Limits | None) -> World:
        world = World(
            self._class,
            config=config,
            config_path=config_path,
            clock=self.clock,
            limits=limits,
            keep_bytes=KEEP_BYTES,
        )
        try:
            await world.load()
        except ModelError as error:
            await world.runtime.close("the model could not be loaded")
            raise (error.__cause__ or error) from None
        return world

    # -- what a test looks at

    @property
    def model(self) -> Any:
        """The model's instance."""
        return self._world.model

    @property
    def now(self) -> float:
        """Virtual seconds since the model had loaded."""
        return self.clock.now() - self._origin

    @property
    def state(self) -> str:
        """The session's state: ready, waiting, streaming, orphaned, …"""
        return str(self._world.runtime.state)

    @property
    def schema(self) -> dict[str, Any]:
        """The published schema, an OpenAPI document."""
        return self._world.runtime.schema

    @property
    def counts(self) -> dict[str, int]:
        """What the runtime has counted, by name: refusals, drops, failures."""
        return self._world.counts

    @property
    def faults(self) -> list[Fault]:
        """The newest failures of the model's code, those of handlers included, oldest first."""
        return list(self._world.runtime.faults)

    # -- what a test does

    def connect(self, *, paused: bool = False, wait: bool = True) -> Client:
        """Connect a client; a session is started if none runs.

        Args:
            paused: see a track only after `resume`, as newer clients do.
            wait: let time pass until `@connected` has ended. It takes none, unless the hook waits, or `run()` is in a
                step for a client that has left.

        Raises:
            TimeoutError: `@connected` has not ended within a virtual minute.
        """

        async def join() -> Client:
            connection = await self._world.connect(paused=paused)
            return Client(self, self._world, connection, self._origin)

        client = self.do(join())
        self.rest()
        try:
            self.until(lambda: client.admitted or not wait, _ADMITTED_SECONDS)
        except TimeoutError:
            raise TimeoutError(f"@connected has not ended within {_ADMITTED_SECONDS:g} s") from None
        return client

    def run(self, seconds: float) -> None:
        """Let so much virtual time pass."""
        self.do(asyncio.sleep(seconds))

    def until(self, condition: Callable[[], Any], within: float = 10.0) -> None:
        """Let time pass until `condition()` is true; it is asked every 5 virtual ms.

        Raises:
            TimeoutError: it is still not true after `within` virtual seconds.
        """
        end = self.clock.now() + within
        while not condition():
            if self.clock.now() >= end:
                raise TimeoutError(f"the condition did not come true within {within:g} s")
            self.run(_LOOK_SECONDS)

    def stop_session(self, reason: str = "") -> None:
        """End the session: every client is told `reason`, and the model's hooks run."""
        self.do(self._world.runtime.stop_session(reason))
        self.rest()

    def close(self) -> None:
        """End the session and the model. May be called more than once.

        Raises:
            Exception: what `run()` or a hook raised since the last call, the closing ones included.
        """
        if self._closed:
            return
        self._closed = True
        try:
            self._loop.run_until_complete(self._world.runtime.close("the test is over"))
            self._raise_new_faults()
        finally:
            self._loop.finish()

    def __enter__(self) -> Harness:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except Exception as failure:
            if error is None:
                raise
            error.add_note(f"besides, the model failed: {type(failure).__name__}: {failure}")

    # -- for the clients

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the model's loop to its end, letting time pass as needed."""
        if self._closed:
            work.close()
            raise RuntimeError("this harness is closed: the model has ended")
        _refuse_running_loop(work)
        result = self._loop.run_until_complete(work)
        self._raise_new_faults()
        for task in [task for task in self._started if task.done()]:
            self._started.remove(task)
            task.result()
        return result

    def rest(self) -> None:
        """Let all happen that can at this instant, without letting time pass."""
        self.do(self._loop.rest())

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine on the model's loop while time passes; what it raises, the next call raises."""
        self._started.append(self._loop.create_task(work))

    def _raise_new_faults(self) -> None:
        if not self._raise_faults:
            return
        for fault in self._world.runtime.faults:
            stopped = isinstance(fault.error, KeyboardInterrupt)  # the one who tests, wherever it was
            if fault.number > self._seen_faults and (stopped or not fault.answered):
                self._seen_faults = fault.number
                fault.error.add_note(f"in {fault.where} of {self._class.__name__}, {fault.at - self._origin:.3f} s in")
                raise fault.error


def work(seconds: float) -> None:
    """Stand in for work that blocks for so long: under a harness virtual time passes, elsewhere the thread sleeps.

    For the stand-ins of pipelines, so that a test sees how a slow model is paced.
    """
    try:
        loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    if isinstance(loop, VirtualLoop):
        loop.clock.advance(seconds)
    else:
        time.sleep(seconds)


def _refuse_running_loop(work: Coroutine[Any, Any, Any] | None = None) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    if work is not None:
        work.close()
    raise RuntimeError("a Harness brings its own event loop: use it in a plain `def`, not in an `async def`")
