"""What can be told of a model without loading it: manifest, import, class, handlers, config, code, a dry emit."""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from ..errors import ManifestError, ReactorError
from ..interface.messages import wire_name
from ..interface.model import ReactorModel, handlers_of
from ..interface.schema import message_classes, openapi
from ..interface.tracks import TrackInfo, tracks_of
from ..manifest import Manifest, Override, import_model, read_manifest
from ..manifest.overrides import PREFIX
from .advice import advice
from .code import check_code
from .config_keys import check_config
from .dry_emit import dry_emit
from .findings import Finding, error, ok
from .state_fields import check_state_fields


class StaticCheck:
    """The checks of what `reactor run PATH` would serve.

    Args:
        path, overrides: as `read_manifest` takes them.

    Attributes:
        manifest, model: what was checked; None where it could not be had.
    """

    def __init__(self, path: str, overrides: Iterable[Override] = ()) -> None:
        self.manifest: Manifest | None = None
        self.model: type[ReactorModel] | None = None
        self._path = path
        self._overrides = list(overrides)

    def findings(self) -> Iterator[Finding]:
        """Check, and yield each finding as it is made."""
        with _said("reactor.manifest") as said:
            try:
                manifest = self.manifest = read_manifest(self._path, self._overrides)
            except ManifestError as problem:
                yield error("manifest", str(problem))
                return
        # of a key that only the command line has, what counts is whether load() reads it
        yield from (error("manifest", text) for text in said if not text.startswith(PREFIX))
        yield ok("manifest", f"{manifest.file.name}: {manifest.target}" if manifest.file else manifest.target)
        began = time.perf_counter()
        try:
            model = self.model = import_model(manifest.target, manifest.root)
        except ReactorError as problem:
            yield error("import", str(problem))
            return
        yield ok("import", f"{model.__module__}.{model.__name__} in {time.perf_counter() - began:.2f} s")
        try:
            tracks = tracks_of(model)
            openapi(model, manifest.name_for(model))
        except ReactorError as problem:
            yield error("class", str(problem))
            return
        yield from _class(model, tracks)
        yield from check_config(model, manifest)
        yield from check_code(model)
        yield from check_state_fields(model)
        yield from dry_emit(model)


@contextmanager
def _said(logger: str) -> Iterator[list[str]]:
    """The warnings that a logger is given meanwhile, in place of the log."""
    texts: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING:
                texts.append(record.getMessage())

    listener, source = Listener(), logging.getLogger(logger)
    propagates, source.propagate = source.propagate, False
    source.addHandler(listener)
    try:
        yield texts
    finally:
        source.removeHandler(listener)
        source.propagate = propagates


def _class(model: type[ReactorModel], tracks: Sequence[TrackInfo]) -> Iterator[Finding]:
    table = handlers_of(model)
    problem = advice(model, tracks)
    if problem is not None:
        yield error("class", problem)
    if tracks:
        yield ok("tracks", ", ".join(f"{track.name} ({track.kind} {track.direction})" for track in tracks))
    for what, names in (
        ("commands", list(table.commands)),
        ("hooks", [f"@{kind}" for kind in table.hooks]),
        ("messages", [wire_name(cls) for cls in message_classes(model)]),
    ):
        yield ok(what, ", ".join(names) or "none")
    if hasattr(model, "run") and not inspect.iscoroutinefunction(model.run):
        yield error("class", f"{model.__name__}.run is no coroutine function; write `async def run(self)`")
