"""The life of a serving process: import, listen, load, serve, drain, end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import uvicorn

from ..counters import Counters
from ..engine.runtime import Runtime
from ..errors import ReactorError
from ..interface.model import ReactorModel
from ..interface.tracks import tracks_of
from ..manifest import Manifest, Override, import_model
from ..media.hardware import choose
from ..server import Access, create_app, http_protocol
from ..transport.webrtc import IceSettings, Peers
from .announcement import announce, page_url
from .browser import open_page
from .crash import tell_where_it_crashes
from .ending import FAILED, Ending
from .listener import Listener, listen_error
from .loading import load_model
from .logs import session_filter
from .mending import StandIn, mended, source_watch, stand_in
from .recordings import Recordings
from .reload import Reloader
from .restart import start_anew
from .signals import INTERRUPTED, StopSignals, exit_now
from .telemetry import trace

if TYPE_CHECKING:
    from ..replay import Tracer

logger = logging.getLogger("reactor.process")

__all__ = ["INTERRUPTED", "Options", "Watched", "run_model"]

_RESTART = -1
"""Not an exit status: the process is to start from scratch."""

_HANG_UP_SECONDS = 1
"""How long requests under way may take once the session is over."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line adds to the manifest.

    Attributes:
        ice: the way to clients, of both.
        grace: how long a stop by SIGTERM may take, in seconds; `Limits.stop_grace` where it is None.
        anew: the process took the place of one that ran before.
    """

    ice: IceSettings = field(default_factory=IceSettings)
    verbose: bool = False
    record: Path | None = None
    reload: Watched | None = None
    trace: Path | None = None
    open: bool = False
    anew: bool = False
    grace: float | None = None
    access: Access = field(default_factory=Access)


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
        ModelError: the model could not be imported, and nobody waits for new code.
        ManifestError: there is no such model, likewise; or the media engine does not take an ICE server.
        DeclarationError: the model's tracks cannot work, likewise.
        ListenError: another process took the port meanwhile.
    """
    tell_where_it_crashes()
    signals = StopSignals(manifest.limits.stop_grace if options.grace is None else options.grace)
    began = time.time_ns()
    if options.reload is not None:
        sys.dont_write_bytecode = True  # its date has whole seconds: two saves within one would look alike
    try:
        model = import_model(manifest.target, manifest.root)
        tracks_of(model)
    except ReactorError as error:
        if options.reload is None:
            raise
        model = stand_in(manifest.target, error)
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
    ending = Ending(runtime)
    signals.stuck = ending.stuck
    tracer: Tracer | None = None
    if options.trace is not None:
        from ..replay import Tracer  # here: few servers write one

        outputs = [track.name for track in runtime.tracks if track.direction == "out"]
        runtime.witness = tracer = Tracer(
            options.trace, outputs, clock=runtime.clock, limits=runtime.limits, counters=counters
        )
    # Looked at once: it may end meanwhile, on another thread than the one that logs.
    session_filter.session_id = lambda: session.id if (session := runtime.session) else None
    end_traces = trace(runtime)
    peers = Peers(
        runtime,
        runtime.tracks,
        encoders=choose(manifest.encoder),
        clock=runtime.clock,
        limits=runtime.limits,
        counters=counters,
        ice=options.ice,
    )
    runtime.add_transport(peers)
    recordings = Recordings(runtime, manifest.recording, options.record)
    server = _Server(
        uvicorn.Config(
            create_app(runtime, peers, shelf=recordings.shelf, access=options.access),
            http=http_protocol(manifest.limits, counters),
            log_config=None,
            access_log=options.verbose,
            lifespan="off",
            ws="none",  # there is no route that speaks it; to look for a library would import one
            server_header=False,
            timeout_graceful_shutdown=_HANG_UP_SECONDS,
        )
    )
    reloader: Reloader | None = None
    until_mended: Callable[[], Awaitable[None]] | None = None
    if (watched := options.reload) is not None:
        if issubclass(model, StandIn):
            watch = source_watch(manifest, model.failure, began)
        else:
            reloader = Reloader(runtime, manifest, watched.path, watched.overrides, began=began)
            watch = reloader.watch
        until_mended = partial(mended, watch, watched.path, watched.overrides)
    serving = asyncio.create_task(server.serve(sockets=[listener.socket]), name="http server")
    opening: asyncio.Task[None] | None = None
    status = FAILED
    try:
        await _accepting(server, serving, listener)
        announce(listener, options.access, anew=options.anew)
        if options.open and not options.anew:
            opening = asyncio.create_task(open_page(page_url(listener) + options.access.base), name="open the browser")
        page = page_url(listener) + options.access.told_base
        if options.reload is None:
            # What is imported stays. With a large library, Python's full collection would walk over it for a tenth of
            # a second, in which no thread goes on; what load() makes is not among it, as a model may replace that.
            gc.freeze()
        work = _work(runtime, page, reloader, until_mended, verbose=options.verbose)
        status = await _until_over(runtime, work, stopping, serving, signals)
    finally:
        if opening is not None:
            opening.cancel()
        anew = partial(start_anew, listener.url) if status == _RESTART else None
        stopped = await ending.run(peers, recordings, server, serving, signals.grace, anew)
        if tracer is not None and not await asyncio.to_thread(tracer.close, signals.grace / 2):
            logger.warning("the trace is not written to its end: the disk or the encoder takes too long")
        end_traces()
    where = f" ({runtime.holdup})" if runtime.holdup else ""
    stuck = "" if stopped else f"the model is in a step that does not end{where}; ending without it"
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


async def _until_over(
    runtime: Runtime,
    work: Coroutine[Any, Any, int],
    stopping: asyncio.Event,
    serving: asyncio.Task[None],
    signals: StopSignals,
) -> int:
    """Work until that is over, or something else ends it; returns the exit status, or `_RESTART`."""
    stop = asyncio.create_task(stopping.wait(), name="stop signal")
    working = asyncio.create_task(work, name="load and serve")
    try:
        ends: set[asyncio.Future[Any]] = {stop, working, serving, runtime.fatal}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if stop.done():
            logger.info("stopping; press Ctrl-C again to stop at once" if signals.interrupted else "stopping")
            return INTERRUPTED
        if working.done():
            return working.result()
        if runtime.fatal.done():
            click.echo(f"reactor: the model keeps failing: {runtime.fatal.result()}", err=True)
        else:
            logger.error("the HTTP server ended", exc_info=serving.exception())
        return FAILED
    finally:
        for task in (stop, working):
            task.cancel()
        await asyncio.gather(stop, working, return_exceptions=True)


async def _work(
    runtime: Runtime,
    page: str,
    reloader: Reloader | None,
    until_mended: Callable[[], Awaitable[None]] | None,
    *,
    verbose: bool,
) -> int:
    """Load the model, and let it serve; returns where the process is to end, or to start from scratch."""
    if not await load_model(runtime, page, verbose=verbose):
        if until_mended is None:
            return FAILED
        await until_mended()
    elif reloader is None:
        await asyncio.Event().wait()
    else:
        await reloader.run()
    return _RESTART
