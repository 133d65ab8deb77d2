"""The life of a serving process: import, listen, load, serve, drain, end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import click
import uvicorn

from ..checks import advice
from ..counters import Counters
from ..engine.runtime import Runtime
from ..engine.state import State
from ..errors import ModelError
from ..interface.model import ReactorModel
from ..manifest import Manifest, Override, import_model
from ..replay import Tracer
from ..server import create_app
from ..transport.webrtc import IceServer, IceSettings, Peers
from .failures import report_load
from .listener import Listener, listen_error
from .logs import session_filter
from .progress import show_progress
from .recordings import Recordings
from .reload import Reloader
from .restart import start_anew
from .signals import INTERRUPT_GRACE, INTERRUPTED, Deadline, StopSignals, exit_now

logger = logging.getLogger("reactor.process")

__all__ = ["INTERRUPTED", "Options", "Watched", "run_model"]

_RESTART = -1
"""Not an exit status: the process is to start from scratch."""

_FAILED = 1
_REASON = "server is shutting down"
_HANG_UP_SECONDS = 1
"""How long requests under way may take once the session is over."""
_LOADING_GRACE = 0.2
"""How long a stop waits for `load()`: it has nothing to tidy up, and cannot be told to hurry."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line adds to the manifest."""

    ice_servers: tuple[IceServer, ...] = ()
    verbose: bool = False
    record: Path | None = None
    reload: Watched | None = None
    trace: Path | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """What `--reload` reads again: the manifest's path and the overrides, as they were given."""

    path: str
    overrides: tuple[Override, ...]


class _Server(uvicorn.Server):
    """Leaves the signals alone, and says when it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepting = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.accepting.set()


def run_model(manifest: Manifest, listener: Listener, options: Options) -> int:
    """Serve until told to stop.

    Returns:
        The exit status. Where the model's thread cannot be stopped, the process ends in here with that status.

    Raises:
        ModelError: the model could not be imported.
        ManifestError: there is no such model, or the media engine does not take an ICE server.
        ListenError: another process took the port meanwhile.
    """
    signals = StopSignals(manifest.limits.close_grace + 1)
    began = time.time_ns()
    if options.reload is not None:
        sys.dont_write_bytecode = True  # its date has whole seconds: two saves within one would look alike
    model = import_model(manifest.target, manifest.root)
    return asyncio.run(_serve(model, manifest, listener, options, signals, began))


async def _serve(
    model: type[ReactorModel],
    manifest: Manifest,
    listener: Listener,
    options: Options,
    signals: StopSignals,
    began: int,
) -> int:
    stopping = asyncio.Event()
    signals.attach(stopping)
    counters = Counters()
    runtime = Runtime(
        model,
        name=manifest.name_for(model),
        config=manifest.config,
        config_path=manifest.config_path,
        limits=manifest.limits,
        counters=counters,
    )
    tracer: Tracer | None = None
    if options.trace is not None:
        outputs = [track.name for track in runtime.tracks if track.direction == "out"]
        runtime.witness = tracer = Tracer(
            options.trace, outputs, clock=runtime.clock, limits=runtime.limits, counters=counters
        )
    session_filter.session_id = lambda: runtime.session.id if runtime.session else None
    ice = IceSettings(servers=(*manifest.ice_servers, *options.ice_servers))
    peers = Peers(runtime, runtime.tracks, clock=runtime.clock, limits=runtime.limits, counters=counters, ice=ice)
    runtime.add_transport(peers)
    recordings = Recordings(runtime, manifest.recording, options.record)
    server = _Server(
        uvicorn.Config(
            create_app(runtime, peers, shelf=recordings.shelf),
            log_config=None,
            access_log=options.verbose,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=_HANG_UP_SECONDS,
        )
    )
    reloader: Reloader | None = None
    if options.reload is not None:
        reloader = Reloader(runtime, manifest, options.reload.path, options.reload.overrides, began=began)
    serving = asyncio.create_task(server.serve(sockets=[listener.socket]), name="http server")
    status = _FAILED
    try:
        await _accepting(server, serving, listener)
        _announce(listener)
        status = await _until_over(runtime, listener.url, reloader, stopping, serving, signals)
    finally:
        anew = partial(start_anew, listener.url) if status == _RESTART else None
        stopped = await _end(runtime, peers, recordings, server, serving, signals.grace, anew)
        if tracer is not None and not await asyncio.to_thread(tracer.close, signals.grace / 2):
            logger.warning("the trace is not written to its end: the disk or the encoder takes too long")
    stuck = "" if stopped else "the model is in a step that does not end; ending without it"
    if status == _RESTART and not stopping.is_set():
        start_anew(listener.url, stuck)
    status = INTERRUPTED if status == _RESTART else status
    if stuck:
        exit_now(status, stuck)
    return status


async def _accepting(server: _Server, serving: asyncio.Task[None], listener: Listener) -> None:
    """Wait until it listens.

    Raises:
        ListenError: it cannot.
    """
    accepting = asyncio.create_task(server.accepting.wait())
    await asyncio.wait({accepting, serving}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        accepting.cancel()
        error = serving.exception()
        if isinstance(error, OSError):
            host, port = listener.socket.getsockname()[:2]
            raise listen_error(error, host, port) from error
        raise error or RuntimeError("the HTTP server ended before it began")


def _announce(listener: Listener) -> None:
    click.echo(f"listening on {listener.url}")
    if not listener.loopback:
        logger.warning("anyone who can reach %s can use the model: there is no token, and no encryption", listener.url)


async def _until_over(
    runtime: Runtime,
    url: str,
    reloader: Reloader | None,
    stopping: asyncio.Event,
    serving: asyncio.Task[None],
    signals: StopSignals,
) -> int:
    """Load, serve, and return the exit status once that is over, or `_RESTART`."""
    stop = asyncio.create_task(stopping.wait(), name="stop signal")
    loading = asyncio.create_task(_load(runtime, url), name="load")
    ends: set[asyncio.Future[Any]] = {stop, serving, runtime.fatal}
    watching: asyncio.Task[None] | None = None
    try:
        await asyncio.wait({loading, *ends}, return_when=asyncio.FIRST_COMPLETED)
        if loading.done():
            loading.result()
            if reloader is not None:
                watching = asyncio.create_task(reloader.run(), name="reload")
                ends.add(watching)
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if stop.done():
            logger.info("stopping; press Ctrl-C again to stop at once" if signals.interrupted else "stopping")
            return INTERRUPTED
        if watching is not None and watching.done():
            watching.result()
            return _RESTART
        if runtime.fatal.done():
            click.echo(f"reactor: the model keeps failing: {runtime.fatal.result()}", err=True)
        else:
            logger.error("the HTTP server ended", exc_info=serving.exception())
        return _FAILED
    except ModelError as error:
        report_load(error, runtime.name, runtime.model)
        return _FAILED
    finally:
        helpers = [task for task in (stop, loading, watching) if task is not None]
        for task in helpers:
            task.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)


async def _load(runtime: Runtime, url: str) -> None:
    started = runtime.clock.now()
    logger.info("loading %s", runtime.name)
    runtime.start()
    progress = asyncio.create_task(show_progress(runtime.name, runtime.clock), name="progress")
    try:
        await runtime.loaded()
    finally:
        progress.cancel()
        await asyncio.gather(progress, return_exceptions=True)
    if problem := advice(runtime.model, runtime.tracks):
        logger.warning("%s", problem)
    logger.info("%s is ready: open %s (loaded in %.1f s)", runtime.name, url, runtime.clock.now() - started)


async def _end(
    runtime: Runtime,
    peers: Peers,
    recordings: Recordings,
    server: _Server,
    serving: asyncio.Task[None],
    grace: float,
    anew: Callable[[str], NoReturn] | None,
) -> bool:
    """Tell the clients, then close everything, within the grace of the signal that asked for it, or by `anew` after
    it; returns whether the model's thread has ended."""
    grace = grace if anew is None else min(grace, INTERRUPT_GRACE)
    Deadline(grace, _FAILED if runtime.fatal.done() or not runtime.healthy else INTERRUPTED, anew)
    peers.expect_end()
    stopped = await runtime.close(_REASON, timeout=_LOADING_GRACE if runtime.state is State.LOADING else grace / 2)
    await peers.close()
    await recordings.close()
    server.should_exit = True
    await asyncio.gather(serving, return_exceptions=True)
    return stopped
